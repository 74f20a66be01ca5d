package crm

import (
	"context"
	"sync/atomic"

	"vinbot/internal/feed"
	"vinbot/internal/ticket"
)

// audience is the CRM as a follower of the history.
type audience struct {
	store   Store
	account string
	begun   atomic.Bool
}

var _ feed.Audience = (*audience)(nil)

// NewAudience makes of a CRM's account a follower of the tickets' history.
func NewAudience(s Store, account string) feed.Audience { return &audience{store: s, account: account} }

// Name says who the follower is.
func (*audience) Name() string { return "the CRM" }

// Kinds lists the kinds of events that change a deal.
func (*audience) Kinds() []ticket.EventKind { return Kinds() }

// Followers is the account, which is noted first.
func (a *audience) Followers(ctx context.Context) ([]feed.Follower, error) {
	if !a.begun.Load() {
		if err := a.store.Begin(ctx, a.account); err != nil {
			return nil, err
		}
		a.begun.Store(true)
	}
	state, err := a.store.State(ctx)
	if err != nil {
		return nil, err
	}
	return []feed.Follower{{ID: system, Seen: state.Seen}}, nil
}

// Serve queues a job for each ticket that something happened to.
func (a *audience) Serve(ctx context.Context, _ ticket.Tx, f feed.Follower, upTo int64, events []ticket.Event) (bool, error) {
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
