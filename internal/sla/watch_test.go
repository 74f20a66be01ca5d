package sla_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/sla"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/ticket"
)

const (
	group = int64(-7)
	admin = int64(200)
	owner = int64(1000) // the first; each ticket has one of its own
)

// world is the watcher over the real database, with a clock of its own.
type world struct {
	*testing.T
	store   *store.Store
	tickets *ticket.Service
	policy  sla.Policy
	admins  []int64

	mu  sync.Mutex
	now time.Time
	vin int
}

// newWorld begins on a Tuesday at ten, in an office that works from nine to six.
func newWorld(t *testing.T) *world {
	t.Helper()
	moscow := zone(t, "Europe/Moscow")
	w := &world{
		T: t, now: time.Date(2026, 11, 24, 10, 0, 0, 0, moscow), admins: []int64{admin},
		policy: sla.Policy{Calendar: office(t, "Europe/Moscow"), Take: 15 * time.Minute, Done: 2 * time.Hour},
	}
	var err error
	w.store, err = store.Open(t.Context(), store.Options{
		Database: store.SQLite(litetest.File(t)), Clock: w.clock, Log: zerolog.Nop(),
		LookAt: func(k ticket.Ticket, now time.Time) time.Time { return w.policy.LookAt(k, now) },
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	w.tickets = ticket.NewService(w.store, w, ticket.WithHours(w.policy))
	return w
}

// Current and Now make it the groups.
func (w *world) Current() []ticket.Place { return []ticket.Place{{Chat: group, Topic: 3}} }
func (w *world) Now(chat int64) int64    { return chat }

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) passes(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// watcher is what a process that just started has.
func (w *world) watcher() *sla.Watcher {
	return sla.NewWatcher(sla.Options{
		Policy: w.policy, Store: w.store, Steps: w.store.SLA(), Tickets: w.tickets, Groups: w, Admins: w.admins,
		Log: zerolog.Nop(), Clock: w.clock,
	})
}

// looks has the tickets looked at by a process that just started, and gives
// what it told, in a few words each.
func (w *world) looks() []string {
	w.Helper()
	_, err := w.watcher().RunOnce(w.Context())
	require.NoError(w, err)
	return w.told()
}

// told claims what waits in the outbox about deadlines.
func (w *world) told() []string {
	w.Helper()
	told := []string{}
	heads, err := w.store.Outbox().Waiting(w.Context(), 0, 5000)
	require.NoError(w, err)
	ids := make([]int64, len(heads))
	for i, h := range heads {
		ids[i] = h.ID
	}
	jobs, err := w.store.Outbox().Claim(w.Context(), ids, time.Minute)
	require.NoError(w, err)
	require.Len(w, jobs, len(heads))
	for _, job := range jobs {
		switch ticket.EffectKind(job.Kind) {
		case ticket.EffectRemind:
			var r ticket.Reminder
			require.NoError(w, json.Unmarshal(job.Payload, &r))
			told = append(told, fmt.Sprintf("%s %d to %d", r.Step, r.Ticket, r.To.Chat))
			assert.NotEmpty(w, job.RequestID)
		case ticket.EffectBacklog:
			var b ticket.Backlog
			require.NoError(w, json.Unmarshal(job.Payload, &b))
			told = append(told, fmt.Sprintf("backlog of %d to %d", len(b.Overdue), b.To.Chat))
		default:
		}
	}
	return told
}

func (w *world) opens() ticket.Ticket {
	w.Helper()
	w.vin++
	k, fresh, err := w.tickets.Open(w.Context(), ticket.Opening{
		Owner: owner + int64(w.vin) - 1, VIN: fmt.Sprintf("WBAAA%012d", w.vin),
	})
	require.NoError(w, err)
	require.True(w, fresh)
	return k
}

func (w *world) takes(id int64, name string) {
	w.Helper()
	_, outcome, err := w.tickets.Take(w.Context(), id, ticket.Actor{ID: 5, Name: name})
	require.NoError(w, err)
	require.Equal(w, ticket.TakenNow, outcome)
}

func TestEachStepIsTakenOnceAcrossRestarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens()
	assert.Empty(t, w.looks())
	w.passes(15 * time.Minute)
	assert.Equal(t, []string{"take 1 to -7"}, w.looks())
	assert.Empty(t, w.looks(), "a process that starts anew")
	w.passes(15 * time.Minute)
	assert.Equal(t, []string{"take_admins 1 to 200"}, w.looks())
	w.takes(k.ID, "Boris")
	w.passes(105 * time.Minute)
	assert.Equal(t, []string{"owner 1 to 1000"}, w.looks())
	w.passes(15 * time.Minute)
	assert.Equal(t, []string{"done 1 to -7"}, w.looks())
	w.passes(3 * time.Hour) // over lunch
	assert.Equal(t, []string{"done_admins 1 to 200"}, w.looks())
	w.passes(1000 * time.Hour)
	assert.Empty(t, w.looks())

	events, err := w.store.Events(t.Context(), k.ID)
	require.NoError(t, err)
	var steps []string
	for _, e := range events {
		if e.Kind == ticket.EventOverdue {
			steps = append(steps, e.Detail)
			assert.Equal(t, e.From, e.To)
		}
	}
	assert.Equal(t, []string{"take", "take_admins", "owner", "done", "done_admins"}, steps)
}

func TestOfManyReplicasThatLookAtOnceOneReminds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.opens()
	}
	w.passes(20 * time.Minute)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			_, err := w.watcher().RunOnce(w.Context())
			assert.NoError(t, err)
		})
	}
	all.Wait()
	assert.Equal(t, []string{"take 1 to -7", "take 2 to -7", "take 3 to -7"}, w.told())
}

