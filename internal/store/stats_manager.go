package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"vinbot/internal/stats"
)

// CountNamed is Count, of what managers did under their name, which no index
// knows: the tickets of the stretch of time are looked at.
func (s Stats) CountNamed(ctx context.Context, from, to time.Time) ([]stats.Part, error) {
	return s.count(ctx, strings.ReplaceAll(statCounted, visible, visible+` AND assignee_id <> 0 AND assignee_name <> ''`),
		slices.Repeat([]any{instant(from), instant(to)}, statParts))
}

// InHand counts the open tickets that each manager has under their name.
func (s Stats) InHand(ctx context.Context) (map[int64]int, error) {
	const doing = "count what managers have in hand"
	l, ctx, err := s.s.by(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := l.list(ctx, `SELECT assignee_id, count(*) FROM tickets
		WHERE assignee_id > 0 AND `+openStatuses+` AND assignee_name <> '' AND `+visible+` GROUP BY assignee_id`, nil)
	if err != nil {
		return nil, s.s.fault(doing, err)
	}
	defer rows.Close()
	found := map[int64]int{}
	for rows.Next() {
		var manager int64
		var n int
		if err := rows.Scan(&manager, &n); err != nil {
			return nil, s.s.fault(doing, err)
		}
		found[manager] = n
	}
	return found, s.s.fault(doing, rows.Err())
}

// Moments counts a stretch of time by quarters of an hour, by indexes alone.
func (s Stats) Moments(ctx context.Context, from, to time.Time) ([]stats.Moment, error) {
	const doing = "count tickets by the hour"
	l, ctx, err := s.s.by(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := l.list(ctx, `
		SELECT `+s.s.dialect.quarter("opened_at")+`, count(*), 0 FROM tickets
			WHERE opened_at >= ? AND opened_at < ? AND `+visible+` GROUP BY 1
		UNION ALL SELECT `+s.s.dialect.quarter("closed_at")+`, 0, count(*) FROM tickets
			WHERE closed_at >= ? AND closed_at < ? AND status = 'done' AND `+visible+` GROUP BY 1`,
		[]any{instant(from), instant(to), instant(from), instant(to)})
	if err != nil {
		return nil, s.s.fault(doing, err)
	}
	defer rows.Close()
	var found []stats.Moment
	for rows.Next() {
		var quarter int64
		var m stats.Moment
		if err := rows.Scan(&quarter, &m.Opened, &m.Done); err != nil {
			return nil, s.s.fault(doing, err)
		}
		const seconds = 15 * 60
		m.At = time.Unix(quarter*seconds, 0).UTC()
		found = append(found, m)
	}
	return found, s.s.fault(doing, rows.Err())
}
