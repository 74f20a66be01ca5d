package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/stats"
	"vinbot/internal/ticket"
)

// Stats counts tickets.
type Stats struct{ s *Store }

// Stats gives the numbers.
func (s *Store) Stats() Stats { return Stats{s} }

// What can happen to a ticket, as statCounted names it; what closed it is its status.
const (
	statOpened      = "opened"
	statTaken       = "taken"
	statUndelivered = "undelivered"
	statRated       = "rated"
)

// statCounted counts by manager, whether under their name, and priority what
// happened in a stretch of time, whose ends it takes for each of the five. What
// happens to many is counted by indexes alone, which hold what is asked for here.
// How many seconds each ticket took, and whether it was late, or how many stars
// were given, comes as one text: many rows would take several times as long to
// read. Those that were closed are read once, whatever closed them: asked for one
// status, SQLite would go through all tickets that have it. Reports that do not
// arrive and ratings are few: here the tickets are looked at, each one's; CROSS
// has SQLite begin with the others, of which it thinks that they are many.
const statCounted = `
	SELECT '` + statOpened + `', ` + statGroup + `, count(*), '' FROM tickets
		WHERE opened_at >= ? AND opened_at < ? AND ` + visible + ` GROUP BY 2, 3, 4
	UNION ALL SELECT '` + statTaken + `', ` + statGroup + `, count(*), string_agg(CAST(take_seconds AS TEXT), ' ') FROM tickets
		WHERE taken_at >= ? AND taken_at < ? AND ` + visible + ` GROUP BY 2, 3, 4
	UNION ALL SELECT status, ` + statGroup + `, count(*),
			string_agg(CAST(2 * done_seconds + CASE WHEN late THEN 1 ELSE 0 END AS TEXT), ' ') FROM tickets
		WHERE closed_at >= ? AND closed_at < ? AND ` + visible + ` GROUP BY 1, 2, 3, 4
	UNION ALL SELECT '` + statUndelivered + `', ` + statGroup + `, count(*), '' FROM events CROSS JOIN tickets
		WHERE tickets.id = events.ticket_id AND events.kind = 'undelivered' AND events.at >= ? AND events.at < ? AND ` + visible + `
		GROUP BY 2, 3, 4
	UNION ALL SELECT '` + statRated + `', ` + statGroup + `, count(*), CAST(sum(stars) AS TEXT) FROM ratings CROSS JOIN tickets
		WHERE tickets.id = ratings.ticket_id AND rated_at >= ? AND rated_at < ? AND ` + visible + ` GROUP BY 2, 3, 4`

// statGroup is what is counted apart.
const statGroup = `assignee_id, assignee_name <> '', priority`

// statParts is how many questions statCounted is of.
const statParts = 5

