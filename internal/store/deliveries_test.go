package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

func testDeliveries(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a delivery is announced after the commit, by its endpoint and its ticket", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		e, k := f.endpoint(t), f.ticket(t, 1, vinA)
		var d webhook.Delivery
		f.tx(t, func(context.Context, ticket.Tx) error { return nil })
		d = f.delivery(t, e.ID, k.ID)
		test := f.delivery(t, e.ID, 0)
		want := []outbox.Head{
			{ID: d.ID, Kind: webhook.Kind, Lane: webhook.Lane(k.ID), Chat: e.ID, RunAt: stored(start())},
			{ID: test.ID, Kind: webhook.Kind, Lane: "test", Chat: e.ID, RunAt: stored(start())},
		}
		assert.Equal(t, want, f.hooked)
		waiting, err := f.Webhooks().Queue().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		assert.Equal(t, want, waiting)
		waiting, err = f.Webhooks().Queue().Waiting(t.Context(), d.ID, 10)
		require.NoError(t, err)
		assert.Equal(t, want[1:], waiting)
		got, err := f.Webhooks().Delivery(t.Context(), d.ID)
		require.NoError(t, err)
		d.State = webhook.Waiting
		assert.Equal(t, d, got)
		d.ID, d.MessageID = 0, "msg_other"
		assert.Error(t, f.Webhooks().InsertDelivery(t.Context(), &d), "the same event twice")
	})

	t.Run("a lease is fenced, and what became of a delivery is recorded with it", func(t *testing.T) {
		t.Parallel()
		testDeliveryLife(t, open(t))
	})

	t.Run("tries are listed, and those that failed count", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		e := f.endpoint(t)
		d := f.delivery(t, e.ID, 0)
		hooks := f.Webhooks()
		tries := []webhook.Attempt{
			{Delivery: d.ID, At: stored(start()), Took: 5 * time.Second, Error: webhook.FaultTimeout},
			{Delivery: d.ID, At: stored(start().Add(time.Minute)), Took: 12 * time.Millisecond, Status: 200, Answer: "спасибо"},
		}
		for i := range tries {
			require.NoError(t, hooks.AddAttempt(t.Context(), tries[i]))
			tries[i].ID = int64(i + 1)
		}
		got, err := hooks.Attempts(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, tries, got)
		d, err = hooks.Delivery(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, 1, d.Failures)
	})

	t.Run("what ended can be sent again, as the same message", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		e := f.endpoint(t)
		d := f.delivery(t, e.ID, 0)
		queued, err := f.Webhooks().Requeue(t.Context(), d.ID)
		require.NoError(t, err)
		assert.False(t, queued, "it waits")
		require.NoError(t, f.Webhooks().AddAttempt(t.Context(), webhook.Attempt{Delivery: d.ID, At: start(), Error: "x"}))
		require.NoError(t, f.Webhooks().Queue().Bury(t.Context(), f.leases(t, d.ID), webhook.FaultStatus, nil))
		f.hooked = nil
		f.clock.Advance(time.Hour)
		queued, err = f.Webhooks().Requeue(t.Context(), d.ID)
		require.NoError(t, err)
		assert.True(t, queued)
		assert.Len(t, f.hooked, 1)
		got, err := f.Webhooks().Delivery(t.Context(), d.ID)
		require.NoError(t, err)
		at := stored(start().Add(time.Hour))
		d.State, d.QueuedAt, d.NextAt = webhook.Waiting, at, at
		assert.Equal(t, d, got)
		assert.Equal(t, 2, f.leases(t, d.ID).Attempt, "the fence goes on")
	})

	t.Run("pages of deliveries, what waits, and what is given up", func(t *testing.T) {
		t.Parallel()
		testDeliveryLists(t, open(t))
	})

	t.Run("what is old is forgotten with its tries, what was given up later", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		e := f.endpoint(t)
		queue := f.Webhooks().Queue()
		done, dead := f.delivery(t, e.ID, 0), f.delivery(t, e.ID, 0)
		f.delivery(t, e.ID, 0)
		require.NoError(t, queue.Finish(t.Context(), f.leases(t, done.ID), func(ctx context.Context) error {
			return f.Webhooks().AddAttempt(ctx, webhook.Attempt{Delivery: done.ID, At: start(), Status: 200})
		}))
		require.NoError(t, queue.Bury(t.Context(), f.leases(t, dead.ID), "x", nil))
		for after, want := range map[time.Duration]int{0: 0, time.Minute: 1} {
			n, err := queue.Prune(t.Context(), start().Add(after))
			require.NoError(t, err)
			assert.Equal(t, want, n)
		}
		assert.Empty(t, f.Rows(t, `SELECT id FROM delivery_attempts`))
		n, err := queue.Prune(t.Context(), start().Add(24*24*time.Hour))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		assert.Len(t, f.Rows(t, `SELECT id FROM deliveries`), 1, "what waits is not forgotten")
	})

	t.Run("of an erased ticket no answer is kept", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		e, k := f.endpoint(t), f.ticket(t, 1, vinA)
		d := f.delivery(t, e.ID, k.ID)
		answered := func() string {
			require.NoError(t, f.Webhooks().AddAttempt(t.Context(), webhook.Attempt{Delivery: d.ID, At: start(), Answer: "saw " + vinA}))
			return strings.Join(f.Rows(t, `SELECT answer FROM delivery_attempts`), " ")
		}
		assert.Contains(t, answered(), vinA)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.EraseTicket(ctx, k.ID); return err })
		assert.NotContains(t, answered(), vinA, "neither before nor after")
	})
}

