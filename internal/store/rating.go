package store

import (
	"context"
	"time"

	"vinbot/internal/ticket"
)

// Rating finds what the owner thinks of a ticket.
func (q queries) Rating(ctx context.Context, id int64) (ticket.Rating, error) {
	r := ticket.Rating{Ticket: id}
	var rated, changed instant
	err := q.scan(ctx, "find a rating", sqlf(`SELECT stars, rated_at, changed_at FROM ratings
		WHERE ticket_id = ? AND `+ofVisible, id),
		&r.Stars, &rated, &changed)
	if err != nil {
		return ticket.Rating{}, err
	}
	r.RatedAt, r.ChangedAt = time.Time(rated), time.Time(changed)
	return r, nil
}

// SetRating stores what the owner thinks of a ticket.
func (t *tx) SetRating(ctx context.Context, r ticket.Rating) error {
	_, err := t.exec(ctx, "store a rating", `
		INSERT INTO ratings (ticket_id, stars, rated_at, changed_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (ticket_id) DO UPDATE SET
			stars = excluded.stars, rated_at = excluded.rated_at, changed_at = excluded.changed_at`,
		r.Ticket, r.Stars, instant(r.RatedAt), instant(r.ChangedAt))
	return err
}
