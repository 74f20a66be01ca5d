package panel

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// maxPeople is how many people of a name a search is about.
const maxPeople = 20

// sought is what somebody may mean who looks for a text.
type sought struct {
	numbers []int64 // of tickets
	owners  []int64
	vins    []string // whole, or their last characters
}

// sought reads what is looked for: a VIN or its last six characters, the number of
// a ticket, the number of an owner, a @username, the beginning of a name. Digits
// may be several of these.
func (v *visit) sought(text string) (s sought, err error) {
	if name, at := strings.CutPrefix(text, "@"); at {
		person, err := v.People.ByUsername(v.ctx(), name)
		if ticket.IsNotFound(err) {
			return s, nil
		}
		s.owners = append(s.owners, person.ID)
		return s, err
	}
	if number, marked := strings.CutPrefix(strings.Replace(text, "№", "#", 1), "#"); marked {
		if id, ok := theirNumber(strings.TrimSpace(number)); ok {
			s.numbers = append(s.numbers, id)
		}
		return s, nil
	}
	if id, ok := theirNumber(strings.TrimPrefix(text, "id")); ok {
		if s.owners = append(s.owners, id); !strings.HasPrefix(text, "id") {
			s.numbers = append(s.numbers, id)
		}
	}
	car, _ := vin.Normalize(text)
	switch {
	case len(car) == vin.Length:
		s.vins = append(s.vins, car)
	case len(car) == ticket.TailLength && utf8.RuneCountInString(text) == ticket.TailLength:
		s.vins = append(s.vins, car)
	}
	if strings.ContainsFunc(text, unicode.IsLetter) && len(car) != vin.Length {
		people, err := v.Owners.Named(v.ctx(), text, account.NamePlace{}, maxPeople)
		if err != nil {
			return s, err
		}
		for _, p := range people {
			s.owners = append(s.owners, p.ID)
		}
	}
	return s, nil
}

// search lists what a text may mean, the newest first.
func (v *visit) search(by ticket.Selection, text string) ([]ticket.Ticket, error) {
	s, err := v.sought(text)
	if err != nil {
		return nil, err
	}
	var found []ticket.Ticket
	for _, id := range s.numbers {
		t, err := v.Store.Ticket(v.ctx(), id)
		switch {
		case ticket.IsNotFound(err):
			continue
		case err != nil:
			return nil, err
		case t.ID < by.Before && chosenBy(by, t):
			found = append(found, t)
		}
	}
	add := func(by ticket.Selection) error {
		some, err := v.Store.Select(v.ctx(), by)
		found = append(found, some...)
		return err
	}
	for _, car := range s.vins {
		by := by
		if by.VIN = car; err == nil {
			err = add(by)
		}
	}
	for _, owner := range s.owners {
		by := by
		if by.Owner = owner; err == nil {
			err = add(by)
		}
	}
	slices.SortFunc(found, func(a, b ticket.Ticket) int { return cmp.Compare(b.ID, a.ID) })
	found = slices.CompactFunc(found, func(a, b ticket.Ticket) bool { return a.ID == b.ID })
	return found[:min(len(found), by.Limit)], err
}

// chosenBy reports whether a ticket belongs to a selection.
func chosenBy(by ticket.Selection, t ticket.Ticket) bool {
	return (len(by.Statuses) == 0 || slices.Contains(by.Statuses, t.Status)) &&
		(by.Priority == "" || by.Priority == t.Priority) &&
		(by.Assignee == 0 || by.Assignee == t.AssigneeID && t.AssigneeName != "")
}
