package outbox

import (
	"context"
	"time"
)

// Aside is a job that was set aside, as one that can never succeed. Its payload
// is not in it.
type Aside struct {
	ID        int64
	Kind      string
	Ticket    int64 // 0: about none
	Attempt   int
	RequestID string
	CreatedAt time.Time
	AsideAt   time.Time
	Reason    string
}

// AsideKind is how many jobs of a kind are set aside, and since when the first
// of them is.
type AsideKind struct {
	Kind  string
	Count int
	Since time.Time
}

// Shelf is where jobs are that were set aside. The changes join the transaction
// that ctx carries.
type Shelf interface {
	// AsideKinds counts them, by kind.
	AsideKinds(ctx context.Context) ([]AsideKind, error)
	// Asides lists those of a kind, or all where it is empty, what was set aside
	// last first, limit at most.
	Asides(ctx context.Context, kind string, limit int) ([]Aside, error)
	// PutBack has those of them wait again that are still set aside, at their
	// place in their lane, and reports how many. One whose like waits already is
	// done with that.
	PutBack(ctx context.Context, ids []int64) (int, error)
	// Drop removes them, and reports how many.
	Drop(ctx context.Context, ids []int64) (int, error)
}
