package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// SLA keeps which steps were taken about tickets whose time was up.
type SLA struct{ s *Store }

// SLA gives the steps.
func (s *Store) SLA() SLA { return SLA{s} }

// watchedRow is a row of tickets with the names of its steps.
type watchedRow struct {
	Ticket ticketRow `gorm:"embedded"`
	Steps  string
}

func (r watchedRow) domain() ticket.Watched {
	w := ticket.Watched{Ticket: r.Ticket.domain()}
	for _, step := range strings.Fields(r.Steps) {
		w.Steps = append(w.Steps, ticket.Step(step))
	}
	return w
}

// Watched lists the tickets after an id that are new or taken, by id, limit at
// most.
func (l SLA) Watched(ctx context.Context, after int64, limit int) ([]ticket.Watched, error) {
	return all[watchedRow](ctx, l.s.queries, "list the tickets that wait", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+`, coalesce((
				SELECT string_agg(step, ' ') FROM sla_steps
				WHERE ticket_id = tickets.id AND (cycle = tickets.cycle OR cycle = 0)), '') AS steps
			FROM tickets
			WHERE id > ? AND `+openStatuses+` AND `+visible+` AND (status = 'new' OR status = 'taken')
			ORDER BY id LIMIT ?`, after, limit)
	})
}

// Mark notes that a step is taken, and reports whether it had not been before.
// It joins the transaction that ctx carries.
func (l SLA) Mark(ctx context.Context, id int64, cycle int, step ticket.Step) (bool, error) {
	var n int64
	err := l.s.do(ctx, func(ctx context.Context, t *tx) error {
		var err error
		n, err = t.exec(ctx, "note a step", `
			INSERT INTO sla_steps (ticket_id, cycle, step, at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, id, cycle, step, instant(t.now))
		return err
	})
	return err == nil && n == 1, err
}
