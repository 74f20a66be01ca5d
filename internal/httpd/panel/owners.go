package panel

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// ownerPage is how many owners, or tickets of one, a page shows.
const ownerPage = 50

func (p *Panel) ownerRoutes() []route {
	return []route{
		{"GET", "/owners", managers, (*visit).showOwners},
		{"GET", "/owners/{owner}", managers, (*visit).showOwner},
		{"POST", "/owners/{owner}/ban", managers, (*visit).banOwner}, // who of them may is looked at there
		{"POST", "/owners/{owner}/unban", managers, (*visit).unbanOwner},
		{"GET", "/owners/{owner}/erase", admins, (*visit).askErase},
		{"POST", "/owners/{owner}/erase", admins, (*visit).eraseOwner},
	}
}

// ownerLine is an owner in a list.
type ownerLine struct {
	account.User

	Shown string // what they are called
	Last  account.Asker
}

// ownerList is what the page of owners shows.
type ownerList struct {
	Asked string // what was looked for
	// Address is the page's own, where it is fetched anew.
	Address string
	Lines   []ownerLine
	Next    string // the address of the next page; empty on the last one
}

// showOwners lists owners: who asked last, or who is looked for.
func (v *visit) showOwners() error {
	asked := strings.TrimSpace(v.r.URL.Query().Get("q"))
	list := ownerList{Asked: asked, Address: v.back()}
	var err error
	if asked == "" {
		err = v.lastAskers(&list)
	} else {
		err = v.lookFor(&list)
	}
	if err != nil {
		return err
	}
	if v.partial() {
		return v.part("owners.list", list)
	}
	return v.show("owners", "owners.title", list)
}

// lastAskers lists who asked last.
func (v *visit) lastAskers(list *ownerList) error {
	before, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64) // what is no number is the first page
	found, err := v.Owners.Askers(v.ctx(), before, ownerPage+1)
	if err != nil {
		return err
	}
	if len(found) > ownerPage {
		found = found[:ownerPage]
		list.Next = "/owners?before=" + number(found[ownerPage-1].Ticket)
	}
	ids := make([]int64, len(found))
	for i, a := range found {
		ids[i] = a.Owner
	}
	if list.Lines, err = v.ownerLines(ids); err != nil {
		return err
	}
	for i, a := range found {
		list.Lines[i].Last = a
	}
	return nil
}

// ownerLines shows people in the order of their ids. One who is not known by
// name all the same may have tickets.
func (v *visit) ownerLines(ids []int64) ([]ownerLine, error) {
	known, err := v.Owners.Users(v.ctx(), ids)
	if err != nil {
		return nil, err
	}
	lines := make([]ownerLine, len(ids))
	for i, id := range ids {
		person, ok := known[id]
		if !ok {
			person.ID = id
		}
		lines[i] = ownerLine{User: person, Shown: nameOf(person)}
	}
	return lines, nil
}

// lookFor finds people by what was asked: a number, a VIN or the end of one, a
// name behind an @, or what a name begins with.
func (v *visit) lookFor(list *ownerList) error {
	name, after := list.Asked, account.NamePlace{}
	if v.r.URL.Query().Has("after") { // a further page of names
		after.Name = v.r.URL.Query().Get("after")
		after.ID, _ = strconv.ParseInt(v.r.URL.Query().Get("id"), 10, 64) // what is no number is the first of that name
	} else {
		ids, err := v.ownersOf(name)
		if err != nil {
			return err
		}
		if list.Lines, err = v.ownerLines(ids); err != nil {
			return err
		}
	}
	if account.FoldName(name) == "" || strings.HasPrefix(name, "@") {
		return nil
	}
	found, err := v.Owners.Named(v.ctx(), name, after, ownerPage+1)
	if err != nil {
		return err
	}
	if len(found) > ownerPage {
		found = found[:ownerPage]
		last := found[ownerPage-1].Place
		list.Next = "/owners?" + url.Values{"q": {name}, "after": {last.Name}, "id": {number(last.ID)}}.Encode()
	}
	for _, n := range found {
		list.Lines = append(list.Lines, ownerLine{User: n.User, Shown: nameOf(n.User)})
	}
	return nil
}

