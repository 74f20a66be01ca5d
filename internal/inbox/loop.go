package inbox

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
)

// run is the one goroutine that owns the plan. ctx ends when nothing new may
// begin, work when what runs must end.
func (in *Inbox) run(ctx, work context.Context, ended chan<- struct{}) {
	defer close(ended)
	p := newPlan()
	prune := time.NewTicker(time.Hour)
	defer prune.Stop()
	for ctx.Err() == nil {
		in.load(ctx, p)
		if ctx.Err() == nil {
			in.launch(work, p)
		}
		in.await(ctx, p, prune.C)
	}
	for p.running > 0 {
		in.settle(p, <-in.done)
	}
	if err := in.takeBack(context.WithoutCancel(ctx), p); err != nil {
		in.Log.Warn().Err(err).Msg("attempts not taken back")
	}
}

// load fills the window from the store.
func (in *Inbox) load(ctx context.Context, p *plan) {
	in.lookBack(ctx, p)
	for begun := p.last; p.more && p.room() >= window/4 && !p.waits(in.Clock()); {
		if p.last-begun >= portion {
			in.Wake() // the rest comes after what may run was launched
			return
		}
		limit := min(p.room(), window)
		batch, err := in.Store.Pending(ctx, p.last, limit)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			in.storeAway(p, err, "read the inbox")
			return
		}
		for _, u := range batch {
			in.said(zerolog.DebugLevel, u).Time("received", u.ReceivedAt.UTC()).Msg("update stored")
			route := in.route(ctx, u)
			if errors.Is(route.Err, ErrStoreAway) {
				in.storeAway(p, route.Err, "route an update")
				return
			}
			p.add(&item{Update: u, route: route, alone: u.Attempt > 0, runAt: in.suspicion(u)})
		}
		p.more = len(batch) == limit
	}
	if p.loaded == 0 && !p.more {
		in.storeBack(p)
	}
}

// lookBack takes in what waits again of the updates that were read before: each
// in its place among those that share its key. What is in the plan already stays
// where it is.
func (in *Inbox) lookBack(ctx context.Context, p *plan) {
	if from := in.back.Swap(0); from != 0 && from <= p.last && (p.from == 0 || from < p.from) {
		p.from = from
	}
	if p.from == 0 || p.room() < window/4 || p.waits(in.Clock()) {
		return
	}
	limit := min(p.room(), window)
	batch, err := in.Store.Pending(ctx, p.from-1, limit)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		in.storeAway(p, err, "read the inbox")
		return
	}
	if len(batch) < limit || batch[limit-1].Seq > p.last {
		p.from = 0
	} else {
		p.from = batch[limit-1].Seq + 1
		in.Wake() // the rest comes after what may run was launched
	}
	for _, u := range batch {
		if u.Seq > p.last || p.knows(u.Seq) {
			continue
		}
		route := in.route(ctx, u)
		if errors.Is(route.Err, ErrStoreAway) {
			p.from = u.Seq
			in.storeAway(p, route.Err, "route an update")
			return
		}
		p.insert(&item{Update: u, route: route, alone: u.Attempt > 0, runAt: in.suspicion(u)})
	}
}

// suspicion is when an update may run that earlier processes had begun. The
// first time that is at once, alone. One whose process then died again waits a
// little: whoever kills processes as they start should not always meet the
// same innocent update, and have it set aside.
func (in *Inbox) suspicion(u Update) time.Time {
	if u.Attempt < 2 {
		return time.Time{}
	}
	return in.Clock().Add(retryAfter(u.Attempt))
}

// launch claims what may run now, in one transaction, and runs it.
func (in *Inbox) launch(work context.Context, p *plan) {
	if p.waits(in.Clock()) {
		return
	}
	if err := in.takeBack(work, p); err != nil {
		in.storeAway(p, err, "take attempts back")
		return
	}
	batch := p.ready(in.Clock(), maxRunning-p.running)
	if len(batch) == 0 {
		return
	}
	seqs := make([]int64, len(batch))
	for i, it := range batch {
		seqs[i] = it.Seq
		if !it.parked {
			continue
		}
		if err := in.unpark(work, it); err != nil {
			p.putBack(batch)
			in.storeAway(p, err, "read an update again")
			return
		}
	}
	if err := in.Store.Claim(work, seqs); err != nil {
		p.putBack(batch)
		in.storeAway(p, err, "claim updates")
		return
	}
	for _, it := range batch {
		it.Attempt++
		p.running++
		go func() {
			it.err = in.try(work, it)
			in.done <- it
		}()
	}
}

// takeBack writes that attempts which met an absent store do not count. It
// comes before any further claim: otherwise a store that comes and goes would
// use up the attempts of updates that nothing is wrong with.
func (in *Inbox) takeBack(ctx context.Context, p *plan) error {
	if len(p.owed) == 0 {
		return nil
	}
	err := in.Store.Unclaim(ctx, p.owed)
	if err == nil {
		p.owed = nil
	}
	return err
}

// await blocks until there may be something to do.
func (in *Inbox) await(ctx context.Context, p *plan, prune <-chan time.Time) {
	var due <-chan time.Time
	if at, ok := p.nextDue(in.Clock()); ok {
		timer := time.NewTimer(max(0, at.Sub(in.Clock())))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
	case <-due:
	case <-in.wake:
		p.more = true
	case it := <-in.done:
		in.settle(p, it)
		for range len(in.done) { // those that shared its commit
			in.settle(p, <-in.done)
		}
	case <-prune:
		in.prune(ctx)
	}
}

func (in *Inbox) prune(ctx context.Context) {
	n, err := in.Store.Prune(ctx, in.Clock().Add(-keep))
	switch {
	case ctx.Err() != nil:
	case err != nil:
		in.Log.Warn().Str("fault", "database").Err(err).Msg("could not prune handled updates")
	case n > 0:
		in.Log.Debug().Int("updates", n).Msg("pruned handled updates")
	}
}

// settle takes the outcome of a try into the plan.
func (in *Inbox) settle(p *plan, it *item) {
	p.running--
	switch {
	case it.err == nil:
		in.storeBack(p)
		p.finish(it)
	case errors.Is(it.err, errStopped):
		p.excuse(it, in.Clock())
	case errors.Is(it.err, ErrStoreAway):
		in.storeAway(p, it.err, "handle an update")
		p.excuse(it, in.Clock())
	default:
		in.storeBack(p)
		in.Meter.UpdateRetried()
		in.said(zerolog.WarnLevel, it.Update).Err(it.err).Int("attempt", it.Attempt).Msg("update failed, will be tried again")
		p.again(it, in.Clock().Add(retryAfter(it.Attempt)))
	}
}

// storeAway has everything wait for a moment.
func (in *Inbox) storeAway(p *plan, err error, doing string) {
	in.Log.Error().Str("fault", "database").Err(err).Str("doing", doing).Msg("the store is away, all updates wait")
	p.awayUntil = in.Clock().Add(away)
}

// storeBack notes that the store answers, which an outcome that was written
// shows. (One that can be read, but not written, would say so twice a second.)
func (in *Inbox) storeBack(p *plan) {
	if !p.awayUntil.IsZero() {
		in.Log.Info().Str("fault", "database").Msg("the store is back, updates are handled again")
		p.awayUntil = time.Time{}
	}
}
