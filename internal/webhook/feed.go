package webhook

import (
	"context"

	"vinbot/internal/feed"
	"vinbot/internal/ticket"
)

// audience are the endpoints, as followers of the history.
type audience struct{ store Store }

var _ feed.Audience = audience{}

// NewAudience makes of the endpoints followers of the tickets' history: each
// event becomes a delivery for each endpoint that wants it, once.
func NewAudience(s Store) feed.Audience { return audience{s} }

// Name says what the followers are.
func (audience) Name() string { return "the webhooks" }

// Kinds lists the kinds of events that some type tells of.
func (audience) Kinds() []ticket.EventKind { return Kinds() }

// Followers lists the endpoints that are on.
func (a audience) Followers(ctx context.Context) ([]feed.Follower, error) {
	all, err := a.store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	var on []feed.Follower
	for _, e := range all {
		if e.Active {
			on = append(on, feed.Follower{ID: e.ID, Seen: e.Seen})
		}
	}
	return on, nil
}

// Serve makes the deliveries of events that an endpoint wants.
func (a audience) Serve(ctx context.Context, tx ticket.Tx, f feed.Follower, upTo int64, events []ticket.Event) (bool, error) {
	served, err := a.store.Advance(ctx, f.ID, f.Seen, upTo)
	if err != nil || !served {
		return false, err
	}
	e, err := a.store.Endpoint(ctx, f.ID)
	if err != nil {
		return false, err
	}
	for _, event := range events {
		for _, t := range typesOf(event) {
			if !e.Wants(t) {
				continue
			}
			d := Delivery{
				Endpoint: e.ID, MessageID: newMessageID(), Type: t, Ticket: event.TicketID, Event: event.ID,
				RequestID: event.RequestID, CreatedAt: tx.Now(), QueuedAt: tx.Now(), NextAt: tx.Now(),
			}
			if err := a.store.InsertDelivery(ctx, &d); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}
