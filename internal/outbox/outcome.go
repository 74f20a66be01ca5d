package outbox

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"
)

// verdict is how an attempt ended; its text is the metric's label.
type verdict string

const (
	done    verdict = "done"    // carried out
	later   verdict = "later"   // it did not happen; to be tried again
	unknown verdict = "unknown" // nobody knows whether it happened; again
	paused  verdict = "paused"  // Telegram asked to wait
	failed  verdict = "failed"  // a fault of ours; again, but not for ever
	dead    verdict = "dead"    // it can never succeed
)

// maxFailures is after how many failures a job that fails for no reason known
// is set aside. What fails because others are away is tried for ever, and that
// counts for nothing here.
const maxFailures = 10

// Outcome is how an attempt at a job ended, and what must be written with it.
type Outcome struct {
	verdict verdict
	err     error
	after   time.Duration
	record  func(ctx context.Context) error
	then    func()
}

// Done says that the job is carried out; record, which may be nil, runs in the
// transaction that marks it so.
func Done(record func(ctx context.Context) error) Outcome {
	return Outcome{verdict: done, record: record}
}

// Then has fn run once a job that is done is noted as such, and never where it
// is not: what record counts is counted again when that is tried again.
func (o Outcome) Then(fn func()) Outcome {
	o.then = fn
	return o
}

// Later says that it did not happen and is worth another try, after a time, or
// by [Backoff] where that is 0.
func Later(err error, after time.Duration) Outcome {
	return Outcome{verdict: later, err: err, after: after}
}

// Unknown says that nobody knows whether it happened: it is tried again, and
// counted.
func Unknown(err error) Outcome { return Outcome{verdict: unknown, err: err} }

// Paused says that Telegram wants a pause before it takes anything for the
// job's chat.
func Paused(err error, after time.Duration) Outcome {
	return Outcome{verdict: paused, err: err, after: after}
}

// Failed says that something broke that should not: it is tried again, ten
// times at most.
func Failed(err error) Outcome { return Outcome{verdict: failed, err: err} }

// Dead says that the job can never succeed; record, which may be nil, runs in
// the transaction that sets it aside.
func Dead(err error, record func(ctx context.Context) error) Outcome {
	return Outcome{verdict: dead, err: err, record: record}
}

// Backoff is how long a job waits before its next try: about 0.5, 1, 2, 4, 8,
// 16 seconds, then 30, each less or more by a fifth, so that many do not come
// back at once.
func Backoff(attempt int) time.Duration {
	base := 30 * time.Second
	if attempt < 7 {
		base = 500 * time.Millisecond << max(0, attempt-1)
	}
	return time.Duration(float64(base) * (0.8 + 0.4*rand.Float64())) //nolint:gosec // jitter needs no secrecy
}

// say logs how an attempt at a job, or at several at once, ended.
func (r *Relay) say(o Outcome, jobs []Job) {
	job := jobs[0]
	line := r.Log.WithLevel(o.level(r.Kinds[job.Kind].Quiet)) //nolint:zerologlint // it is, below
	line = line.Str("kind", job.Kind).Str("request_id", job.RequestID)
	if job.TicketID != 0 {
		line = line.Int64("ticket", job.TicketID)
	}
	if job.Chat != 0 {
		line = line.Int64(cmp.Or(r.Chats, "chat"), job.Chat)
	}
	if len(jobs) > 1 {
		line = line.Int("together", len(jobs))
	}
	if o.err != nil {
		line = line.Err(o.err).Int("attempt", job.Attempt)
	}
	switch o.verdict {
	case later, paused, unknown: // as many as wait, and again and again, while others are away
		line = line.Str("fault", cmp.Or(r.Chats, "outbox"))
	case done, failed, dead:
	}
	line.Str("outcome", string(o.verdict)).Msg("job")
	for _, other := range jobs[1:] { // whose story it is part of, too
		r.Log.Debug().Str("kind", other.Kind).Str("request_id", other.RequestID).Int64("ticket", other.TicketID).
			Str("outcome", string(o.verdict)).Msg("job, with others")
	}
}

// level is how much an outcome matters to who reads the log.
func (o Outcome) level(quiet bool) zerolog.Level {
	switch o.verdict {
	case later, paused, unknown:
		return zerolog.WarnLevel
	case failed, dead:
		return zerolog.ErrorLevel
	case done:
	}
	if quiet {
		return zerolog.DebugLevel
	}
	return zerolog.InfoLevel
}
