package outbox

import (
	"context"
	"sync"
	"time"
)

// run is the one goroutine that owns the plan. ctx ends when no new job may
// begin, work when those that run must end.
func (r *Relay) run(ctx, work context.Context, ended chan<- struct{}) {
	defer close(ended)
	var fleet sync.WaitGroup
	for range maxFleeting {
		fleet.Go(func() { r.runFleeting(ctx, work) })
	}
	defer fleet.Wait()
	r.crew = newCrew()
	defer r.crew.disband()
	p := newPlan(r.Kinds)
	prune := time.NewTicker(time.Hour)
	defer prune.Stop()
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for ctx.Err() == nil {
		r.refill(ctx, p)
		if ctx.Err() == nil {
			r.launch(work, p)
		}
		r.await(ctx, p, alarm, prune.C)
	}
	for p.flights > 0 {
		r.settle(p, <-r.done)
	}
}

// refill takes the announced rows into the plan, and from time to time looks
// for others in the store.
func (r *Relay) refill(ctx context.Context, p *plan) {
	if r.answered.Swap(false) {
		r.storeBack()
	}
	r.mu.Lock()
	fresh, look := r.fresh, r.look
	r.fresh, r.look = nil, 0
	r.mu.Unlock()
	now := r.Clock()
	for _, h := range fresh {
		p.add(h, now)
	}
	scan := !now.Before(r.reload)
	if !scan && look == 0 {
		return
	}
	var err error
	if look > 0 {
		err = r.read(ctx, p, look)
	}
	if err == nil && scan {
		err = r.scan(ctx, p)
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		r.storeAway(err, "read the outbox")
		r.reload = r.awayUntil
	case len(p.known) == 0:
		r.storeBack()
	}
}

// scan reclaims what is leased to nobody, and reads what waits: at the start
// all of it, before any job begins; later a page at a time, so that jobs go on
// meanwhile however much waits.
func (r *Relay) scan(ctx context.Context, p *plan) error {
	now := r.Clock()
	if r.after == 0 {
		if err := r.reclaim(ctx, p, now); err != nil {
			return err
		}
	}
	for {
		heads, err := r.Store.Waiting(ctx, r.after, page)
		if err != nil {
			return err
		}
		for _, h := range heads {
			p.add(h, now)
			r.after = h.ID
		}
		if len(heads) < page {
			r.after, r.whole = 0, true
			r.reload = now.Add(rescan)
			return nil
		}
		if r.whole {
			return nil
		}
	}
}

// read takes the rows in that another process put in, from an id on. More than
// a page of them wait for the next scan, which is at once.
func (r *Relay) read(ctx context.Context, p *plan, from int64) error {
	heads, err := r.Store.Waiting(ctx, from-1, page)
	if err != nil {
		return err
	}
	now := r.Clock()
	for _, h := range heads {
		p.add(h, now)
	}
	if len(heads) == page {
		r.reload = now
	}
	return nil
}

// reclaim takes rows back whose lease has ended: at the start all, since they
// are a dead process's; later those that were lost track of, and none that is
// in flight, though a store that was away let its lease run out.
func (r *Relay) reclaim(ctx context.Context, p *plan, now time.Time) error {
	ended := p.leasesHold(now)
	if !r.reclaimed {
		ended = now.Add(2 * lease)
	}
	lost, err := r.Store.Reclaim(ctx, ended)
	if err != nil {
		return err
	}
	r.reclaimed = true
	for _, h := range lost {
		if p.add(h, now) {
			r.Meter.JobResent(h.Kind)
		}
	}
	return nil
}

// launch starts what the plan and the gate let go now. What becomes possible
// while the store claims one batch is the next: where much is to do, a claim for
// each job would cost as much as half of what else the store does for it. While the store is away
// that is one job from time to time, which finds out whether it is back.
func (r *Relay) launch(work context.Context, p *plan) {
	now := r.Clock()
	if now.Before(r.awayUntil) || r.claiming.Load() {
		return
	}
	room := r.AtOnce - p.flights
	if probe := !r.awayUntil.IsZero(); probe {
		room = min(room, 1)
		r.awayUntil = now.Add(away)
	}
	p.wakeDue(now)
	width := r.width(now)
	var batch []*entry
	for len(batch) < room {
		e := p.next(r.Clock(), r.Gate, width)
		if e == nil {
			break
		}
		for m := range e.together() {
			m.again, m.err = false, nil
			m.leasedUntil.Store(now.Add(lease).UnixNano())
		}
		batch = append(batch, e)
	}
	if len(batch) > 0 {
		r.claiming.Store(true)
		go r.carryOut(work, batch)
	}
}

// await blocks until there may be something to do.
func (r *Relay) await(ctx context.Context, p *plan, alarm *time.Timer, prune <-chan time.Time) {
	at := r.reload
	if !r.claiming.Load() { // whose end wakes: until then nothing is launched, whatever is due
		if due, ok := p.nextDue(); ok && due.Before(at) {
			at = due
		}
		if len(p.chats) > 0 && !r.grows.IsZero() && r.grows.Before(at) {
			at = r.grows
		}
	}
	if at.Before(r.awayUntil) {
		at = r.awayUntil
	}
	alarm.Reset(max(0, at.Sub(r.Clock())))
	select {
	case <-ctx.Done():
	case <-alarm.C:
	case <-r.wake:
	case e := <-r.done:
		r.settle(p, e)
		for range len(r.done) {
			r.settle(p, <-r.done)
		}
	case <-prune:
		if _, err := r.Store.Prune(ctx, r.Clock().Add(-keep)); err != nil && ctx.Err() == nil {
			r.Log.Warn().Str("fault", "database").Err(err).Msg("could not prune finished rows")
		}
	}
}

// settle takes the end of a job into the plan.
func (r *Relay) settle(p *plan, e *entry) {
	now := r.Clock()
	r.young.ended++
	if e.Chat != 0 {
		r.Gate.Release(e.Chat, now)
	}
	for m := range e.together() {
		if m.err != nil && !m.again { // its lease runs out, and it is found again
			r.Log.Error().Err(m.err).Str("kind", m.Kind).Int64("job", m.ID).Msg("outcome not recorded")
		}
	}
	switch {
	case e.err == nil:
		r.storeBack()
	case e.again:
		r.storeAway(e.err, "claim jobs")
	}
	p.settle(e, now)
}

// storeAway has everything wait for a moment.
func (r *Relay) storeAway(err error, doing string) {
	r.Log.Error().Str("fault", "database").Err(err).Str("doing", doing).Msg("the store is away, all jobs wait")
	r.probing.Store(true)
	r.awayUntil = r.Clock().Add(away)
}

// storeBack notes that the store can be written.
func (r *Relay) storeBack() {
	if !r.awayUntil.IsZero() {
		r.Log.Info().Str("fault", "database").Msg("the store is back, jobs are carried out again")
	}
	r.probing.Store(false)
	r.awayUntil = time.Time{}
}