func testDeliveryLife(t *testing.T, f *fixture) {
	t.Helper()
	ctx, queue := t.Context(), f.Webhooks().Queue()
	e, k := f.endpoint(t), f.ticket(t, 1, vinA)
	d := f.delivery(t, e.ID, k.ID)
	job := f.leases(t, d.ID)
	assert.Equal(t, outbox.Job{
		Head:    outbox.Head{ID: d.ID, Kind: webhook.Kind, Lane: webhook.Lane(k.ID), Chat: e.ID, RunAt: stored(start())},
		Attempt: 1, RequestID: "r1", TicketID: k.ID, CreatedAt: stored(start()),
	}, job)
	none, err := queue.Claim(ctx, []int64{d.ID}, time.Minute)
	require.NoError(t, err)
	assert.Empty(t, none)
	require.NoError(t, queue.Renew(ctx, d.ID, 1, 2*time.Minute))
	require.ErrorIs(t, queue.Renew(ctx, d.ID, 2, time.Minute), outbox.ErrLost)
	back, err := queue.Reclaim(ctx, start().Add(time.Minute))
	require.NoError(t, err)
	assert.Empty(t, back, "its lease holds")
	back, err = queue.Reclaim(ctx, start().Add(3*time.Minute))
	require.NoError(t, err)
	assert.Equal(t, []outbox.Head{job.Head}, back)
	require.ErrorIs(t, queue.Finish(ctx, job, nil), outbox.ErrLost)

	job = f.leases(t, d.ID)
	waits, err := queue.Retry(ctx, job, start().Add(time.Hour), webhook.FaultTLS)
	require.NoError(t, err)
	assert.True(t, waits)
	got, err := f.Webhooks().Delivery(ctx, d.ID)
	require.NoError(t, err)
	assert.Equal(t, stored(start().Add(time.Hour)), got.NextAt)
	assert.Equal(t, webhook.FaultTLS, got.LastError)

	job = f.leases(t, d.ID)
	require.ErrorIs(t, queue.Finish(ctx, job, func(context.Context) error { return errRefused }), errRefused)
	require.NoError(t, queue.FinishAll(ctx, []outbox.Job{job}, func(ctx context.Context) error {
		assert.Equal(t, "r1", ticket.RequestID(ctx))
		return nil
	}))
	require.Error(t, queue.FinishAll(ctx, []outbox.Job{job, job}, nil), "nothing is gathered")
	got, err = f.Webhooks().Delivery(ctx, d.ID)
	require.NoError(t, err)
	assert.Equal(t, webhook.Done, got.State)
	assert.Empty(t, got.LastError)
	assert.Equal(t, stored(start()), got.EndedAt)
}

func testDeliveryLists(t *testing.T, f *fixture) {
	t.Helper()
	ctx, hooks := t.Context(), f.Webhooks()
	e, other := f.endpoint(t), f.endpoint(t)
	var ids []int64
	for range 5 {
		ids = append([]int64{f.delivery(t, e.ID, 0).ID}, ids...)
	}
	f.delivery(t, other.ID, 0)
	require.NoError(t, hooks.Queue().Finish(ctx, f.leases(t, ids[2]), nil))
	flying := f.leases(t, ids[1])
	list := func(p webhook.Page) (got []int64) {
		page, err := hooks.Deliveries(ctx, e.ID, p)
		require.NoError(t, err)
		for _, d := range page {
			got = append(got, d.ID)
		}
		return got
	}
	assert.Equal(t, ids[:3], list(webhook.Page{Limit: 3}))
	assert.Equal(t, ids[3:], list(webhook.Page{Limit: 3, Before: ids[2]}))
	assert.Equal(t, ids[2:3], list(webhook.Page{Limit: 3, State: webhook.Done}))
	backlogs, err := hooks.Backlogs(ctx)
	require.NoError(t, err)
	assert.Equal(t, []webhook.Backlog{
		{Endpoint: e.ID, Waiting: 3, Oldest: stored(start())}, {Endpoint: other.ID, Waiting: 1, Oldest: stored(start())},
	}, backlogs)
	depths, err := hooks.Queue().Depths(ctx)
	require.NoError(t, err)
	assert.Equal(t, []outbox.Depth{{Waiting: 4, Oldest: stored(start())}}, depths)

	require.NoError(t, hooks.GiveUp(ctx, e.ID, webhook.FaultStopped))
	assert.Equal(t, []int64{ids[0], ids[3], ids[4]}, list(webhook.Page{Limit: 9, State: webhook.Dead}))
	require.NoError(t, hooks.Queue().Finish(ctx, flying, nil), "what is on its way ends by itself")
	backlogs, err = hooks.Backlogs(ctx)
	require.NoError(t, err)
	assert.Len(t, backlogs, 1, "another endpoint's stays")
}
