package panel

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// holder is who has a ticket, as may be said; empty where nobody has it.
func (v *visit) holder(t ticket.Ticket) (string, error) {
	switch {
	case t.AssigneeID == 0:
		return "", nil
	case t.AssigneeID == v.session.User:
		return v.pages.text(v.lang, "who.you")
	case t.AssigneeName != "":
		return t.AssigneeName, nil
	case t.AssigneeID < 0:
		return v.pages.text(v.lang, "who.program", "Number", -t.AssigneeID)
	}
	return v.pages.text(v.lang, "who.hidden")
}

// doer is who did something to a ticket, as may be said. Whoever is not known to
// act under their name may be an admin who hides. Known are those who sent reports
// under theirs.
func (v *visit) doer(t ticket.Ticket, actor int64, known map[int64]string) (string, error) {
	switch {
	case actor == 0:
		return v.pages.text(v.lang, "who.bot")
	case actor == v.session.User:
		return v.pages.text(v.lang, "who.you")
	case actor < 0:
		return v.pages.text(v.lang, "who.program", "Number", -actor)
	case actor == t.OwnerID:
		return v.pages.text(v.lang, "who.owner")
	case t.Shows(actor):
		return t.AssigneeName, nil
	case known[actor] != "":
		return known[actor], nil
	}
	return v.pages.text(v.lang, "who.manager")
}

// ownerOf names a ticket's owner: by name, by number, or as none.
func (v *visit) ownerOf(t ticket.Ticket, met map[int64]account.User) (account.User, error) {
	if t.OwnerID == 0 {
		return account.User{}, nil
	}
	if known, ok := met[t.OwnerID]; ok {
		return known, nil
	}
	person, err := v.personOf(t.OwnerID)
	if err == nil && met != nil {
		met[t.OwnerID] = person
	}
	return person, err
}

// seenLately is for how long who was in a group counts as a colleague.
const seenLately = 24 * time.Hour

// colleagues are those whom a ticket may be given to: who was lately in the
// groups or has tickets under their name, and whoever asks.
func (v *visit) colleagues() ([]account.User, error) {
	found, err := v.Store.Holders(v.ctx())
	if err != nil {
		return nil, err
	}
	inside, err := v.Store.Colleagues(v.ctx(), v.Clock().Add(-seenLately))
	if err != nil {
		return nil, err
	}
	found = append(found, inside...)
	found = append(found, v.person)
	found = slices.DeleteFunc(found, func(u account.User) bool { return !v.Access.MayAct(u.ID) })
	slices.SortFunc(found, func(a, b account.User) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	seen := map[int64]bool{}
	return slices.DeleteFunc(found, func(u account.User) bool {
		again := seen[u.ID]
		seen[u.ID] = true
		return again
	}), nil
}

// theirNumber is somebody whom a form names by id.
func theirNumber(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0
}
