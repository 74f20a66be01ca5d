package sla_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/sla"
	"vinbot/internal/ticket"
)

func TestWhatIsDue(t *testing.T) {
	t.Parallel()
	moscow := zone(t, "Europe/Moscow")
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, moscow) }
	policy := sla.Policy{Calendar: office(t, "Europe/Moscow"), Take: 15 * time.Minute, Done: 2 * time.Hour, Release: 4 * time.Hour}
	opened := func(day, hour, minute int) ticket.Watched {
		begin := at(day, hour, minute)
		return ticket.Watched{Ticket: ticket.Ticket{
			Status: ticket.New, Priority: ticket.Normal, OpenedAt: begin, BeganAt: begin, QueuedAt: begin, Cycle: 1,
		}}
	}
	taken := func(w ticket.Watched, day, hour, minute int) ticket.Watched {
		w.Status, w.TakenAt = ticket.Taken, at(day, hour, minute)
		return w
	}
	of := func(w ticket.Watched, p ticket.Priority) ticket.Watched { w.Priority = p; return w }
	with := func(w ticket.Watched, s ...ticket.Step) ticket.Watched { w.Steps = s; return w }
	in := func(w ticket.Watched, s ticket.Status) ticket.Watched { w.Status = s; return w }
	for name, c := range map[string]struct {
		ticket ticket.Watched
		now    time.Time
		due    []ticket.Step
		next   time.Time
	}{
		"nothing yet":              {opened(24, 10, 0), at(24, 10, 14), nil, at(24, 10, 15)},
		"not taken in time":        {opened(24, 10, 0), at(24, 10, 15), []ticket.Step{ticket.StepTake}, at(24, 10, 30)},
		"of which the group knows": {with(opened(24, 10, 0), ticket.StepTake), at(24, 10, 15), nil, at(24, 10, 30)},
		"then the admins": {
			with(opened(24, 10, 0), ticket.StepTake), at(24, 10, 30), []ticket.Step{ticket.StepTakeAdmins}, at(24, 12, 15),
		},
		"low has twice the time":  {of(opened(24, 10, 0), ticket.Low), at(24, 10, 29), nil, at(24, 10, 30)},
		"high half of it":         {of(opened(24, 10, 0), ticket.High), at(24, 10, 0), nil, at(24, 10, 7).Add(30 * time.Second)},
		"urgent a quarter":        {of(opened(24, 10, 0), ticket.Urgent), at(24, 10, 0), nil, at(24, 10, 3).Add(45 * time.Second)},
		"opened at night":         {opened(24, 2, 0), at(24, 8, 0), nil, at(24, 9, 15)},
		"overdue, but it is late": {opened(24, 17, 45), at(24, 18, 0), nil, at(25, 9, 0)},
		"overdue, in the morning": {opened(24, 17, 45), at(25, 9, 0), []ticket.Step{ticket.StepTake}, at(25, 9, 15)},
		"over lunch":              {opened(24, 12, 50), at(24, 13, 30), nil, at(24, 14, 5)},
		"taken in time":           {taken(opened(24, 10, 0), 24, 10, 5), at(24, 11, 0), nil, at(24, 12, 5)},
		"not done in time": {
			taken(opened(24, 10, 0), 24, 10, 5), at(24, 12, 5), []ticket.Step{ticket.StepDone}, at(24, 12, 15),
		},
		"of which the owner hears": {
			with(taken(opened(24, 10, 0), 24, 10, 5), ticket.StepDone), at(24, 12, 15), []ticket.Step{ticket.StepOwner}, at(24, 15, 5),
		},
		"held back": {
			with(taken(opened(24, 10, 0), 24, 10, 5), ticket.StepDone, ticket.StepOwner), at(24, 15, 5),
			[]ticket.Step{ticket.StepDoneAdmins, ticket.StepRelease},
			time.Time{},
		},
		"after a long stop": {
			opened(24, 10, 0), at(25, 10, 0), []ticket.Step{ticket.StepTake, ticket.StepTakeAdmins, ticket.StepOwner}, time.Time{},
		},
		"on its way":  {in(opened(24, 10, 0), ticket.Delivering), at(25, 10, 0), nil, time.Time{}},
		"undelivered": {in(opened(24, 10, 0), ticket.Undelivered), at(25, 10, 0), nil, time.Time{}},
		"done":        {in(opened(24, 10, 0), ticket.Done), at(25, 10, 0), nil, time.Time{}},
	} {
		v := sla.Due(c.ticket, policy, c.now)
		assert.Equal(t, c.due, v.Due, name)
		assert.Truef(t, c.next.Equal(v.Next), "%s: next at %v, not %v", name, v.Next, c.next)
	}
}

