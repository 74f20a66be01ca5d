package ticket

import "time"

// Work chooses open tickets in the order in which they are worked off, by
// priority, then by age; what is zero chooses nothing away.
type Work struct {
	Status   Status // an open one
	Priority Priority
	Assignee int64 // who has them
	// OpenedUntil is when they were opened at the latest.
	OpenedUntil time.Time
	// After is the place of the last one of the page before.
	After WorkPlace
	Limit int
}

// WorkPlace is a place in the order of work; the zero one is before the first.
type WorkPlace struct {
	Priority Priority
	OpenedAt time.Time
	ID       int64
}

// PlaceOf is where a ticket stands in the order of work.
func PlaceOf(t Ticket) WorkPlace { return WorkPlace{t.Priority, t.OpenedAt, t.ID} }

// Pile is open tickets that stand at the same place and are as urgent.
type Pile struct {
	Status   Status
	Priority Priority
}

// Miss is a deadline that was missed.
type Miss struct {
	Ticket

	Step Step // [StepTake] or [StepDone]
	At   time.Time
}

// Spoken is a message of a conversation with where it can be read: where it was
// written, if that was in a group, and where copies of it stand.
type Spoken struct {
	Line

	Copies []Place
}
