package inbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/rs/zerolog"
)

var (
	errDied    = errors.New("the process ended while it was handled")
	errPanic   = errors.New("the handler panicked")
	errStopped = errors.New("the process ends")
)

// item is an update in memory.
type item struct {
	Update
	route Route
	// parked items stand behind so many of their key that their bodies are let
	// go, and read again when their turn comes.
	parked bool
	alone  bool      // it was claimed by a process that died: nobody runs beside it
	runAt  time.Time // of its next try
	err    error     // of its last try
}

// park lets go of all but an update's place behind those that share its key.
func (it *item) park(key string) {
	it.Update, it.route = Update{Seq: it.Seq, Attempt: it.Attempt}, Route{Key: key}
	it.parked = true
}

// unpark reads a parked update again. One that waits no more is left with
// nothing to do.
func (in *Inbox) unpark(ctx context.Context, it *item) error {
	found, err := in.Store.Pending(ctx, it.Seq-1, 1)
	if err != nil {
		return err
	}
	if len(found) > 0 && found[0].Seq == it.Seq {
		route := in.route(ctx, found[0])
		if errors.Is(route.Err, ErrStoreAway) {
			return route.Err
		}
		route.Key = it.route.Key // where it stands; what it concerns may have changed meanwhile
		it.Update, it.route = found[0], route
	}
	it.parked = false
	return nil
}

// route has an update read. One that nobody can read gets a key of its own, so
// that it waits for no other.
func (in *Inbox) route(ctx context.Context, u Update) (route Route) {
	defer func() {
		if recover() != nil {
			in.panicked(u)
			route = Route{Err: errPanic}
		}
		if route.Err != nil && route.Key == "" {
			route.Key = "update:" + strconv.FormatInt(u.Seq, 10)
		}
	}()
	return in.Router.Route(ctx, u)
}

// try is one attempt at an update: handled, or set aside.
func (in *Inbox) try(ctx context.Context, it *item) error {
	switch {
	case it.route.Err != nil:
		return in.setAside(ctx, it, it.route.Err)
	case it.Attempt > maxAttempts && it.err != nil: // it could not be set aside before
		return in.setAside(ctx, it, it.err)
	case it.Attempt > maxAttempts: // its process died each time
		return in.setAside(ctx, it, errDied)
	}
	err := in.Store.Consume(ctx, it.Seq, it.route.From, in.guard(it.Update, it.route.Handle))
	switch {
	case err == nil:
		in.Meter.UpdateHandled()
		in.said(zerolog.DebugLevel, it.Update).Int("attempt", it.Attempt).Msg("update handled")
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", errStopped, err)
	case errors.Is(err, ErrStoreAway), it.Attempt < maxAttempts:
		return err
	}
	return in.setAside(ctx, it, err)
}

func (in *Inbox) setAside(ctx context.Context, it *item, why error) error {
	err := in.Store.SetAside(ctx, it.Seq, why.Error(), in.guard(it.Update, it.route.Tell))
	if err != nil && !errors.Is(err, ErrStoreAway) && ctx.Err() == nil {
		in.said(zerolog.ErrorLevel, it.Update).Err(err).Msg("cannot tell whose update is set aside")
		err = in.Store.SetAside(ctx, it.Seq, why.Error(), nil)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", errStopped, err)
	default:
		return err
	}
	in.Meter.UpdateSetAside()
	in.said(zerolog.ErrorLevel, it.Update).Err(why).Int("attempt", it.Attempt).Msg("update set aside")
	return nil
}

// guard turns a panic of fn into an error: it is the fault of one update, and
// ends neither the process nor the updates that share its commit.
func (in *Inbox) guard(u Update, fn func(ctx context.Context) error) func(ctx context.Context) error {
	return func(ctx context.Context) (err error) {
		if fn == nil {
			return nil
		}
		defer func() {
			if recover() != nil {
				in.panicked(u)
				err = errPanic
			}
		}()
		return fn(ctx)
	}
}

// panicked logs where, not what: the value may hold what somebody wrote.
func (in *Inbox) panicked(u Update) {
	in.said(zerolog.ErrorLevel, u).Bytes("stack", debug.Stack()).Msg("a handler panicked")
}

// said begins a line about an update.
func (in *Inbox) said(level zerolog.Level, u Update) *zerolog.Event {
	return in.Log.WithLevel(level).Str("request_id", u.RequestID).Int64("update_id", u.ID) //nolint:zerologlint // whoever begins it ends it
}
