package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// recordTries is how often it is tried to record an outcome in a store that
// answers.
const recordTries = 5

// carryOut claims a batch in one transaction and handles each job, or those
// that were gathered at once.
func (r *Relay) carryOut(ctx context.Context, batch []*entry) {
	var ids []int64
	for _, e := range batch {
		for m := range e.together() {
			ids = append(ids, m.ID)
		}
	}
	jobs, err := r.Store.Claim(context.WithoutCancel(ctx), ids, lease)
	r.claiming.Store(false)
	defer r.poke()
	if err == nil && r.probing.Load() {
		r.answered.Store(true)
	}
	claimed := make(map[int64]Job, len(jobs))
	for _, j := range jobs {
		claimed[j.ID] = j
	}
	for _, e := range batch {
		if err != nil {
			at := r.Clock().Add(away)
			for m := range e.together() {
				m.again, m.runAt = true, at
			}
			e.err = fmt.Errorf("claim: %w: %w", ErrStoreAway, err)
			r.done <- e
			continue
		}
		var f flight
		for m := range e.together() {
			if job, ok := claimed[m.ID]; ok { // else another took it
				f.entries, f.jobs = append(f.entries, m), append(f.jobs, job)
			}
		}
		if len(f.jobs) == 0 {
			r.done <- e
			continue
		}
		r.crew.carryOut(func() {
			r.attempt(ctx, f)
			r.done <- e
		})
	}
}

// flight is what is carried out as one: a job most of the time.
type flight struct {
	entries []*entry
	jobs    []Job // of the entries, in their order
}

// attempt carries a flight out and records its outcome.
func (r *Relay) attempt(ctx context.Context, f flight) {
	begun := r.Clock()
	beat := r.heartbeat(ctx, f)
	out := r.handle(r.Context(ctx, f.jobs[0]), f.jobs)
	beat()
	out = r.judge(f, out)
	r.say(out, f.jobs)
	took := r.Clock().Sub(begun)
	for _, job := range f.jobs {
		r.Meter.JobEnded(job.Kind, string(out.verdict), took)
	}
	switch first := f.jobs[0]; {
	case out.verdict == unknown:
		r.Meter.JobResent(first.Kind)
	case out.verdict == paused && first.Chat != 0:
		r.Gate.Penalize(first.Chat, out.after, r.Clock())
	}
	r.note(ctx, f, out)
}

// judge counts failures: a job that fails for no reason known is set aside at
// last. Of several that failed together nobody knows which is to blame: each
// is tried again alone, as it is where they can never succeed together.
func (r *Relay) judge(f flight, out Outcome) Outcome {
	if out.verdict != failed && (out.verdict != dead || len(f.jobs) == 1) {
		return out
	}
	if len(f.jobs) > 1 {
		for _, e := range f.entries {
			e.alone = true
		}
		return Later(fmt.Errorf("%d jobs failed together: %w", len(f.jobs), out.err), Backoff(1))
	}
	e := f.entries[0]
	if e.failures++; e.failures >= maxFailures {
		return Dead(fmt.Errorf("failed %d times: %w", e.failures, out.err), nil)
	}
	return out
}

// note records the outcome of each job. What was done is recorded at once for
// all; what is to be tried again is so for all at the same time.
func (r *Relay) note(ctx context.Context, f flight, out Outcome) {
	at := r.Clock().Add(out.after)
	first := f.entries[0]
	if len(f.jobs) == 1 || out.verdict == done {
		first.again, first.runAt, first.err = r.record(ctx, f.jobs, out, at)
		return
	}
	var all sync.WaitGroup
	for i, e := range f.entries {
		all.Go(func() { e.again, e.runAt, e.err = r.record(ctx, f.jobs[i:i+1], out, at) })
	}
	all.Wait()
}

// handle runs the kind's handler; a panic is an outcome like any other.
func (r *Relay) handle(ctx context.Context, jobs []Job) (out Outcome) {
	job := jobs[0]
	defer func() {
		if recover() != nil {
			r.panicked(job)
			out = Failed(fmt.Errorf("panic in the handler of %s", job.Kind))
		}
		out = r.complete(job, out)
	}()
	kind, ok := r.Kinds[job.Kind]
	switch {
	case !ok:
		return Dead(fmt.Errorf("no handler for %s", job.Kind), nil)
	case len(jobs) > 1:
		return kind.Gather.Handle(ctx, jobs)
	}
	return kind.Handler.Handle(ctx, job)
}

