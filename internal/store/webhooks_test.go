package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

// endpoint stores an endpoint that is on.
func (f *fixture) endpoint(t *testing.T, types ...webhook.Type) webhook.Endpoint {
	t.Helper()
	e := webhook.Endpoint{
		URL: "https://example.com/hook", Description: "Склад", Events: types, Secret: "whsec_x", Active: true,
		Version: 1, CreatedAt: stored(start()), UpdatedAt: stored(start()),
	}
	require.NoError(t, f.Webhooks().InsertEndpoint(t.Context(), &e))
	return e
}

// happens adds an event to a ticket's history.
func (f *fixture) happens(t *testing.T, id int64, kind ticket.EventKind) {
	t.Helper()
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		return tx.AddEvent(ctx, ticket.Event{TicketID: id, Kind: kind})
	})
}

// delivery stores a delivery about a ticket; 0 for a test.
func (f *fixture) delivery(t *testing.T, endpoint, id int64) webhook.Delivery {
	t.Helper()
	var n int
	f.Query(t, `SELECT count(*) FROM deliveries WHERE id > 0`, &n)
	d := webhook.Delivery{
		Endpoint: endpoint, MessageID: fmt.Sprintf("msg_%d", n), Type: webhook.TicketTaken, Ticket: id, Event: id * 1000 * int64(n+1),
		RequestID: "r1", CreatedAt: stored(start()), QueuedAt: stored(start()), NextAt: stored(start()),
	}
	require.NoError(t, f.Webhooks().InsertDelivery(t.Context(), &d))
	return d
}

// leases claims a delivery that must wait.
func (f *fixture) leases(t *testing.T, id int64) outbox.Job {
	t.Helper()
	jobs, err := f.Webhooks().Queue().Claim(t.Context(), []int64{id}, time.Minute)
	require.NoError(t, err)
	require.Len(t, jobs, 1)
	return jobs[0]
}

func testWebhooks(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("an endpoint comes back as it was stored, and is changed in the version that was read", func(t *testing.T) {
		t.Parallel()
		testEndpoints(t, open(t))
	})

	t.Run("one that is new, or switched on, has seen what happened before", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		f.happens(t, k.ID, ticket.EventOpened)
		e := f.endpoint(t)
		assert.EqualValues(t, 1, e.Seen)
		e.Active, e.Stopped = false, webhook.StoppedFailing
		require.NoError(t, f.Webhooks().NoteFailure(t.Context(), e.ID, start(), time.Hour))
		require.NoError(t, f.Webhooks().UpdateEndpoint(t.Context(), &e))
		assert.Equal(t, stored(start()), e.FailingSince)
		assert.Equal(t, stored(start()), e.FailedAt)
		f.happens(t, k.ID, ticket.EventTaken)
		e.Active, e.Stopped = true, ""
		require.NoError(t, f.Webhooks().UpdateEndpoint(t.Context(), &e))
		assert.EqualValues(t, 2, e.Seen)
		assert.Zero(t, e.FailingSince)
		assert.Zero(t, e.FailedAt)
		f.happens(t, k.ID, ticket.EventReleased)
		e.Description = "other"
		require.NoError(t, f.Webhooks().UpdateEndpoint(t.Context(), &e))
		assert.EqualValues(t, 2, e.Seen, "it was on")
	})

	t.Run("when an endpoint took something last, and what was given up within a time", func(t *testing.T) {
		t.Parallel()
		testLastSuccess(t, open(t))
	})

	t.Run("since when an endpoint fails", func(t *testing.T) {
		t.Parallel()
		testFailures(t, open(t))
	})

	t.Run("what happened is listed, but for what is in the bin and nobody can want", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		a, b := f.ticket(t, 1, vinA), f.ticket(t, 2, vinA)
		for _, kind := range []ticket.EventKind{ticket.EventOpened, ticket.EventPriority, ticket.EventTaken} {
			f.happens(t, a.ID, kind)
			f.happens(t, b.ID, kind)
		}
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, b.ID); return err })
		got, err := f.EventsAfter(t.Context(), 0, 6, 10, webhook.Kinds())
		require.NoError(t, err)
		require.Len(t, got, 2)
		assert.Equal(t, []int64{1, 5}, []int64{got[0].ID, got[1].ID})
		got, err = f.EventsAfter(t.Context(), 1, 4, 10, webhook.Kinds())
		require.NoError(t, err)
		assert.Empty(t, got)
		_, err = f.Webhooks().Event(t.Context(), 1)
		require.NoError(t, err)
		_, err = f.Webhooks().Event(t.Context(), 2)
		assert.True(t, ticket.IsNotFound(err), "its ticket is in the bin")
	})

	t.Run("how far an endpoint has come is noted once", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		e := f.endpoint(t)
		advance := func(from, to int64) bool {
			done, err := f.Webhooks().Advance(t.Context(), e.ID, from, to)
			require.NoError(t, err)
			return done
		}
		assert.True(t, advance(0, 5))
		assert.False(t, advance(0, 5), "another has done it")
		assert.True(t, advance(5, 6))
		e.Seen, e.Active = 6, false
		require.NoError(t, f.Webhooks().UpdateEndpoint(t.Context(), &e))
		assert.False(t, advance(6, 7), "it is off")
	})

	t.Run("how far the history is settled", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		upTo, more, err := f.Settled(t.Context())
		require.NoError(t, err)
		assert.Zero(t, upTo)
		assert.False(t, more)
		k := f.ticket(t, 1, vinA)
		f.happens(t, k.ID, ticket.EventOpened)
		f.happens(t, k.ID, ticket.EventTaken)
		for more = true; more; { // while other tests write on the same server
			upTo, more, err = f.Settled(t.Context())
			require.NoError(t, err)
		}
		assert.EqualValues(t, 2, upTo)
	})
}

