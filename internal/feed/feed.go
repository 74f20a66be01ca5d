// Package feed follows what happens to tickets and makes work of it for others:
// deliveries to webhooks, jobs of the CRM. Whoever changes a ticket does nothing
// for them: the history says it all, and the place up to which a follower was
// served is written together with what was made for it.
package feed

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/ticket"
)

const (
	// step is how many events are taken in one transaction.
	step = 200
	// idle is how often it is looked whether somebody wants to know.
	idle = 5 * time.Second
	// again is how soon it is looked again where events are not settled.
	again = 50 * time.Millisecond
)

// Follower is one who wants to know what happens.
type Follower struct {
	ID int64
	// Seen is the last event that was looked at for it.
	Seen int64
}

// Audience are the followers of a kind.
type Audience interface {
	// Name says in an error what the followers are.
	Name() string
	// Kinds are the kinds of events that any of them wants to know.
	Kinds() []ticket.EventKind
	Followers(ctx context.Context) ([]Follower, error)
	// Serve makes of events what a follower wants, in the transaction, and notes
	// there that it has seen all up to a number. It reports false, and does
	// nothing, where the follower wants no more, or was served meanwhile.
	Serve(ctx context.Context, tx ticket.Tx, f Follower, upTo int64, events []ticket.Event) (bool, error)
}

// history is what happened to tickets.
type history interface {
	// Settled gives the number of an event behind which none appears any more,
	// and whether there are newer ones of which that is not known yet.
	Settled(ctx context.Context) (upTo int64, more bool, err error)
	// EventsAfter lists the events of tickets that are not in the bin, of some
	// kinds, between two numbers, limit at most.
	EventsAfter(ctx context.Context, after, upTo int64, limit int, kinds []ticket.EventKind) ([]ticket.Event, error)
}

// work is where it is written.
type work interface {
	Do(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error
}

// Options are those of a feed.
type Options struct {
	History   history
	Work      work
	Audiences []Audience
	Log       zerolog.Logger
	// Pause is how often the history is looked at while somebody wants to know,
	// though nobody says that something happened: other processes do not.
	Pause time.Duration
}

// Feed follows the history for all audiences.
type Feed struct {
	Options

	wanted atomic.Bool
}

// New makes a feed.
func New(o Options) *Feed { return &Feed{Options: o} }

// Wanted reports whether somebody wants to know what happens, as far as the
// last look tells.
func (f *Feed) Wanted() bool { return f.wanted.Load() }

// Turn looks at the history once, for a loop: it says when to look again.
func (f *Feed) Turn(ctx context.Context) time.Duration {
	more, err := f.RunOnce(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		f.Log.Error().Str("fault", "database").Err(err).Msg("the history was not looked at")
	case more:
		return again
	case !f.Wanted():
		return idle
	}
	return f.Pause
}

// listeners are the followers of one audience.
type listeners struct {
	Audience

	all []Follower
}

// RunOnce serves everybody with all that has happened, and reports whether more
// has of which it is not known yet whether it is all.
func (f *Feed) RunOnce(ctx context.Context) (more bool, err error) {
	var groups []listeners
	for _, a := range f.Audiences {
		all, err := a.Followers(ctx)
		if err != nil {
			return false, fmt.Errorf("list %s: %w", a.Name(), err)
		}
		if len(all) > 0 {
			groups = append(groups, listeners{a, all})
		}
	}
	f.wanted.Store(len(groups) > 0)
	if len(groups) == 0 {
		return false, nil
	}
	upTo, more, err := f.History.Settled(ctx)
	if err != nil {
		return false, fmt.Errorf("look how far the history goes: %w", err)
	}
	for _, g := range groups {
		for _, one := range g.all {
			if err := f.serveAll(ctx, g, one, upTo); err != nil {
				return false, fmt.Errorf("serve %s, number %d: %w", g.Name(), one.ID, err)
			}
		}
	}
	return more, nil
}

// serveAll serves a follower with all up to a number, a step at a time.
func (f *Feed) serveAll(ctx context.Context, to Audience, one Follower, upTo int64) error {
	for one.Seen < upTo {
		events, err := f.History.EventsAfter(ctx, one.Seen, upTo, step, to.Kinds())
		if err != nil {
			return err
		}
		until, served := upTo, false
		if len(events) == step {
			until = events[step-1].ID
		}
		err = f.Work.Do(ctx, func(ctx context.Context, tx ticket.Tx) (err error) {
			served, err = to.Serve(ctx, tx, one, until, events)
			return err
		})
		if err != nil || !served { // not served: it was changed meanwhile, and the next look sees how
			return err
		}
		one.Seen = until
	}
	return nil
}