// Count counts a stretch of time, from an instant until before another.
func (s Stats) Count(ctx context.Context, from, to time.Time) ([]stats.Part, error) {
	const doing = "count tickets"
	l, ctx, err := s.s.by(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := l.list(ctx, statCounted, slices.Repeat([]any{instant(from), instant(to)}, statParts))
	if err != nil {
		return nil, s.s.fault(doing, err)
	}
	defer rows.Close()
	var parts []stats.Part
	for rows.Next() {
		var what, text string
		var of stats.Part
		var n int
		if err := rows.Scan(&what, &of.Manager, &of.Named, &of.Priority, &n, &text); err != nil {
			return nil, s.s.fault(doing, err)
		}
		i := slices.IndexFunc(parts, func(p stats.Part) bool {
			return p.Manager == of.Manager && p.Named == of.Named && p.Priority == of.Priority
		})
		if i < 0 {
			i = len(parts)
			parts = append(parts, of)
		}
		if err := counted(&parts[i], what, n, text); err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
	}
	return parts, s.s.fault(doing, rows.Err())
}

// counted adds a row of statCounted.
func counted(p *stats.Part, what string, n int, text string) error {
	numbers := make([]uint32, 0, n)
	for field := range strings.FieldsSeq(text) {
		v, err := strconv.ParseUint(field, 10, 32)
		if err != nil {
			return fmt.Errorf("read how long a ticket took: %w", err)
		}
		numbers = append(numbers, uint32(v))
	}
	switch slices.Sort(numbers); what {
	case statOpened:
		p.Opened = n
	case statTaken:
		p.Taken, p.ToTake = n, numbers
	case string(ticket.Done):
		p.Done, p.ToDone = n, numbers
		for i, v := range numbers {
			numbers[i] = v / 2
			p.Late += int(v % 2)
		}
	case string(ticket.Rejected):
		p.Rejected = n
	case statUndelivered:
		p.Undelivered = n
	case statRated:
		p.Ratings = stats.Ratings{Count: n, Stars: int(numbers[0])}
	}
	return nil
}

// OpenNow counts the open tickets; of a manager, those that they have under their name. That the
// id is more than 0 has SQLite use the index of the open ones.
func (s Stats) OpenNow(ctx context.Context, manager int64) (int, error) {
	var n int
	err := s.s.scan(ctx, "count open tickets", sqlf(`SELECT count(*) FROM tickets
		WHERE id > 0 AND `+openStatuses+` AND (CAST(? AS BIGINT) = 0 OR assignee_id = ? AND assignee_name <> '') AND `+visible, manager, manager), &n)
	return n, err
}

// manyChanges is from how many events on it is easier to count all anew than to
// look at their tickets.
const manyChanges = 2000

// Changed tells what a change since a mark may have changed of the numbers: all
// the times at which something ever happened to the tickets that changed. The
// zero mark is before everything.
func (s Stats) Changed(ctx context.Context, since stats.Mark) (stats.Changes, error) {
	const doing = "look for changed tickets"
	var last, oldest, next int64
	err := s.s.scan(ctx, doing, sqlf(`SELECT coalesce(max(id), 0), `+s.s.dialect.inFlight()+` FROM events`), &last, &oldest, &next)
	if err != nil {
		return stats.Changes{}, err
	}
	changes := stats.Changes{Mark: since.Move(last, oldest, next)}
	if since == (stats.Mark{}) {
		changes.All = true
		return changes, nil
	}
	db, err := s.s.on(ctx)
	if err != nil {
		return stats.Changes{}, err
	}
	var ids []int64
	err = db.Raw(`SELECT ticket_id FROM events WHERE id > ? ORDER BY id LIMIT ?`, since.Event, manyChanges).Scan(&ids).Error
	if err != nil {
		return stats.Changes{}, s.s.fault(doing, err)
	}
	if len(ids) == manyChanges {
		changes.All = true
		return changes, nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for some := range portions(ids) {
		if changes.At, err = s.times(ctx, changes.At, some); err != nil {
			return stats.Changes{}, err
		}
	}
	return changes, nil
}

// times adds when something happened to tickets, as their history and they
// themselves say.
func (s Stats) times(ctx context.Context, to []time.Time, ids []int64) ([]time.Time, error) {
	const doing = "look when tickets changed"
	l, ctx, err := s.s.by(ctx)
	if err != nil {
		return nil, err
	}
	in, values := within(ids)
	rows, err := l.list(ctx, `SELECT at, NULL, NULL FROM events WHERE ticket_id`+in+`
		UNION ALL SELECT opened_at, taken_at, closed_at FROM tickets WHERE id`+in+` AND `+visible, slices.Concat(values, values))
	if err != nil {
		return nil, s.s.fault(doing, err)
	}
	defer rows.Close()
	for rows.Next() {
		var at [3]instant
		if err := rows.Scan(&at[0], &at[1], &at[2]); err != nil {
			return nil, s.s.fault(doing, err)
		}
		for _, t := range at {
			if !time.Time(t).IsZero() {
				to = append(to, time.Time(t))
			}
		}
	}
	return to, s.s.fault(doing, rows.Err())
}
