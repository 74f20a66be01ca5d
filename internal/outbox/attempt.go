package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// carryOut claims a batch in one transaction and handles each job.
func (r *Relay) carryOut(ctx context.Context, batch []*entry) {
	ids := make([]int64, len(batch))
	for i, e := range batch {
		ids[i] = e.ID
	}
	jobs, err := r.Store.Claim(ctx, ids, lease)
	claimed := make(map[int64]Job, len(jobs))
	for _, j := range jobs {
		claimed[j.ID] = j
	}
	for _, e := range batch {
		job, ok := claimed[e.ID]
		switch {
		case err != nil:
			e.again, e.runAt = true, r.Clock().Add(away)
			e.err = err
			r.done <- e
		case !ok: // another took it
			r.done <- e
		default:
			go func() {
				r.attempt(ctx, e, job)
				r.done <- e
			}()
		}
	}
}

// attempt handles one job and records its outcome.
func (r *Relay) attempt(ctx context.Context, e *entry, job Job) {
	begun := r.Clock()
	beat := r.heartbeat(ctx, job)
	out := r.handle(r.Context(ctx, job), job)
	beat()
	out.log(r.Log, job)
	r.Meter.JobEnded(job.Kind, string(out.verdict), r.Clock().Sub(begun))
	if out.verdict == paused && job.Chat != 0 {
		r.Gate.Penalize(job.Chat, out.after, r.Clock())
	}
	e.again, e.runAt, e.err = r.record(ctx, job, out)
}

// handle runs the kind's handler; a panic is an outcome like any other.
func (r *Relay) handle(ctx context.Context, job Job) (out Outcome) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error().Str("kind", job.Kind).Str("request_id", job.RequestID).
				Bytes("stack", debug.Stack()).Msg("a handler panicked")
			out = Failed(fmt.Errorf("panic in the handler of %s", job.Kind))
		}
	}()
	kind, ok := r.Kinds[job.Kind]
	if !ok {
		return Dead(fmt.Errorf("no handler for %s", job.Kind), nil)
	}
	return kind.Handler.Handle(ctx, job)
}

// record writes an outcome; a store that is away is asked until it is back or
// the process ends: what was sent should not be sent again.
func (r *Relay) record(work context.Context, job Job, out Outcome) (again bool, at time.Time, err error) {
	ctx := context.WithoutCancel(work)
	for {
		again, at, err = r.recordOnce(ctx, job, out)
		switch {
		case err == nil || errors.Is(err, ErrLost):
			return again, at, nil
		case errors.Is(err, ErrStoreAway) && work.Err() == nil:
			sleep(work, away)
		default: // what the outcome led to failed: another try may go better
			out = Failed(err)
			if again, at, err = r.recordOnce(ctx, job, out); err == nil || errors.Is(err, ErrLost) {
				out.log(r.Log, job)
				return again, at, nil
			}
			return false, time.Time{}, err
		}
	}
}

func (r *Relay) recordOnce(ctx context.Context, job Job, out Outcome) (again bool, at time.Time, err error) {
	switch out.verdict {
	case done:
		return false, at, r.Store.Finish(ctx, job, out.record)
	case dead:
		return false, at, r.Store.Bury(ctx, job, out.err.Error(), out.record)
	case failed:
		if job.Attempt >= maxFailures {
			return false, at, r.Store.Bury(ctx, job, out.err.Error(), nil)
		}
	case later, paused, unknown:
	}
	if out.verdict == unknown {
		r.Meter.JobResent(job.Kind)
	}
	after := out.after
	if after <= 0 {
		after = Backoff(job.Attempt)
	}
	at = r.Clock().Add(after)
	again, err = r.Store.Retry(ctx, job, at, out.err.Error())
	return again, at, err
}

// heartbeat renews the job's lease while it is handled.
func (r *Relay) heartbeat(ctx context.Context, job Job) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(lease/3, func() { r.renew(ctx, job) })
	return func() {
		timer.Stop()
		cancel()
	}
}

func (r *Relay) renew(ctx context.Context, job Job) {
	tick := time.NewTicker(lease / 3)
	defer tick.Stop()
	for {
		if err := r.Store.Renew(ctx, job.ID, job.Attempt, lease); err != nil && ctx.Err() == nil {
			r.Log.Warn().Err(err).Str("kind", job.Kind).Int64("job", job.ID).Msg("lease not renewed")
			if errors.Is(err, ErrLost) {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// runFleeting carries out fleeting jobs, each twice at most.
func (r *Relay) runFleeting(ctx, work context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case job := <-r.fleeting:
			begun := r.Clock()
			jctx := r.Context(work, job)
			out := r.handle(jctx, job)
			if out.verdict != done && out.verdict != dead {
				out = r.handle(jctx, job)
			}
			out.log(r.Log, job)
			r.Meter.JobEnded(job.Kind, string(out.verdict), r.Clock().Sub(begun))
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
