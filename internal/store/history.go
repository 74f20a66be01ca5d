package store

import (
	"context"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// Settled gives the number of an event behind which none appears any more, and
// whether there are newer ones of which that is not known yet.
func (s *Store) Settled(ctx context.Context) (upTo int64, more bool, err error) {
	return webhooks{s}.Settled(ctx)
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
