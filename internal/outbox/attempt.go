package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// recordTries is how often it is tried to record an outcome in a store that
// answers.
const recordTries = 5

// carryOut claims a batch in one transaction and handles each job.
func (r *Relay) carryOut(ctx context.Context, batch []*entry) {
	ids := make([]int64, len(batch))
	for i, e := range batch {
		ids[i] = e.ID
	}
	jobs, err := r.Store.Claim(context.WithoutCancel(ctx), ids, lease)
	if err == nil && r.probing.Load() {
		r.answered.Store(true)
		r.poke()
	}
	claimed := make(map[int64]Job, len(jobs))
	for _, j := range jobs {
		claimed[j.ID] = j
	}
	for _, e := range batch {
		job, ok := claimed[e.ID]
		switch {
		case err != nil:
			e.again, e.runAt = true, r.Clock().Add(away)
			e.err = fmt.Errorf("claim: %w: %w", ErrStoreAway, err)
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
	beat := r.heartbeat(ctx, e, job)
	out := r.handle(r.Context(ctx, job), job)
	beat()
	if out.verdict == failed {
		if e.failures++; e.failures >= maxFailures {
			out = Dead(fmt.Errorf("failed %d times: %w", e.failures, out.err), nil)
		}
	}
	out.log(r.Log, job)
	r.Meter.JobEnded(job.Kind, string(out.verdict), r.Clock().Sub(begun))
	switch {
	case out.verdict == unknown:
		r.Meter.JobResent(job.Kind)
	case out.verdict == paused && job.Chat != 0:
		r.Gate.Penalize(job.Chat, out.after, r.Clock())
	}
	e.again, e.runAt, e.err = r.record(ctx, job, out)
}

// handle runs the kind's handler; a panic is an outcome like any other.
func (r *Relay) handle(ctx context.Context, job Job) (out Outcome) {
	defer func() {
		if recover() != nil {
			r.panicked(job)
			out = Failed(fmt.Errorf("panic in the handler of %s", job.Kind))
		}
		out = r.complete(job, out)
	}()
	kind, ok := r.Kinds[job.Kind]
	if !ok {
		return Dead(fmt.Errorf("no handler for %s", job.Kind), nil)
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
func (r *Relay) record(work context.Context, job Job, out Outcome) (again bool, at time.Time, err error) {
	ctx := context.WithoutCancel(work)
	at = r.Clock().Add(out.after)
	for try := 1; ; {
		again, err = r.recordOnce(ctx, job, out, at)
		switch {
		case err == nil:
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
			out.log(r.Log, job)
		default:
			return false, at, err
		}
	}
}

func (r *Relay) recordOnce(ctx context.Context, job Job, out Outcome, at time.Time) (again bool, err error) {
	switch out.verdict {
	case done:
		return false, r.Store.Finish(ctx, job, out.record)
	case dead:
		return false, r.Store.Bury(ctx, job, out.err.Error(), out.record)
	case later, paused, unknown, failed:
	}
	return r.Store.Retry(ctx, job, at, out.err.Error())
}

// heartbeat renews the job's lease while it is handled.
func (r *Relay) heartbeat(ctx context.Context, e *entry, job Job) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	timer := time.AfterFunc(lease/3, func() {
		defer close(ended)
		r.renew(ctx, e, job)
	})
	return func() {
		cancel()
		if !timer.Stop() { // it began
			<-ended
		}
	}
}

func (r *Relay) renew(ctx context.Context, e *entry, job Job) {
	tick := time.NewTicker(lease / 3)
	defer tick.Stop()
	for {
		until := r.Clock().Add(lease)
		switch err := r.Store.Renew(ctx, job.ID, job.Attempt, lease); {
		case err == nil:
			e.leasedUntil.Store(until.UnixNano())
		case ctx.Err() != nil:
			return
		default:
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

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
