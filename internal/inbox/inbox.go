// Package inbox is the durable queue of incoming updates: stored before
// Telegram is told that they arrived, handled in order by key, tried again
// when that fails, and set aside when it keeps failing, so that none is lost
// and none stands in the way of others.
package inbox

import (
	"context"
	"errors"
	"time"
)

// ErrStoreAway says that the store cannot be reached or written now. It is no
// fault of the update that met it and counts as no attempt.
var ErrStoreAway = errors.New("inbox: the store is away")

// Raw is an update as it came: its id and its JSON text.
type Raw struct {
	ID   int64
	Body []byte
}

// Update is a stored update that waits to be handled.
type Update struct {
	Seq        int64 // order of arrival; Telegram's ids may jump to lower ones
	ID         int64 // Telegram's update_id
	Body       []byte
	Attempt    int // how often it was claimed; counted before each try
	RequestID  string
	ReceivedAt time.Time
}

// Store keeps the updates.
type Store interface {
	// Append stores a batch in one transaction, in order, leaving out those
	// that it has (by bot and update id), and reports how many were new. It
	// gives each a request id.
	Append(ctx context.Context, batch []Raw) (int, error)
	// Pending lists the waiting updates after a sequence number, in order,
	// limit at most.
	Pending(ctx context.Context, after int64, limit int) ([]Update, error)
	// Claim counts an attempt for each of the updates, in a transaction of its
	// own: an attempt that kills the process counts, too.
	Claim(ctx context.Context, seqs []int64) error
	// Unclaim takes an attempt back: the store was away, or the process ends.
	Unclaim(ctx context.Context, seqs []int64) error
	// Consume runs fn in one transaction that also marks the update handled
	// and erases its body. From is the person whose update it is, where fn will
	// ask for them, so that they can be looked up with others; or 0. An error
	// from fn rolls all of it back. For an update that does not wait any more fn
	// is not run, and that is no error: the answer to an earlier commit may have
	// been lost.
	Consume(ctx context.Context, seq, from int64, fn func(ctx context.Context) error) error
	// SetAside marks the update dead, with the reason, keeping its body, and
	// runs fn (which tells the person) in the same transaction.
	SetAside(ctx context.Context, seq int64, reason string, fn func(ctx context.Context) error) error
	// Prune forgets what was handled before a time and reports how many.
	Prune(ctx context.Context, before time.Time) (int, error)
	// Oldest gives the arrival of the oldest waiting update; false if none waits.
	Oldest(ctx context.Context) (time.Time, bool, error)
}