func TestTheDeadlineFollowsTheState(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	policy := sla.Policy{Take: 15 * time.Minute, Done: 2 * time.Hour}
	k := ticket.Ticket{Status: ticket.New, Priority: ticket.Normal, QueuedAt: begin}
	assert.Equal(t, begin.Add(15*time.Minute), policy.Deadline(k))
	k.Status, k.TakenAt = ticket.Taken, begin.Add(time.Minute)
	assert.Equal(t, begin.Add(121*time.Minute), policy.Deadline(k))
	for _, s := range ticket.Statuses() {
		if k.Status = s; s != ticket.New && s != ticket.Taken {
			assert.Zero(t, policy.Deadline(k), s)
		}
	}
}

func TestWithoutDeadlinesNothingIsDue(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	w := ticket.Watched{Ticket: ticket.Ticket{Status: ticket.New, Priority: ticket.Low, QueuedAt: begin, BeganAt: begin}}
	assert.Equal(t, sla.Verdict{}, sla.Due(w, sla.Policy{}, begin.AddDate(1, 0, 0)))
	assert.Zero(t, sla.Policy{}.Deadline(w.Ticket))
	w.Status, w.TakenAt = ticket.Taken, begin
	v := sla.Due(w, sla.Policy{Release: time.Hour}, begin.Add(time.Hour))
	assert.Equal(t, []ticket.Step{ticket.StepRelease}, v.Due, "but what is held back returns")
}

func TestAReminderThatComesLateIsOwedNoMore(t *testing.T) {
	t.Parallel()
	moscow := zone(t, "Europe/Moscow")
	begin := time.Date(2026, 11, 24, 10, 0, 0, 0, moscow)
	policy := sla.Policy{Calendar: office(t, "Europe/Moscow"), Take: 15 * time.Minute, Done: 2 * time.Hour}
	k := ticket.Ticket{Status: ticket.New, Priority: ticket.Normal, QueuedAt: begin, BeganAt: begin}
	owed := func(k ticket.Ticket, step ticket.Step, now time.Time) (bool, time.Duration) {
		return policy.Owed(k, step, now)
	}

	yes, wait := owed(k, ticket.StepTake, begin.Add(20*time.Minute))
	assert.True(t, yes)
	assert.Zero(t, wait)
	yes, wait = owed(k, ticket.StepTake, begin.Add(9*time.Hour)) // at seven in the evening
	assert.True(t, yes)
	assert.Equal(t, 14*time.Hour, wait, "it waits for the morning")
	low := k
	low.Priority = ticket.Low
	yes, _ = owed(low, ticket.StepTake, begin.Add(20*time.Minute))
	assert.False(t, yes, "its priority was lowered meanwhile")
	gone := k
	gone.Status, gone.TakenAt = ticket.Taken, begin.Add(20*time.Minute)
	yes, _ = owed(gone, ticket.StepTake, begin.Add(21*time.Minute))
	assert.False(t, yes, "it was taken meanwhile")
	gone.Status = ticket.Done
	yes, _ = owed(gone, ticket.StepDone, begin.Add(21*time.Hour))
	assert.False(t, yes, "it was done meanwhile")
}

