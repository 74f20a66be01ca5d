package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/stats"
)

// InHand counts the open tickets that each manager has under their name.
func (s Stats) InHand(ctx context.Context) (map[int64]int, error) {
	found := map[int64]int{}
	err := s.s.each(ctx, "count what managers have in hand", sqlf(`SELECT assignee_id, count(*) FROM tickets
		WHERE assignee_id > 0 AND `+openStatuses+` AND assignee_name <> '' AND `+visible+` GROUP BY assignee_id`),
		func(scan func(into ...any) error) error {
			var manager int64
			var n int
			err := scan(&manager, &n)
			found[manager] = n
			return err
		})
	return found, err
}

// Moments counts a stretch of time by quarters of an hour, by indexes alone.
func (s Stats) Moments(ctx context.Context, from, to time.Time) (found []stats.Moment, err error) {
	err = s.s.each(ctx, "count tickets by the hour", sqlf(`
		SELECT `+s.s.dialect.quarter("opened_at")+`, count(*), 0 FROM tickets
			WHERE opened_at >= ? AND opened_at < ? AND `+visible+` GROUP BY 1
		UNION ALL SELECT `+s.s.dialect.quarter("closed_at")+`, 0, count(*) FROM tickets
			WHERE closed_at >= ? AND closed_at < ? AND status = 'done' AND `+visible+` GROUP BY 1`,
		instant(from), instant(to), instant(from), instant(to)),
		func(scan func(into ...any) error) error {
			var quarter int64
			var m stats.Moment
			err := scan(&quarter, &m.Opened, &m.Done)
			const seconds = 15 * 60
			m.At = time.Unix(quarter*seconds, 0).UTC()
			found = append(found, m)
			return err
		})
	return found, err
}

// exportRow is a ticket with what its owner thought of it.
type exportRow struct {
	Ticket ticketRow `gorm:"embedded"`
	Stars  int
}

func (r exportRow) domain() stats.Line { return stats.Line{Ticket: r.Ticket.domain(), Stars: r.Stars} }

// Lines lists the tickets that were opened behind a place and before a time, in
// that order, limit at most.
func (s Stats) Lines(ctx context.Context, after stats.Place, to time.Time, limit int) ([]stats.Line, error) {
	return all[exportRow](ctx, s.s.queries, "list tickets to be exported", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+`, coalesce((SELECT stars FROM ratings WHERE ticket_id = tickets.id), 0) AS stars
			FROM tickets WHERE (opened_at, id) > (?, ?) AND opened_at < ? AND `+visible+`
			ORDER BY opened_at, id LIMIT `+pageOf(limit), instant(after.OpenedAt), after.ID, instant(to))
	})
}
