package ticket

import (
	"slices"
	"time"
)

// What an owner is told of how long it takes rests on the tickets that were
// done last: enough of them, and none from long ago.
const (
	WaitSample  = 50 // tickets at most
	WaitFewest  = 5  // with fewer nothing is said
	WaitHorizon = 30 * 24 * time.Hour
)

// TypicalWait is the median of the time from a ticket's opening to the delivery
// of its report; false where there are too few tickets to tell.
func TypicalWait(done []Ticket) (time.Duration, bool) {
	if len(done) < WaitFewest {
		return 0, false
	}
	waits := make([]time.Duration, len(done))
	for i, t := range done {
		waits[i] = t.ClosedAt.Sub(t.OpenedAt)
	}
	slices.Sort(waits)
	middle := len(waits) / 2
	if len(waits)%2 == 1 {
		return waits[middle], true
	}
	return (waits[middle-1] + waits[middle]) / 2, true
}
