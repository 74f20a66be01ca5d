package store

import (
	"context"
	"strings"
	"time"

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
	LookAt instant
}

func (r watchedRow) domain() ticket.Watched {
	w := ticket.Watched{Ticket: r.Ticket.domain(), LookAt: time.Time(r.LookAt)}
	for _, step := range strings.Fields(r.Steps) {
		w.Steps = append(w.Steps, ticket.Step(step))
	}
	return w
}

// watchedColumns are those of watchedRow.
const watchedColumns = ticketColumns + `, look_at, coalesce((
	SELECT string_agg(step, ' ') FROM sla_steps
	WHERE ticket_id = tickets.id AND (cycle = tickets.cycle OR cycle = 0)), '') AS steps`

// Watched lists the tickets after an id that are new or taken, by id, limit at
// most.
func (l SLA) Watched(ctx context.Context, after int64, limit int) ([]ticket.Watched, error) {
	return all[watchedRow](ctx, l.s.queries, "list the tickets that wait", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+watchedColumns+` FROM tickets
			WHERE id > ? AND `+openStatuses+` AND `+visible+` AND (status = 'new' OR status = 'taken')
			ORDER BY id LIMIT ?`, after, limit)
	})
}

// Ripe lists the tickets that are to be looked at by an instant, behind one of
// them or from the first on, by when they were to be, limit at most.
func (l SLA) Ripe(ctx context.Context, by time.Time, after ticket.Watched, limit int) ([]ticket.Watched, error) {
	return all[watchedRow](ctx, l.s.queries, "list the tickets to look at", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+watchedColumns+` FROM tickets
			WHERE look_at IS NOT NULL AND `+visible+` AND look_at <= ? AND (look_at, id) > (?, ?)
			ORDER BY look_at, id LIMIT ?`, instant(by), instant(timeOr(after.LookAt, beginning)), after.ID, limit)
	})
}

// Look notes when tickets are to be looked at next. One that has changed since it
// was read stays as it is: who changed it has said when. Nor is one waited for that
// another process is about to change: who holds so many must wait for none.
func (l SLA) Look(ctx context.Context, at []ticket.Watched) error {
	question := l.s.dialect.hold()
	if question != "" {
		question += ` SKIP LOCKED`
	}
	return l.s.alone(ctx, func(ctx context.Context, t *tx) error {
		for _, w := range at {
			_, err := t.exec(ctx, "note when to look at a ticket", `
				UPDATE tickets SET look_at = ? WHERE id = (
					SELECT id FROM tickets WHERE id = ? AND version = ? AND `+visible+question+`)`,
				instant(w.LookAt), w.ID, w.Version)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// lookAt says when a ticket's deadlines are to be looked at next, as it is written.
func (t *tx) lookAt(k ticket.Ticket) instant {
	switch {
	case k.Status != ticket.New && k.Status != ticket.Taken:
		return instant{}
	case t.writer.lookAt == nil:
		return instant(t.now)
	}
	return instant(t.writer.lookAt(k, t.now))
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
