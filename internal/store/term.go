package store

import (
	"context"
	"time"

	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// termKey is the context's key of the epoch in which the process leads.
type termKey struct{}

// WithTerm has what is written under a context be the leader's work of a term:
// it is written only while nobody took the lead after it.
func WithTerm(ctx context.Context, epoch int64) context.Context {
	return context.WithValue(ctx, termKey{}, epoch)
}

// deposedError says that the work's term is over. To the queues the store is
// away, and what they had is another's.
type deposedError struct{}

// Error says so.
func (deposedError) Error() string { return "another vinbot leads by now" }

// Is makes it the queues' own errors, too.
func (deposedError) Is(target error) bool {
	return target == inbox.ErrStoreAway || target == outbox.ErrStoreAway || target == outbox.ErrLost
}

// fence makes sure, once in a transaction, that the term of a unit still
// lasts, and that it does until the commit: who wants the lead waits for it. It
// stands before the unit's savepoint, whose end would let go of it.
func (w *writer) fence(u *unit) (deposed bool, _ error) {
	epoch, ok := u.ctx.Value(termKey{}).(int64)
	if !ok || epoch == w.fenced {
		return false, nil
	}
	const doing = "look whether this process leads"
	err := w.session.together([]step{fencing(epoch, func() { deposed = true })})
	switch {
	case isAway(err):
		return false, err
	case err != nil:
		return false, away(doing, err)
	case deposed:
		u.err = ticket.NewError(ticket.CodeUnavailable, doing, deposedError{})
		return true, nil
	}
	w.fenced = epoch
	return false, nil
}

// lasts is the question whether a term lasts, and locks it against who would end it.
const lasts = `SELECT epoch FROM leader WHERE id = 1 AND epoch = ? FOR SHARE`

// fencing asks whether a term lasts.
func fencing(epoch int64, over func()) step {
	s := sqlf(lasts, epoch).
		reading("look whether this process leads", func(scan func(into ...any) error) error { return scan(&epoch) })
	s.ended = func(found, _ int64) error {
		if found == 0 {
			over()
		}
		return nil
	}
	return s
}

// insisting fails where a term is over, so that nothing happens that was sent with it:
// there is nothing to divide by then.
func insisting(epoch int64) step {
	return sqlf(`SELECT 1 / count(*) FROM (`+lasts+`) AS held`, epoch).step("make sure that this process leads")
}

// LeaderBeat tells how long ago the leader gave its last sign of life, by the
// database's clock; false if none ever did. For PostgreSQL alone.
func (s *Store) LeaderBeat(ctx context.Context) (time.Duration, bool, error) {
	var seconds float64
	err := s.scan(ctx, "look for the leader", sqlf(`SELECT extract(epoch FROM clock_timestamp() - at) FROM leader_beat WHERE id = 1`), &seconds)
	switch {
	case ticket.IsNotFound(err):
		return 0, false, nil
	case err != nil:
		return 0, false, err
	}
	return max(0, time.Duration(seconds*float64(time.Second))), true, nil
}
