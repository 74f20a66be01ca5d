package sla

import (
	"slices"
	"time"

	"vinbot/internal/ticket"
)

// Verdict is what is to be done about a ticket, seen from an instant.
type Verdict struct {
	// Due are the steps whose time has come, and that were not taken yet, in
	// the order of [ticket.Steps]. Outside working hours there are none.
	Due []ticket.Step
	// Next is when there is something to be done next, if nothing becomes of
	// the ticket until then; the zero time for never.
	Next time.Time
}

// Due is the whole rule. A ticket in the queue has the time to be taken, and
// the admins hear of it when the same time has passed once more; one that is
// taken has the time to be done, likewise; its owner hears that it takes longer
// when both times together have passed since it was opened, or reopened. All of
// it is working time. Whatever is due outside working hours waits for them. A
// ticket that is on its way to its owner, or closed, is none of the rule's
// business.
func Due(w ticket.Watched, p Policy, now time.Time) Verdict {
	var v Verdict
	opens := p.Calendar.Opens(now)
	for _, s := range p.steps(w.Ticket) {
		if slices.Contains(w.Steps, s.step) {
			continue
		}
		at := p.Calendar.After(s.since, s.worked)
		switch {
		case at.IsZero() || opens.IsZero(): // nobody works any more
			continue
		case !at.After(now) && opens.Equal(now):
			v.Due = append(v.Due, s.step)
			continue
		}
		// A shift does not hold its end: what is due then waits for the next.
		if at = p.Calendar.Opens(at); at.Before(opens) {
			at = opens
		}
		if v.Next.IsZero() || at.Before(v.Next) {
			v.Next = at
		}
	}
	return v
}

// LookAt is when a ticket is to be looked at next, as far as it tells itself: at
// once where a step is due, unless that was taken already; the zero time for never.
func (p Policy) LookAt(t ticket.Ticket, now time.Time) time.Time {
	v := Due(ticket.Watched{Ticket: t}, p, now)
	if len(v.Due) > 0 {
		return now
	}
	return v.Next
}

// allowance is the working time after which a step is due.
type allowance struct {
	step   ticket.Step
	since  time.Time
	worked time.Duration
}

// steps lists what may have to be done about a ticket as it stands, in the
// order of [ticket.Steps].
func (p Policy) steps(t ticket.Ticket) []allowance {
	var steps []allowance
	if take, done := p.Allowed(t.Priority); !p.none() {
		switch t.Status {
		case ticket.New:
			steps = append(steps,
				allowance{ticket.StepTake, t.QueuedAt, take}, allowance{ticket.StepTakeAdmins, t.QueuedAt, 2 * take},
				allowance{ticket.StepOwner, t.BeganAt, take + done})
		case ticket.Taken:
			steps = append(steps,
				allowance{ticket.StepDone, t.TakenAt, done}, allowance{ticket.StepDoneAdmins, t.TakenAt, 2 * done},
				allowance{ticket.StepOwner, t.BeganAt, take + done})
		case ticket.Delivering, ticket.Undelivered, ticket.Done, ticket.Rejected, ticket.Cancelled:
		}
	}
	if p.Release > 0 && t.Status == ticket.Taken {
		steps = append(steps, allowance{ticket.StepRelease, t.TakenAt, p.Release})
	}
	return steps
}

// Owed reports whether what a step says still is so of a ticket: the steps that
// were taken do not matter to it, since this one was. Outside working hours it
// is owed later: wait is how much.
func (p Policy) Owed(t ticket.Ticket, step ticket.Step, now time.Time) (owed bool, wait time.Duration) {
	opens := p.Calendar.Opens(now)
	if opens.IsZero() {
		return false, 0
	}
	for _, due := range Due(ticket.Watched{Ticket: t}, p, opens).Due {
		if due == step {
			return true, opens.Sub(now)
		}
	}
	return false, 0
}
