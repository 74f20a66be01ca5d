package sla

import (
	"math"
	"time"

	"vinbot/internal/ticket"
)

// Policy is how much of their working time the managers have.
type Policy struct {
	Calendar Calendar
	// Take and Done are what a ticket of normal priority is allowed: to be
	// taken, and then to be done. Low doubles them, high halves them, urgent
	// quarters them. Where one of them is 0 there are no deadlines.
	Take, Done time.Duration
	// Release is after how much working time a ticket that is taken and not
	// done returns to the queue; 0: never.
	Release time.Duration
}

var _ ticket.Hours = Policy{}

// Worked is the working time between two instants.
func (p Policy) Worked(from, to time.Time) time.Duration { return p.Calendar.Worked(from, to) }

// Opens is the first working time that is not before an instant; the zero time
// where none ever comes.
func (p Policy) Opens(from time.Time) time.Time { return p.Calendar.Opens(from) }

// never is an allowance that no ticket uses up.
const never = time.Duration(math.MaxInt64)

// none reports whether there are no deadlines.
func (p Policy) none() bool { return p.Take <= 0 || p.Done <= 0 }

// Allowed is how much working time a ticket of a priority may wait to be taken,
// and then to be done.
func (p Policy) Allowed(of ticket.Priority) (take, done time.Duration) {
	if p.none() {
		return never, never
	}
	const whole = 4
	quarters := int64(whole)
	switch of {
	case ticket.Low:
		quarters = 2 * whole
	case ticket.High:
		quarters = whole / 2
	case ticket.Urgent:
		quarters = 1
	case ticket.Normal:
	}
	share := func(d time.Duration) time.Duration { return time.Duration(int64(d) * quarters / whole) }
	return share(p.Take), share(p.Done)
}

// Deadline is until when a ticket must be taken, or, once it is, done; the zero
// time for one that waits for no manager.
func (p Policy) Deadline(t ticket.Ticket) time.Time {
	if p.none() {
		return time.Time{}
	}
	take, done := p.Allowed(t.Priority)
	switch t.Status {
	case ticket.New:
		return p.Calendar.After(t.QueuedAt, take)
	case ticket.Taken:
		return p.Calendar.After(t.TakenAt, done)
	case ticket.Delivering, ticket.Undelivered, ticket.Done, ticket.Rejected, ticket.Cancelled:
	}
	return time.Time{}
}