// TestEveryStepOnceInItsTime tells a ticket's life minute by minute, with
// takes, releases, priorities and changed clocks, and holds the rule to a count
// of working minutes.
func TestEveryStepOnceInItsTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, p, now := calendars(t)
		policy := sla.Policy{Calendar: c, Take: 20 * time.Minute, Done: 2 * time.Hour}
		if rapid.Bool().Draw(t, "auto release") {
			policy.Release = 3 * time.Hour
		}
		w := life{policy: policy, plain: p, Watched: ticket.Watched{Ticket: ticket.Ticket{
			Status: ticket.New, Priority: ticket.Normal, OpenedAt: now, BeganAt: now, QueuedAt: now, Cycle: 1,
		}}}
		for range rapid.IntRange(1, 3*24*60).Draw(t, "minutes") {
			if rapid.IntRange(0, 300).Draw(t, "dice") == 0 {
				w.happens(rapid.IntRange(0, 4).Draw(t, "what"), now)
			}
			w.minute(t, now)
			now = now.Add(time.Minute)
		}
	})
}

// life is a ticket that is watched.
type life struct {
	ticket.Watched

	policy sla.Policy
	plain  plain

	queued, taken, began time.Duration // working time since
	next                 time.Time     // what the rule said last
}

// happens changes the ticket.
func (w *life) happens(what int, now time.Time) {
	w.next = time.Time{}
	switch {
	case what == 0 && w.Status == ticket.New:
		w.Status, w.TakenAt, w.taken = ticket.Taken, now, 0
	case what == 1 && w.Status == ticket.Taken:
		w.requeue(now)
	case what == 2:
		w.Status = ticket.Done
	case what == 3 && w.Status == ticket.Done:
		w.BeganAt, w.began = now, 0
		w.requeue(now)
	case what == 4:
		w.Priority = ticket.High
	}
}

func (w *life) requeue(now time.Time) {
	w.Status, w.QueuedAt, w.queued = ticket.New, now, 0
	w.Cycle++
	w.Steps = slices.DeleteFunc(w.Steps, func(s ticket.Step) bool { return s != ticket.StepOwner })
}

// minute looks at the ticket, and lets a minute of working time pass if it is
// one.
func (w *life) minute(t *rapid.T, now time.Time) {
	take, done := w.policy.Allowed(w.Priority)
	var want []ticket.Step
	due := func(step ticket.Step, in ticket.Status, worked, most time.Duration) {
		if w.plain.open(now) && w.Status == in && worked >= most && !slices.Contains(w.Steps, step) {
			want = append(want, step)
		}
	}
	due(ticket.StepTake, ticket.New, w.queued, take)
	due(ticket.StepTakeAdmins, ticket.New, w.queued, 2*take)
	due(ticket.StepDone, ticket.Taken, w.taken, done)
	due(ticket.StepDoneAdmins, ticket.Taken, w.taken, 2*done)
	due(ticket.StepOwner, ticket.New, w.began, take+done)
	due(ticket.StepOwner, ticket.Taken, w.began, take+done)
	if w.policy.Release > 0 {
		due(ticket.StepRelease, ticket.Taken, w.taken, w.policy.Release)
	}
	v := sla.Due(w.Watched, w.policy, now)
	require.Equal(t, want, v.Due)
	if !w.next.IsZero() {
		require.Equal(t, !w.next.After(now), len(v.Due) > 0, "next was said to be at %v", w.next)
	}
	w.next = v.Next
	w.Steps = append(w.Steps, v.Due...)
	if slices.Contains(v.Due, ticket.StepRelease) {
		w.next = time.Time{}
		w.requeue(now)
	}
	if w.plain.open(now) {
		w.queued, w.taken, w.began = w.queued+time.Minute, w.taken+time.Minute, w.began+time.Minute
	}
}
