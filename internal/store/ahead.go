package store

import (
	"slices"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// ahead is what a group knows before its units ask, as one question for all of
// them: as long as no statement runs that may change it.
type ahead struct {
	versions map[int64]int64 // of tickets that are locked
	banless  bool            // nobody was ever banned

	from    []int64 // whom the group's updates are from
	people  map[int64]person
	demands map[int64]ticket.Demand
	nth     int // which of their tickets the demands tell the time of
	open    map[demanded]struct{}
}

// person is somebody whose row is locked, where there is one.
type person struct {
	userRow

	folded string
}

// seen is what the row becomes, or the new one where there is none, as the database
// would have it (see newPeople).
func (p person) seen(u account.User, now time.Time) userRow {
	r := p.userRow
	if r.ID == 0 {
		r.ID, r.FirstSeen = u.ID, instant(now)
	}
	r.Name, r.Username, r.LastSeen = u.Name, u.Username, instant(now)
	if !r.Chosen && u.Language != "" {
		r.Language = u.Language
	}
	return r
}

// learn gives the questions that answer for all units of a group what each would
// ask: the versions of the tickets whose cards were posted, which are locked, in the
// bin or not; and of those whom updates are from who they are, locked, too, and how
// much they have asked for.
func (w *writer) learn(marks []mark) (steps []step) {
	var tickets []int64
	l := &w.late
	for _, m := range marks {
		if m.card != 0 {
			tickets = append(tickets, m.card)
		}
		if m.from != 0 {
			l.from = append(l.from, m.from)
		}
	}
	slices.Sort(l.from) // so do all processes, and none of them waits for another that waits for it
	slices.Sort(tickets)
	l.from, tickets = slices.Compact(l.from), slices.Compact(tickets)
	steps = l.learnVersions(tickets, w.dialect.hold())
	if len(l.from) == 0 {
		return steps
	}
	if w.dialect.far() && w.bans.key.Load() == nil {
		steps = append(steps, l.learnBans())
	}
	steps = append(steps, l.learnPeople(w.dialect.hold())...)
	steps = append(steps, w.numbering()...)
	if w.nth > 0 {
		steps = append(steps, l.learnDemands(w.nth)...)
	}
	return steps
}

func (l *late) learnVersions(tickets []int64, hold string) (steps []step) {
	l.versions = make(map[int64]int64, len(tickets))
	for ids := range portions(tickets) {
		in, values := within(ids)
		steps = append(steps, sqlf(`SELECT id, version FROM tickets WHERE id`+in+` ORDER BY id`+hold, values...).
			reading("read the versions of tickets", func(scan func(into ...any) error) error {
				var id, version int64
				err := scan(&id, &version)
				l.versions[id] = version
				return err
			}))
	}
	return steps
}

// learnBans looks whether anybody was ever banned.
func (l *late) learnBans() step {
	s := sqlf(keyOfBans, banKey).reading("find the key of the bans", func(func(into ...any) error) error { return nil })
	s.ended = func(found, _ int64) error {
		l.banless = found == 0
		return nil
	}
	return s
}

func (l *late) learnPeople(hold string) (steps []step) {
	l.people = make(map[int64]person, len(l.from))
	for ids := range portions(l.from) {
		in, values := within(ids)
		steps = append(steps, sqlf(`SELECT `+userColumns+`, folded FROM users WHERE id`+in+` ORDER BY id`+hold, values...).
			reading("find people", func(scan func(into ...any) error) error {
				var p person
				err := scan(append(p.columns(), &p.folded)...)
				l.people[p.ID] = p
				return err
			}))
	}
	return steps
}

func (l *late) learnDemands(nth int) (steps []step) {
	l.demands, l.nth = make(map[int64]ticket.Demand, len(l.from)), nth
	for some := range portions(l.from) {
		ids := padded(some)
		steps = append(steps, sqlf(`SELECT column1, `+demandOf("column1", nth)+`
			FROM (VALUES (CAST(? AS BIGINT))`+strings.Repeat(`, (?)`, len(ids)-1)+`) AS asked`, ids...).
			reading("count owners' tickets", func(scan func(into ...any) error) error {
				var owner int64
				var at instant
				var d ticket.Demand
				err := scan(&owner, &d.Open, &at)
				d.Nth = time.Time(at)
				l.demands[owner] = d
				return err
			}))
	}
	return steps
}

// version gives a ticket's version, if it is known.
func (t *tx) version(id int64) (version int64, known bool) {
	if l := t.later(); l != nil {
		version, known = l.versions[id]
	}
	return version, known
}

// person gives somebody whose update is in the group; others are not known.
func (t *tx) person(id int64) (p person, known bool) {
	l := t.later()
	if l == nil || !slices.Contains(l.from, id) {
		return p, false
	}
	return l.people[id], true // no row is known, too
}

// demand gives how much somebody has asked for whose update is in the group. Which of
// their tickets is meant is a setting, and as it was the last time.
func (t *tx) demand(owner int64, nth int) (d ticket.Demand, known bool) {
	l := t.later()
	if l == nil {
		return d, false
	}
	t.writer.nth = nth
	if l.nth == nth {
		d, known = l.demands[owner]
	}
	return d, known
}
