package crm

import (
	"context"

	"vinbot/internal/feed"
	"vinbot/internal/ticket"
)

// audience is the CRM as a follower of the history.
type audience struct{ store Store }

var _ feed.Audience = audience{}

// NewAudience makes of the CRM a follower of the tickets' history, once
// [Store.Begin] noted which account it is.
func NewAudience(s Store) feed.Audience { return audience{s} }

// Name says who the follower is.
func (audience) Name() string { return "the CRM" }

// Kinds lists the kinds of events that change a deal.
func (audience) Kinds() []ticket.EventKind { return Kinds() }

// Followers is the account.
func (a audience) Followers(ctx context.Context) ([]feed.Follower, error) {
	state, err := a.store.State(ctx)
	if err != nil {
		return nil, err
	}
	return []feed.Follower{{ID: system, Seen: state.Seen}}, nil
}

// Serve queues a job for each ticket that something happened to.
func (a audience) Serve(ctx context.Context, _ ticket.Tx, f feed.Follower, upTo int64, events []ticket.Event) (bool, error) {
	served, err := a.store.Advance(ctx, f.Seen, upTo)
	if err != nil || !served {
		return false, err
	}
	asked := map[int64]bool{}
	for _, e := range events {
		if asked[e.TicketID] {
			continue
		}
		asked[e.TicketID] = true
		if err := a.store.Ask(ctx, e.TicketID, e.RequestID); err != nil {
			return false, err
		}
	}
	return true, nil
}