func testEndpoints(t *testing.T, f *fixture) {
	t.Helper()
	hooks := f.Webhooks()
	e := f.endpoint(t, webhook.TicketDone, webhook.RatingGiven)
	got, err := hooks.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	assert.Equal(t, e, got)
	stale := e
	e.URL, e.Description, e.Events, e.Secret, e.OldSecret = "https://example.org", "", nil, "whsec_y", "whsec_x"
	e.OldUntil = stored(start().Add(time.Hour))
	f.clock.Advance(time.Minute)
	require.NoError(t, hooks.UpdateEndpoint(t.Context(), &e))
	assert.EqualValues(t, 2, e.Version)
	assert.Equal(t, stored(start().Add(time.Minute)), e.UpdatedAt)
	got, err = hooks.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	assert.Equal(t, e, got)
	assert.Equal(t, ticket.CodeConflict, ticket.CodeOf(hooks.UpdateEndpoint(t.Context(), &stale)))
	assert.Equal(t, ticket.CodeConflict, ticket.CodeOf(hooks.DeleteEndpoint(t.Context(), e.ID, 1)))

	other := f.endpoint(t)
	all, err := hooks.Endpoints(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []webhook.Endpoint{e, other}, all)

	d := f.delivery(t, e.ID, 0)
	require.NoError(t, hooks.AddAttempt(t.Context(), webhook.Attempt{Delivery: d.ID, At: start()}))
	require.NoError(t, hooks.DeleteEndpoint(t.Context(), e.ID, 2))
	_, err = hooks.Endpoint(t.Context(), e.ID)
	assert.True(t, ticket.IsNotFound(err))
	_, err = hooks.Delivery(t.Context(), d.ID)
	assert.True(t, ticket.IsNotFound(err), "its deliveries went with it")
	require.NoError(t, hooks.AddAttempt(t.Context(), webhook.Attempt{Delivery: d.ID, At: start()}), "a try that comes late is dropped")
}

func testFailures(t *testing.T, f *fixture) {
	t.Helper()
	hooks, e, other := f.Webhooks(), f.endpoint(t), f.endpoint(t)
	fails := func(after time.Duration) webhook.Endpoint {
		require.NoError(t, hooks.NoteFailure(t.Context(), e.ID, start().Add(after), 2*time.Hour))
		got, err := hooks.Endpoint(t.Context(), e.ID)
		require.NoError(t, err)
		assert.Equal(t, stored(start().Add(after)), got.FailedAt)
		return got
	}
	assert.Equal(t, stored(start()), fails(0).FailingSince)
	assert.Equal(t, stored(start()), fails(2*time.Hour).FailingSince, "since the first failure")
	assert.Equal(t, stored(start()), fails(4*time.Hour).FailingSince, "each is soon enough after the one before")
	later := 6*time.Hour + time.Second
	got := fails(later)
	assert.Equal(t, stored(start().Add(later)), got.FailingSince, "that was another trouble")

	require.NoError(t, hooks.NoteSuccess(t.Context(), e.ID))
	got, err := hooks.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	assert.Equal(t, e, got)
	assert.Equal(t, stored(start().Add(7*time.Hour)), fails(7*time.Hour).FailingSince, "it was well meanwhile")
	got, err = hooks.Endpoint(t.Context(), other.ID)
	require.NoError(t, err)
	assert.Equal(t, other, got)

	other.Active = false
	require.NoError(t, hooks.UpdateEndpoint(t.Context(), &other))
	require.NoError(t, hooks.NoteFailure(t.Context(), other.ID, start(), time.Hour))
	got, err = hooks.Endpoint(t.Context(), other.ID)
	require.NoError(t, err)
	assert.Equal(t, other, got, "a try that ends when it is off already")
}

