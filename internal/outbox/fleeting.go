package outbox

import "context"

const (
	// maxFleeting is how many fleeting jobs run at once, and how many may
	// wait; more are dropped, since nobody waits for them that long.
	maxFleeting, maxFleetingQueue = 32, 1024
)

// Fleet carries out a job from memory, at once: no row, no second try after a
// crash. It never blocks; where too many wait, the job is dropped and logged.
func (r *Relay) Fleet(job Job) {
	select {
	case r.fleeting <- job:
	default:
		r.Log.Warn().Str("kind", job.Kind).Str("request_id", job.RequestID).Msg("too many fleeting jobs, one dropped")
	}
}

// runFleeting carries out fleeting jobs until the relay stops, and then those
// that wait already, unless work has ended.
func (r *Relay) runFleeting(ctx, work context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case job := <-r.fleeting:
			r.fleet(work, job)
		}
	}
	for work.Err() == nil {
		select {
		case job := <-r.fleeting:
			r.fleet(work, job)
		default:
			return
		}
	}
}

// fleet carries out one fleeting job, and once more where that may help.
func (r *Relay) fleet(work context.Context, job Job) {
	begun := r.Clock()
	ctx := r.Context(work, job)
	out := r.handle(ctx, []Job{job})
	switch out.verdict {
	case later, unknown, failed:
		out = r.handle(ctx, []Job{job})
	case done, dead, paused:
	}
	r.say(out, []Job{job})
	r.Meter.JobEnded(job.Kind, string(out.verdict), r.Clock().Sub(begun))
}