// complete adds what an outcome must have.
func (r *Relay) complete(job Job, out Outcome) Outcome {
	if out.verdict == "" {
		out = Failed(errors.New("the handler gave no outcome"))
	}
	if out.err == nil && out.verdict != done {
		out.err = errors.New("the handler gave no reason")
	}
	if out.after <= 0 {
		out.after = Backoff(job.Attempt)
	}
	if record := out.record; record != nil {
		out.record = func(ctx context.Context) (err error) {
			defer func() {
				if recover() != nil {
					r.panicked(job)
					err = fmt.Errorf("panic in recording the outcome of %s", job.Kind)
				}
			}()
			return record(ctx)
		}
	}
	return out
}

// panicked logs where, not what: the value may hold what somebody wrote.
func (r *Relay) panicked(job Job) {
	r.Log.Error().Str("kind", job.Kind).Str("request_id", job.RequestID).
		Bytes("stack", debug.Stack()).Msg("a handler panicked")
}

// record writes an outcome, and gives whether and when the job is to be tried
// again. A store that is away is asked until it is back or the process ends,
// since what was sent should not be sent again. For the same reason a job
// whose outcome cannot be recorded for another reason is set aside, not
// carried out once more.
func (r *Relay) record(work context.Context, jobs []Job, out Outcome, at time.Time) (again bool, _ time.Time, err error) {
	ctx, job := context.WithoutCancel(work), jobs[0]
	for try := 1; ; {
		again, err = r.recordOnce(ctx, jobs, out, at)
		switch {
		case err == nil:
			if out.verdict == done && out.then != nil {
				out.then()
			}
			return again, at, nil
		case errors.Is(err, ErrLost):
			r.Log.Warn().Str("kind", job.Kind).Str("request_id", job.RequestID).Msg("a job's lease was lost")
			return false, at, nil
		case work.Err() != nil:
			return false, at, err
		case errors.Is(err, ErrStoreAway):
			sleep(work, away)
		case try < recordTries:
			sleep(work, Backoff(try))
			try++
		case out.record != nil:
			out = Dead(fmt.Errorf("its outcome (%s) cannot be recorded: %w", out.verdict, err), nil)
			r.say(out, jobs)
		default:
			return false, at, err
		}
	}
}

func (r *Relay) recordOnce(ctx context.Context, jobs []Job, out Outcome, at time.Time) (again bool, err error) {
	switch job := jobs[0]; out.verdict {
	case done:
		if len(jobs) > 1 {
			return false, r.Store.FinishAll(ctx, jobs, out.record)
		}
		return false, r.Store.Finish(ctx, job, out.record)
	case dead:
		for _, j := range jobs[1:] { // whose outcome cannot be recorded
			if err := r.Store.Bury(ctx, j, out.err.Error(), nil); err != nil && !errors.Is(err, ErrLost) {
				return false, err
			}
		}
		return false, r.Store.Bury(ctx, job, out.err.Error(), out.record)
	case later, paused, unknown, failed:
	}
	return r.Store.Retry(ctx, jobs[0], at, out.err.Error())
}

// heartbeat renews the leases of a flight while it is under way.
func (r *Relay) heartbeat(ctx context.Context, f flight) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	timer := time.AfterFunc(lease/3, func() {
		defer close(ended)
		r.renew(ctx, f)
	})
	return func() {
		cancel()
		if !timer.Stop() { // it began
			<-ended
		}
	}
}

func (r *Relay) renew(ctx context.Context, f flight) {
	tick := time.NewTicker(lease / 3)
	defer tick.Stop()
	lost := make([]bool, len(f.jobs))
	for {
		for i, job := range f.jobs {
			if !lost[i] {
				lost[i] = r.renewOne(ctx, f.entries[i], job)
			}
		}
		if !slices.Contains(lost, false) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// renewOne renews a lease, and reports whether it is lost.
func (r *Relay) renewOne(ctx context.Context, e *entry, job Job) (lost bool) {
	until := r.Clock().Add(lease)
	err := r.Store.Renew(ctx, job.ID, job.Attempt, lease)
	switch {
	case err == nil:
		e.leasedUntil.Store(until.UnixNano())
	case ctx.Err() == nil:
		r.Log.Warn().Str("fault", "database").Err(err).Str("kind", job.Kind).Int64("job", job.ID).Msg("lease not renewed")
	}
	return errors.Is(err, ErrLost)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