func TestNobodyIsRemindedOutsideWorkingHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.passes(7*time.Hour + 50*time.Minute) // ten to six
	w.opens()
	for range 14 * 60 {
		w.passes(time.Minute)
		assert.Empty(t, w.looks(), w.clock())
	}
	w.passes(74 * time.Minute)
	assert.Empty(t, w.looks(), "at four past nine the ticket has waited for fourteen minutes")
	w.passes(time.Minute)
	assert.Equal(t, []string{"take 1 to -7"}, w.looks())
}

func TestNothingIsSaidOfATicketThatMovedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens()
	w.passes(20 * time.Minute)
	seen, err := w.store.SLA().Watched(t.Context(), 0, 10)
	require.NoError(t, err)
	w.takes(k.ID, "Boris")
	o := w.watcher().Options
	o.Steps = stale{w.store.SLA(), seen}
	_, err = sla.NewWatcher(o).RunOnce(t.Context())
	require.NoError(t, err)
	assert.Empty(t, w.told(), "it was taken between the look and the step")
	seen[0].Cycle++
	seen[0].Status, seen[0].TakenAt = ticket.Taken, w.clock().Add(-5*time.Hour)
	_, err = sla.NewWatcher(o).RunOnce(t.Context())
	require.NoError(t, err)
	assert.Empty(t, w.told(), "that was another cycle")
	seen[0].ID = 4711
	_, err = sla.NewWatcher(o).RunOnce(t.Context())
	require.NoError(t, err)
	assert.Empty(t, w.told(), "it is gone")
}

// stale answers with what was so earlier.
type stale struct {
	store.SLA

	seen []ticket.Watched
}

func (s stale) Watched(context.Context, int64, int) ([]ticket.Watched, error) {
	return slices.Clone(s.seen), nil
}

func TestABacklogIsOneMessageForEachPlaceAndOneForEachOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.admins = []int64{admin, admin + 1}
	for range 40 {
		w.opens()
	}
	w.takes(7, "Boris")
	w.passes(24 * time.Hour) // nothing ran meanwhile
	told := w.looks()
	assert.Len(t, told, 40+1+2)
	assert.Contains(t, told, "backlog of 40 to -7")
	assert.Contains(t, told, "backlog of 40 to 200")
	assert.Contains(t, told, "backlog of 40 to 201")
	for i := range 40 {
		assert.Contains(t, told, fmt.Sprintf("owner %d to %d", i+1, owner+int64(i)))
	}
	assert.Empty(t, w.looks())
}

func TestATicketThatIsHeldBackReturnsToTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.policy.Release = 3 * time.Hour
	k := w.opens()
	w.takes(k.ID, "Boris")
	w.passes(2 * time.Hour)
	assert.Equal(t, []string{"done 1 to -7"}, w.looks())
	w.passes(2 * time.Hour) // over lunch
	assert.Equal(t, []string{"owner 1 to 1000", "release 1 to -7"}, ordered(w.looks()))
	k, err := w.store.Ticket(t.Context(), k.ID)
	require.NoError(t, err)
	assert.Equal(t, ticket.New, k.Status)
	assert.Zero(t, k.AssigneeID)
	assert.Zero(t, k.TakenAt)
	assert.Equal(t, 2, k.Cycle)
	assert.True(t, k.Late)
	assert.True(t, k.QueuedAt.Equal(w.clock()))
	w.passes(15 * time.Minute)
	assert.Equal(t, []string{"take 1 to -7"}, w.looks(), "another cycle has deadlines of its own; its owner knows")
	w.takes(k.ID, "")
	w.passes(26 * time.Hour) // nothing ran meanwhile
	assert.Equal(t, []string{"release 1 to -7"}, w.looks(), "who has it no more is not pressed")
	events, err := w.store.Events(t.Context(), k.ID)
	require.NoError(t, err)
	assert.Equal(t, ticket.EventReleased, events[len(events)-1].Kind)
	assert.Zero(t, events[len(events)-1].ActorID, "nobody did it")
	assert.NotEmpty(t, events[len(events)-1].RequestID)
}

func ordered(s []string) []string { slices.Sort(s); return s }

func TestATicketOfNobodysChatHasNoOwnerToTell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.admins = nil
	_, _, err := w.tickets.Open(t.Context(), ticket.Opening{VIN: "WBAAA000000000001"})
	require.NoError(t, err)
	w.passes(25 * time.Hour)
	assert.Equal(t, []string{"take 1 to -7"}, w.looks())
}