// ownersOf gives the owners whom a number, a VIN or a name behind an @ names.
func (v *visit) ownersOf(asked string) (ids []int64, err error) {
	add := func(id int64) {
		for _, known := range ids {
			if known == id {
				return
			}
		}
		if id != 0 {
			ids = append(ids, id)
		}
	}
	if id, err := strconv.ParseInt(asked, 10, 64); err == nil && id > 0 {
		if _, found, err := v.owner(id); err != nil {
			return nil, err
		} else if found {
			add(id)
		}
	}
	switch person, err := v.People.ByUsername(v.ctx(), strings.TrimPrefix(asked, "@")); {
	case err == nil:
		add(person.ID)
	case !ticket.IsNotFound(err):
		return nil, err
	}
	number, _ := vin.Normalize(asked)
	if len(number) != ticket.TailLength && len(number) != len(ticket.ErasedVIN) {
		return ids, nil
	}
	found, err := v.Store.Find(v.ctx(), number, ownerPage)
	for _, k := range found {
		add(k.OwnerID)
	}
	return ids, err
}

// owner finds an owner: somebody whom the bot knows, or whose tickets it has.
func (v *visit) owner(id int64) (person account.User, found bool, err error) {
	person, err = v.People.User(v.ctx(), id)
	if err == nil || !ticket.IsNotFound(err) {
		return person, err == nil, err
	}
	served, err := v.Owners.Served(v.ctx(), id)
	return account.User{ID: id}, served.Tickets > 0, err
}

// theOwner is the one in the path, or a refusal.
func (v *visit) theOwner() (account.User, error) {
	id, err := v.number("owner")
	if err != nil {
		return account.User{}, err
	}
	person, found, err := v.owner(id)
	if err == nil && !found {
		err = v.refuse(http.StatusNotFound, "owners.unknown")
	}
	return person, err
}

// ownerCard is what the page of an owner shows.
type ownerCard struct {
	account.User

	Shown   string
	Served  account.Served
	Average string // of the ratings
	Tickets []ratedTicket
	Next    int64 // the number that the tickets of the next page are below
	Ban     *account.Ban
	BanBy   string
	MayBan  bool
	Erase   bool // the reader may have them erased
	Address string
}

// ratedTicket is a ticket with what its owner thought of it.
type ratedTicket struct {
	ticket.Ticket

	Stars int
}

// showOwner shows an owner with their tickets.
func (v *visit) showOwner() error {
	person, err := v.theOwner()
	if err != nil {
		return err
	}
	card := ownerCard{User: person, Shown: nameOf(person), MayBan: v.mayBan(person.ID), Erase: v.role >= account.Admin, Address: v.back()}
	if card.Served, err = v.Owners.Served(v.ctx(), person.ID); err != nil {
		return err
	}
	if card.Served.Ratings > 0 {
		card.Average = strconv.FormatFloat(float64(card.Served.Stars)/float64(card.Served.Ratings), 'f', 1, 64)
	}
	if err := v.ownTickets(&card); err != nil {
		return err
	}
	if err := v.ownBan(&card); err != nil {
		return err
	}
	if v.partial() { // of which the browser takes what it wants
		return v.part("owners.card", card)
	}
	return v.show("owners.card", "owners.card.title", card)
}

// ownTickets adds a page of the owner's tickets.
func (v *visit) ownTickets(card *ownerCard) error {
	before, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64) // what is no number is the first page
	found, err := v.Store.Select(v.ctx(), ticket.Selection{Owner: card.ID, Before: before, Limit: ownerPage + 1})
	if err != nil {
		return err
	}
	if len(found) > ownerPage {
		found = found[:ownerPage]
		card.Next = found[ownerPage-1].ID
	}
	ids := make([]int64, len(found))
	for i, k := range found {
		ids[i] = k.ID
	}
	stars, err := v.Owners.Stars(v.ctx(), ids)
	for _, k := range found {
		card.Tickets = append(card.Tickets, ratedTicket{k, stars[k.ID]})
	}
	return err
}

