package store

import (
	"context"
	"sync"
	"time"
)

// unit is one piece of work that wants a transaction.
type unit struct {
	ctx   context.Context
	run   func(ctx context.Context, t *tx) error
	again bool // may run once more, since only the database remembers that it ran
	// What it begins with, if anything: run leaves that out where it was done with
	// the beginnings of the whole group.
	mark  *mark
	steps func(now time.Time) []step // which is all that there is to it
	begun bool

	tx   *tx // once it ran
	err  error
	done chan struct{} // closed when it is committed or has failed
}

// queue holds the units that wait for the writer, in order.
type queue struct {
	mu      sync.Mutex
	arrived sync.Cond
	units   []*unit
	closed  bool
}

func newQueue() *queue {
	q := &queue{}
	q.arrived.L = &q.mu
	return q
}

// put adds a unit; false once the queue is closed.
func (q *queue) put(u *unit) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.units = append(q.units, u)
	q.arrived.Signal()
	return true
}

// take waits for units and gives those that wait, limit at most; none once the
// queue is closed and empty.
func (q *queue) take(limit int) []*unit {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.units) == 0 && !q.closed {
		q.arrived.Wait()
	}
	n := min(len(q.units), limit)
	taken := q.units[:n:n]
	q.units = q.units[n:]
	if len(q.units) == 0 {
		q.units = nil
	}
	return taken
}

// close refuses new units; those that wait are still given.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.arrived.Signal()
}
