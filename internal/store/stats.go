package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vinbot/internal/stats"
	"vinbot/internal/ticket"
)

// Stats counts tickets. A month of a large table is read through indexes alone,
// one for each thing that can happen to a ticket, a priority at a time: then
// both databases count without looking at a row.
type Stats struct{ s *Store }

// Stats gives the numbers.
func (s *Store) Stats() Stats { return Stats{s} }

// ofManager narrows tickets down to those of one manager, by their id twice; 0
// is everybody.
const ofManager = `(CAST(? AS BIGINT) = 0 OR assignee_id = ?)`

// The tickets to which something happened in a stretch of time, each chosen by
// a priority, the stretch's ends and ofManager.
const (
	statOpened   = `FROM tickets WHERE priority = ? AND opened_at >= ? AND opened_at < ? AND ` + ofManager + ` AND ` + visible
	statTaken    = `FROM tickets WHERE priority = ? AND taken_at >= ? AND taken_at < ? AND ` + ofManager + ` AND ` + visible
	statDone     = `FROM tickets WHERE status = 'done' AND priority = ? AND closed_at >= ? AND closed_at < ? AND ` + ofManager + ` AND ` + visible
	statRejected = `FROM tickets WHERE status = 'rejected' AND priority = ? AND closed_at >= ? AND closed_at < ? AND ` + ofManager + ` AND ` + visible
	// Reports that do not arrive are few: here the tickets are looked at, each
	// event's. CROSS has SQLite begin with the events, of which it thinks that
	// they are many.
	statUndelivered = `FROM events CROSS JOIN tickets
		WHERE tickets.id = events.ticket_id AND events.kind = 'undelivered' AND priority = ? AND events.at >= ? AND events.at < ? AND ` + ofManager + ` AND ` + visible
)

// lasted puts how many seconds each ticket took, and whether it was late, into
// one text: many rows would take several times as long to read.
const (
	lastedTake = `coalesce(string_agg(CAST(2 * take_seconds AS TEXT), ' '), '') `
	lastedDone = `coalesce(string_agg(CAST(2 * done_seconds + CASE WHEN late THEN 1 ELSE 0 END AS TEXT), ' '), '') `
)

// Count counts a stretch of time.
func (s Stats) Count(ctx context.Context, q stats.Question) (stats.Portion, error) {
	counted := stats.Portion{Numbers: map[ticket.Priority]stats.Numbers{}}
	for _, p := range ticket.Priorities() {
		var n stats.Numbers
		var take, done string
		err := s.s.scan(ctx, "count tickets", sqlf(`SELECT
				(SELECT count(*) `+statOpened+`), (SELECT `+lastedTake+statTaken+`), (SELECT `+lastedDone+statDone+`),
				(SELECT count(*) `+statRejected+`), (SELECT count(*) `+statUndelivered+`)`,
			slices.Repeat(chosenBy(p, q), 5)...), &n.Opened, &take, &done, &n.Rejected, &n.Undelivered)
		if err != nil {
			return stats.Portion{}, err
		}
		before := len(counted.ToTake)
		if counted.ToTake, _, err = appendLasted(counted.ToTake, take); err != nil {
			return stats.Portion{}, err
		}
		n.Taken = len(counted.ToTake) - before
		before = len(counted.ToDone)
		var late int
		if counted.ToDone, late, err = appendLasted(counted.ToDone, done); err != nil {
			return stats.Portion{}, err
		}
		n.Done = len(counted.ToDone) - before
		counted.Late += late
		if n != (stats.Numbers{}) {
			counted.Numbers[p] = n
		}
	}
	return counted, nil
}

func chosenBy(p ticket.Priority, q stats.Question) []any {
	return []any{p, instant(q.From), instant(q.To), q.Manager, q.Manager}
}

// appendLasted reads what lasted put together, and counts what was late.
func appendLasted(to []int64, text string) (seconds []int64, late int, err error) {
	for field := range strings.FieldsSeq(text) {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return nil, 0, fmt.Errorf("read how long a ticket took: %w", err)
		}
		to = append(to, n/2)
		late += int(n % 2)
	}
	return to, late, nil
}

// Ratings adds up the ratings that were given in a period.
func (s Stats) Ratings(ctx context.Context, q stats.Question) (stats.Ratings, error) {
	var r stats.Ratings
	err := s.s.scan(ctx, "add up ratings", sqlf(`SELECT count(*), coalesce(sum(stars), 0)
		FROM ratings CROSS JOIN tickets
		WHERE tickets.id = ratings.ticket_id AND rated_at >= ? AND rated_at < ? AND `+ofManager+` AND `+visible,
		instant(q.From), instant(q.To), q.Manager, q.Manager), &r.Count, &r.Stars)
	return r, err
}

// OpenNow counts the open tickets; of a manager, those that they have. That the
// id is more than 0 has SQLite use the index of the open ones.
func (s Stats) OpenNow(ctx context.Context, manager int64) (int, error) {
	var n int
	err := s.s.scan(ctx, "count open tickets", sqlf(`SELECT count(*) FROM tickets
		WHERE id > 0 AND `+openStatuses+` AND `+ofManager+` AND `+visible, manager, manager), &n)
	return n, err
}
