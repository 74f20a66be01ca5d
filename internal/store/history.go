package store

import (
	"context"
	"strings"
	"sync"

	"gorm.io/gorm"

	"vinbot/internal/stats"
	"vinbot/internal/ticket"
)

// settling remembers how far the history is known to be all that there is.
type settling struct {
	mu   sync.Mutex
	mark stats.Mark
}

// Settled gives the number of an event behind which none appears any more, and
// whether there are newer ones of which that is not known yet.
func (s *Store) Settled(ctx context.Context) (upTo int64, more bool, err error) {
	var last, oldest, next int64
	statement := `SELECT coalesce(max(id), 0), ` + s.dialect.inFlight() + ` FROM events`
	if err := s.scan(ctx, "look how far the history goes", sqlf(statement), &last, &oldest, &next); err != nil {
		return 0, false, err
	}
	known := &s.settling
	known.mu.Lock()
	defer known.mu.Unlock()
	known.mark = known.mark.Move(last, oldest, next)
	return known.mark.Event, last > known.mark.Event, nil
}

// EventsAfter lists the events of tickets that are not in the bin, of some
// kinds, between two numbers, limit at most.
func (s *Store) EventsAfter(ctx context.Context, after, upTo int64, limit int, kinds []ticket.EventKind) ([]ticket.Event, error) {
	args := []any{after, upTo}
	for _, k := range kinds {
		args = append(args, string(k))
	}
	return all[eventRow](ctx, s.queries, "list what happened", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT id, ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id FROM events
			WHERE id > ? AND id <= ? AND (kind = ?`+strings.Repeat(` OR kind = ?`, len(kinds)-1)+`) AND `+ofVisible+` ORDER BY id LIMIT ?`,
			append(args, limit)...)
	})
}

// Happened lists what happened to tickets that are not in the bin, of one owner
// or, where that is 0, of all, after a number up to another, limit at most. Who
// did it is said where it may be: see [ticket.Ticket.Shows]. CROSS has SQLite
// begin with the events.
func (s *Store) Happened(ctx context.Context, h ticket.Stretch) ([]ticket.Event, error) {
	return all[eventRow](ctx, s.queries, "list what happened", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT events.id, ticket_id, kind, from_status, to_status,
				CASE WHEN actor_id < 0 OR actor_id = shown.owner_id OR actor_id = shown.assignee_id AND shown.assignee_name <> ''
					THEN actor_id ELSE 0 END AS actor_id,
				report_id, detail, at, events.request_id FROM events CROSS JOIN tickets AS shown
			WHERE events.id > ? AND events.id <= ? AND shown.id = ticket_id AND shown.`+visible+`
				AND (CAST(? AS BIGINT) = 0 OR shown.owner_id = ?)
			ORDER BY events.id LIMIT ?`, h.After, h.UpTo, h.Owner, h.Owner, h.Limit)
	})
}
