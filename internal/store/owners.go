package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"vinbot/internal/account"
)

// owners are people as they are looked for and looked at.
type owners struct{ s *Store }

var _ account.Owners = owners{}

// Owners gives people as they are looked for and looked at.
func (s *Store) Owners() account.Owners { return owners{s} }

// each asks for rows and has every one read.
func (q queries) each(ctx context.Context, doing string, s statement, read func(scan func(into ...any) error) error) error {
	l, ctx, err := q.reach(ctx, s)
	if err != nil {
		return err
	}
	rows, err := l.list(ctx, s.text, s.args)
	if err != nil {
		return q.fault(doing, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return q.fault(doing, err)
		}
	}
	return q.fault(doing, rows.Err())
}

// Askers lists owners by their newest tickets, in a walk by number that leaves
// out all tickets but those.
func (o owners) Askers(ctx context.Context, before int64, limit int) (found []account.Asker, err error) {
	err = o.s.each(ctx, "list who asked last", sqlf(`SELECT owner_id, id, opened_at FROM tickets
		WHERE id < ? AND owner_id <> 0 AND `+visible+` AND NOT EXISTS (
			SELECT 1 FROM tickets AS newer WHERE newer.owner_id = tickets.owner_id AND newer.id > tickets.id AND newer.`+visible+`)
		ORDER BY id DESC LIMIT `+pageOf(limit), cmp.Or(before, math.MaxInt64)),
		func(scan func(into ...any) error) error {
			var a account.Asker
			var at instant
			err := scan(&a.Owner, &a.Ticket, &at)
			a.At = time.Time(at)
			found = append(found, a)
			return err
		})
	return found[:min(len(found), limit)], err
}

// Named lists people by what their name or its last word begins with: two walks
// along indexes, since somebody may be looked for by either.
func (o owners) Named(ctx context.Context, beginning string, after account.NamePlace, limit int) ([]account.Named, error) {
	from := account.FoldName(beginning)
	const last = "\U0010FFFF" // behind every name that begins so
	find := func(column, but string, values ...any) (found []account.Named, err error) {
		err = o.s.each(ctx, "list people by name", sqlf(`SELECT `+column+`, `+userColumns+` FROM users
			WHERE `+column+` >= ? AND `+column+` < ? AND `+column+` <> '' AND (`+column+`, id) > (?, ?)`+but+`
			ORDER BY `+column+`, id LIMIT `+pageOf(limit), append([]any{from, from + last, after.Name, after.ID}, values...)...),
			func(scan func(into ...any) error) error {
				var r userRow
				var n account.Named
				err := scan(append([]any{&n.Place.Name}, r.columns()...)...)
				n.User, n.Place.ID = r.domain(), r.ID
				found = append(found, n)
				return err
			})
		return found, err
	}
	whole, err := find("folded", "")
	if err != nil {
		return nil, err
	}
	words, err := find("last_word", ` AND NOT (folded >= ? AND folded < ?)`, from, from+last) // those are found above
	if err != nil {
		return nil, err
	}
	found := append(whole, words...)
	slices.SortFunc(found, func(a, b account.Named) int {
		return cmp.Or(cmp.Compare(a.Place.Name, b.Place.Name), cmp.Compare(a.Place.ID, b.Place.ID))
	})
	return found[:min(len(found), limit)], nil
}

// Users finds people by their ids.
func (o owners) Users(ctx context.Context, ids []int64) (map[int64]account.User, error) {
	found := make(map[int64]account.User, len(ids))
	for some := range portions(ids) {
		in, values := within(some)
		err := o.s.each(ctx, "find people", sqlf(`SELECT `+userColumns+` FROM users WHERE id`+in, values...),
			func(scan func(into ...any) error) error {
				var r userRow
				err := scan(r.columns()...)
				found[r.ID] = r.domain()
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Served counts an owner's tickets and ratings.
func (o owners) Served(ctx context.Context, owner int64) (account.Served, error) {
	var n account.Served
	err := o.s.scan(ctx, "count an owner's tickets", sqlf(`SELECT count(*),
		coalesce(sum(CASE WHEN `+openStatuses+` THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN status = 'done' THEN 1 ELSE 0 END), 0),
		count(stars), coalesce(sum(stars), 0)
		FROM tickets LEFT JOIN ratings ON ticket_id = tickets.id WHERE owner_id = ? AND owner_id <> 0 AND `+visible, owner),
		&n.Tickets, &n.Open, &n.Done, &n.Ratings, &n.Stars)
	return n, err
}

// Stars gives what owners gave for tickets.
func (o owners) Stars(ctx context.Context, tickets []int64) (map[int64]int, error) {
	found := make(map[int64]int, len(tickets))
	for some := range portions(tickets) {
		in, values := within(some)
		err := o.s.each(ctx, "find ratings", sqlf(`SELECT ticket_id, stars FROM ratings
			WHERE ticket_id`+in+` AND `+ofVisible, values...),
			func(scan func(into ...any) error) error {
				var id int64
				var stars int
				err := scan(&id, &stars)
				found[id] = stars
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
