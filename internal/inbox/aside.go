package inbox

import (
	"context"
	"time"
)

// Aside is an update that was set aside. What it says is not in it.
type Aside struct {
	Seq        int64
	ID         int64  // Telegram's update_id
	Kind       string // what Telegram calls it, as "message"; empty where that cannot be read
	Attempt    int
	RequestID  string
	ReceivedAt time.Time
	AsideAt    time.Time
	Reason     string
}

// Shelf is where updates are that were set aside. The changes join the
// transaction that ctx carries.
type Shelf interface {
	// Asides lists them, what was set aside last first, limit at most, and tells
	// how many there are.
	Asides(ctx context.Context, limit int) ([]Aside, int, error)
	// PutBack has those of them wait again that are still set aside, at their
	// place in the order of arrival and as if they had not been tried, and reports
	// how many.
	PutBack(ctx context.Context, seqs []int64) (int, error)
	// Drop forgets what they say and has nobody handle them, and reports how many.
	Drop(ctx context.Context, seqs []int64) (int, error)
}
