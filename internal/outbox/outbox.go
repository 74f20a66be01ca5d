// Package outbox is the durable queue of outgoing effects: written in the
// transaction that decided them, carried out after its commit, in order by
// lane, the urgent first, within the limits of each chat, tried again when
// that fails, and set aside when it can never succeed.
package outbox

import (
	"context"
	"errors"
	"time"
)

// ErrStoreAway says that the store cannot be reached or written now. It is no
// fault of the job that met it.
var ErrStoreAway = errors.New("outbox: the store is away")

// ErrLost says that a job is no longer this worker's: its lease ran out and
// another has it, or has finished it.
var ErrLost = errors.New("outbox: the lease is lost")

// Head is what the relay must know of a waiting row to plan: no payload.
type Head struct {
	ID      int64
	Kind    string
	Lane    string
	Chat    int64
	Gather  string // rows of a kind and chat that share it may be carried out as one; empty: never
	Urgency int
	RunAt   time.Time
}

// Job is a claimed row.
type Job struct {
	Head
	Payload   []byte // JSON
	Attempt   int    // this one included; the fence
	RequestID string
	TicketID  int64
	CreatedAt time.Time
}

// Depth is how much of an urgency and a kind waits.
type Depth struct {
	Urgency int
	Kind    string // empty where a queue does not tell them apart
	Waiting int
	// Oldest is since when the oldest of them could have been done: since it was
	// to run, or since it was made where it has been tried. Zero if none is due.
	Oldest time.Time
}

// Store keeps the rows. A row is waiting, leased, done or dead.
type Store interface {
	// Waiting lists waiting rows after an id, by id, limit at most, whatever
	// their RunAt.
	Waiting(ctx context.Context, after int64, limit int) ([]Head, error)
	// Claim leases those of the rows that still wait, counts an attempt each,
	// and gives them.
	Claim(ctx context.Context, ids []int64, lease time.Duration) ([]Job, error)
	// Renew prolongs a lease; ErrLost if it is not this attempt's.
	Renew(ctx context.Context, id int64, attempt int, lease time.Duration) error
	// Finish marks a job done, erases its payload and runs record in the same
	// transaction; ErrLost, and nothing recorded, if the lease is not this
	// attempt's.
	Finish(ctx context.Context, job Job, record func(ctx context.Context) error) error
	// FinishAll is Finish for jobs that were carried out as one, in one
	// transaction. Those whose lease is lost are left out; ErrLost, and nothing
	// recorded, where that is all of them.
	FinishAll(ctx context.Context, jobs []Job, record func(ctx context.Context) error) error
	// Retry puts a job back to wait until at. One whose merge key waits in
	// another row by now ends as merged: waits is false then.
	Retry(ctx context.Context, job Job, at time.Time, reason string) (waits bool, err error)
	// Bury marks a job dead with the reason and runs record in the same
	// transaction.
	Bury(ctx context.Context, job Job, reason string, record func(ctx context.Context) error) error
	// Reclaim puts rows back to wait whose lease ended before a time, merging
	// as Retry does, and gives them.
	Reclaim(ctx context.Context, before time.Time) ([]Head, error)
	// Prune forgets what was done before a time and reports how many.
	Prune(ctx context.Context, before time.Time) (int, error)
	// Depths counts what waits, by urgency and kind.
	Depths(ctx context.Context) ([]Depth, error)
}