// askWebhooks calls every method of the store of webhooks.
func askWebhooks(t *testing.T, f *fixture) {
	t.Helper()
	ctx, hooks := t.Context(), f.Webhooks()
	e, k := f.endpoint(t), f.ticket(t, 4711, vinA)
	_, err := hooks.Endpoints(ctx)
	require.NoError(t, err)
	require.NoError(t, hooks.UpdateEndpoint(ctx, &e))
	_, _, err = f.Settled(ctx)
	require.NoError(t, err)
	_, err = f.EventsAfter(ctx, 0, 10, 10, webhook.Kinds())
	require.NoError(t, err)
	_, err = hooks.Event(ctx, 1)
	require.NoError(t, err)
	_, err = hooks.Advance(ctx, e.ID, 0, 1)
	require.NoError(t, err)
	require.NoError(t, hooks.NoteFailure(ctx, e.ID, start(), time.Hour))
	require.NoError(t, hooks.NotePause(ctx, e.ID, start()))
	require.NoError(t, hooks.NoteSuccess(ctx, e.ID))
	d := f.delivery(t, e.ID, k.ID)
	require.NoError(t, hooks.AddAttempt(ctx, webhook.Attempt{Delivery: d.ID, At: start(), Error: "x", Answer: "нет"}))
	_, err = hooks.Attempts(ctx, d.ID)
	require.NoError(t, err)
	_, err = hooks.Deliveries(ctx, e.ID, webhook.Page{Limit: 3})
	require.NoError(t, err)
	_, err = hooks.DeadBetween(ctx, e.ID, start(), start(), 3)
	require.NoError(t, err)
	_, err = hooks.Succeeded(ctx)
	require.NoError(t, err)
	_, err = hooks.Backlogs(ctx)
	require.NoError(t, err)
	queue := hooks.Queue()
	_, err = queue.Waiting(ctx, 0, 10)
	require.NoError(t, err)
	job := f.leases(t, d.ID)
	require.NoError(t, queue.Renew(ctx, job.ID, job.Attempt, time.Minute))
	_, err = queue.Retry(ctx, job, start(), "")
	require.NoError(t, err)
	require.NoError(t, queue.Finish(ctx, f.leases(t, d.ID), nil))
	_, err = hooks.Requeue(ctx, d.ID)
	require.NoError(t, err)
	require.NoError(t, queue.Bury(ctx, f.leases(t, d.ID), "", nil))
	_, err = queue.Reclaim(ctx, start())
	require.NoError(t, err)
	_, err = queue.Depths(ctx)
	require.NoError(t, err)
	_, err = queue.Prune(ctx, start())
	require.NoError(t, err)
	require.NoError(t, hooks.GiveUp(ctx, e.ID, ""))
	gone := f.endpoint(t)
	require.NoError(t, hooks.DeleteEndpoint(ctx, gone.ID, gone.Version))
}

// TestAnEventThatIsCommittedLateIsNotMissed has a transaction take the first
// number and commit last, as that of another process may.
func TestAnEventThatIsCommittedLateIsNotMissed(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	f := openOn(t, store.Postgres(url))
	k := f.ticket(t, 1, vinA)
	config, err := store.WriterConfig(url)
	require.NoError(t, err)
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) })
	late, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = late.Exec(t.Context(), `INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
		VALUES ($1, 'taken', 'new', 'taken', 1, 0, '', now(), '')`, k.ID)
	require.NoError(t, err)
	f.happens(t, k.ID, ticket.EventReleased)
	for range 3 {
		upTo, more, err := f.Settled(t.Context())
		require.NoError(t, err)
		assert.Zero(t, upTo, "the second is there, the first may yet come")
		assert.True(t, more)
	}
	require.NoError(t, late.Commit(t.Context()))
	for upTo, more := int64(0), true; more; {
		upTo, more, err = f.Settled(t.Context())
		require.NoError(t, err)
		assert.Equal(t, !more, upTo == 2)
	}
	events, err := f.EventsAfter(t.Context(), 0, 2, 10, webhook.Kinds())
	require.NoError(t, err)
	assert.Len(t, events, 2)
}

func testLastSuccess(t *testing.T, f *fixture) {
	t.Helper()
	ctx, hooks := t.Context(), f.Webhooks()
	one, other := f.endpoint(t), f.endpoint(t)
	for range 2 {
		f.clock.Advance(time.Minute)
		require.NoError(t, hooks.Queue().Finish(ctx, f.leases(t, f.delivery(t, one.ID, 0).ID), nil))
	}
	var dead []int64
	for _, e := range []webhook.Endpoint{one, other, one, one} {
		f.clock.Advance(time.Minute)
		d := f.delivery(t, e.ID, 0)
		require.NoError(t, hooks.Queue().Bury(ctx, f.leases(t, d.ID), "status", nil))
		dead = append(dead, d.ID)
	}
	last, err := hooks.Succeeded(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[int64]time.Time{one.ID: stored(start().Add(2 * time.Minute))}, last)
	from, to := start().Add(3*time.Minute), start().Add(6*time.Minute)
	ids, err := hooks.DeadBetween(ctx, one.ID, from, to, 10)
	require.NoError(t, err)
	assert.Equal(t, []int64{dead[0], dead[2]}, ids, "the end is not in it")
	ids, err = hooks.DeadBetween(ctx, one.ID, from, to.Add(time.Hour), 2)
	require.NoError(t, err)
	assert.Equal(t, []int64{dead[0], dead[2]}, ids)
}
