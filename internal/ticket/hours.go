package ticket

import (
	"math"
	"time"
)

// Hours measures time as the managers work.
type Hours interface {
	// Worked is the working time between two instants.
	Worked(from, to time.Time) time.Duration
	// Allowed is how much working time a ticket of a priority may wait to be
	// taken, and how much more it may take until it is done.
	Allowed(p Priority) (take, done time.Duration)
}

// noHours works always and knows no deadline.
type noHours struct{}

func (noHours) Worked(from, to time.Time) time.Duration { return max(0, to.Sub(from)) }

func (noHours) Allowed(Priority) (take, done time.Duration) { return math.MaxInt64, math.MaxInt64 }

// Step is something that is done about a ticket whose time is up, once in each
// of its cycles.
type Step string

// The steps, in the order in which they fall due.
const (
	// StepTake reminds the group, below the card, that nobody took the ticket.
	StepTake Step = "take"
	// StepTakeAdmins tells the admins that, the same time later.
	StepTakeAdmins Step = "take_admins"
	// StepDone mentions the assignee, who has not finished in time.
	StepDone Step = "done"
	// StepDoneAdmins tells the admins that, the same time later.
	StepDoneAdmins Step = "done_admins"
	// StepOwner tells the owner that it takes longer, once however often it is
	// queued anew.
	StepOwner Step = "owner"
	// StepRelease puts a ticket that somebody holds back into the queue.
	StepRelease Step = "release"
)

// Steps lists every step.
func Steps() []Step {
	return []Step{StepTake, StepTakeAdmins, StepDone, StepDoneAdmins, StepOwner, StepRelease}
}

// Watched is a ticket that waits for a manager, with the steps that were taken
// in its present cycle, or once for all.
type Watched struct {
	Ticket

	Steps []Step
	// LookAt is when its deadlines are to be looked at next; the zero time for
	// never.
	LookAt time.Time
}

// measure notes at a transition how much working time went into what ends
// there, and begins anew what begins there. What becomes of the ticket's other
// fields is the transition's own business.
func (s *Service) measure(t *Ticket, to Status, now time.Time) {
	switch {
	case to == New:
		s.requeue(t, now)
	case t.Status == New && (to == Taken || to == Delivering):
		s.measureTake(t, now)
	case t.Status == Taken && to == Delivering:
		s.measureWork(t, now)
	case t.Status == Delivering && to == Done:
		t.ToDone = s.hours.Worked(t.BeganAt, now)
	}
}

// requeue begins another cycle. A ticket that was closed begins from scratch;
// of one that somebody had it is remembered that it was late.
func (s *Service) requeue(t *Ticket, now time.Time) {
	if t.Status.Open() {
		s.measureWork(t, now)
	} else {
		t.BeganAt, t.ToDone, t.Late = now, 0, false
	}
	t.Cycle, t.QueuedAt, t.ToTake = t.Cycle+1, now, 0
}

func (s *Service) measureTake(t *Ticket, now time.Time) {
	take, _ := s.hours.Allowed(t.Priority)
	t.ToTake = s.hours.Worked(t.QueuedAt, now)
	t.Late = t.Late || t.ToTake > take
}

func (s *Service) measureWork(t *Ticket, now time.Time) {
	if t.TakenAt.IsZero() {
		return
	}
	_, done := s.hours.Allowed(t.Priority)
	t.Late = t.Late || s.hours.Worked(t.TakenAt, now) > done
}