// ownBan adds whether the owner is banned.
func (v *visit) ownBan(card *ownerCard) (err error) {
	if card.Ban, err = v.banOf(card.ID); err != nil || card.Ban == nil {
		return err
	}
	names, err := v.names(card.Ban.By)
	card.BanBy = names[card.Ban.By]
	return err
}

// banOf is an owner's ban; nil for none.
func (v *visit) banOf(owner int64) (*account.Ban, error) {
	ban, err := v.Bans.Banned(v.ctx(), owner)
	if ticket.IsNotFound(err) {
		return nil, nil //nolint:nilnil // none
	}
	return &ban, err
}

// mayBan reports whether the reader may ban somebody: the rule of the command in
// the group, by which nobody of the team can be.
func (v *visit) mayBan(owner int64) bool {
	return v.Roles.MayBan(v.session.User) && owner != v.session.User && !v.Roles.Named(owner)
}

// longestReason is how many letters a ban's reason may have.
const longestReason = 500

// banOwner bans an owner, or changes the reason, as /ban does.
func (v *visit) banOwner() error {
	person, err := v.theOwner()
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(v.r.PostFormValue("reason"))
	switch {
	case !v.Roles.MayBan(v.session.User):
		return v.refuse(http.StatusForbidden, "error.forbidden")
	case !v.mayBan(person.ID):
		return v.refuse(http.StatusUnprocessableEntity, "owners.card.ban.team")
	case reason == "":
		return v.refuse(http.StatusUnprocessableEntity, "owners.card.ban.no_reason")
	case len([]rune(reason)) > longestReason:
		return v.refuse(http.StatusUnprocessableEntity, "owners.card.ban.long", "Most", longestReason)
	}
	told := "owners.card.ban.again"
	err = v.did(account.Deed{Action: "owner.ban", Person: person.ID}, func(ctx context.Context) error {
		fresh, err := v.Bans.Ban(ctx, person.ID, reason, v.session.User)
		if err != nil || !fresh {
			return err
		}
		told = "owners.card.ban.done"
		return v.Tickets.ShowOwner(ctx, person.ID)
	})
	if err != nil {
		return err
	}
	return v.done(ownerPath(person.ID), told, "Name", nameOf(person))
}

// unbanOwner lifts a ban, as /unban does.
func (v *visit) unbanOwner() error {
	person, err := v.theOwner()
	if err != nil {
		return err
	}
	if !v.Roles.MayBan(v.session.User) {
		return v.refuse(http.StatusForbidden, "error.forbidden")
	}
	err = v.did(account.Deed{Action: "owner.unban", Person: person.ID}, func(ctx context.Context) error {
		lifted, err := v.Bans.Unban(ctx, person.ID)
		if err == nil && !lifted {
			return v.refuse(http.StatusConflict, "owners.card.unban.none", "Name", nameOf(person))
		}
		if err != nil {
			return err
		}
		return v.Tickets.ShowOwner(ctx, person.ID)
	})
	if err != nil {
		return err
	}
	return v.done(ownerPath(person.ID), "owners.card.unban.done", "Name", nameOf(person))
}

func ownerPath(id int64) string { return "/owners/" + number(id) }

// askErase asks whether an owner is really to be erased.
func (v *visit) askErase() error {
	person, err := v.theOwner()
	if err != nil {
		return err
	}
	served, err := v.Owners.Served(v.ctx(), person.ID)
	if err != nil {
		return err
	}
	return v.show("owners.card.erase", "owners.card.erase.title", ownerCard{User: person, Shown: nameOf(person), Served: served})
}

// eraseOwner has an owner erased, as their own /delete_me would. The number that
// was typed shows that it was meant.
func (v *visit) eraseOwner() error {
	person, err := v.theOwner()
	if err != nil {
		return err
	}
	if strings.TrimSpace(v.r.PostFormValue("sure")) != number(person.ID) {
		return v.refuse(http.StatusUnprocessableEntity, "owners.card.erase.not_sure")
	}
	err = v.did(account.Deed{Action: "owner.erase", Person: person.ID}, func(ctx context.Context) error {
		return v.Forgetting.Confirm(ctx, ticket.Erasure{Owner: person.ID, Language: person.Language})
	})
	if err != nil {
		return err
	}
	return v.done("/owners", "owners.card.erase.done")
}
