package webhook

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/ticket"
)

const (
	// feedStep is how many events are taken in one transaction.
	feedStep = 200
	// feedIdle is how often it is looked whether somebody does.
	feedIdle = 5 * time.Second
	// feedAgain is how soon it is looked again where events are not settled.
	feedAgain = 50 * time.Millisecond
)

// FeedOptions are those of a feed.
type FeedOptions struct {
	Store Store
	Work  work
	Log   zerolog.Logger
	// Pause is how often the history is looked at while somebody wants to know,
	// though nobody says that something happened: other processes do not.
	Pause time.Duration
}

// Feed follows the history of the tickets and makes deliveries of it, each
// event once for each endpoint that wants it: the place up to which an endpoint
// was served is written with its deliveries.
type Feed struct {
	FeedOptions

	wanted atomic.Bool
}

// NewFeed makes a feed.
func NewFeed(o FeedOptions) *Feed { return &Feed{FeedOptions: o} }

// Wanted reports whether somebody wants to know what happens, as far as the
// last look tells.
func (f *Feed) Wanted() bool { return f.wanted.Load() }

// Turn looks at the history once, for a loop: it says when to look again.
func (f *Feed) Turn(ctx context.Context) time.Duration {
	more, err := f.RunOnce(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		f.Log.Error().Err(err).Msg("the history was not looked at for webhooks")
	case more:
		return feedAgain
	case !f.Wanted():
		return feedIdle
	}
	return f.Pause
}

// RunOnce makes deliveries of all that has happened, and reports whether more
// has of which it is not known yet whether it is all.
func (f *Feed) RunOnce(ctx context.Context) (more bool, err error) {
	all, err := f.Store.Endpoints(ctx)
	if err != nil {
		return false, fmt.Errorf("list the webhooks: %w", err)
	}
	wanted := false
	for _, e := range all {
		wanted = wanted || e.Active
	}
	f.wanted.Store(wanted)
	if !wanted {
		return false, nil
	}
	upTo, more, err := f.Store.Settled(ctx)
	if err != nil {
		return false, fmt.Errorf("look how far the history goes: %w", err)
	}
	for _, e := range all {
		for e.Active && e.Seen < upTo {
			if err := f.serve(ctx, &e, upTo); err != nil {
				return false, fmt.Errorf("make the deliveries of webhook %d: %w", e.ID, err)
			}
		}
	}
	return more, nil
}

// serve makes deliveries of the next events that an endpoint has not seen.
func (f *Feed) serve(ctx context.Context, e *Endpoint, upTo int64) error {
	events, err := f.Store.EventsAfter(ctx, e.Seen, upTo, feedStep)
	if err != nil {
		return err
	}
	if len(events) == feedStep {
		upTo = events[feedStep-1].ID
	}
	return f.Work.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		served, err := f.Store.Advance(ctx, e.ID, e.Seen, upTo)
		if err != nil {
			return err
		}
		if !served { // it was changed meanwhile: the next look sees how
			e.Active = false
			return nil
		}
		e.Seen = upTo
		for _, event := range events {
			for _, t := range typesOf(event) {
				if !e.Wants(t) {
					continue
				}
				d := Delivery{
					Endpoint: e.ID, MessageID: newMessageID(), Type: t, Ticket: event.TicketID, Event: event.ID,
					RequestID: event.RequestID, CreatedAt: tx.Now(), QueuedAt: tx.Now(), NextAt: tx.Now(),
				}
				if err := f.Store.InsertDelivery(ctx, &d); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
