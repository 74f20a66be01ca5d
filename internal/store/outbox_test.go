package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// edit is an effect that merges.
func edit(key string) ticket.Effect {
	return ticket.Effect{Kind: ticket.EffectCardEdit, Merge: key, Lane: "ticket:1", Chat: -100, Payload: ticket.CardRef{Ticket: 1}}
}

func testEffects(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("an effect becomes a row, and the hook is told after the commit", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx := ticket.WithRequestID(t.Context(), "r4")
		e := ticket.Effect{
			Kind: ticket.EffectSay, Lane: "chat:1", Chat: 1, Urgency: ticket.ForEdit, TicketID: 8,
			Gather: "topic:3", Payload: ticket.Say{Text: "hello", Count: 3}, After: time.Minute,
		}
		require.NoError(t, f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
			assert.Empty(t, f.announced())
			return tx.Enqueue(ctx, e)
		}))
		heads := f.announced()
		want := []outbox.Head{{
			ID: heads[0].ID, Kind: "say", Lane: "chat:1", Chat: 1, Gather: "topic:3", Urgency: 4,
			RunAt: stored(start().Add(time.Minute)),
		}}
		assert.Equal(t, want, heads)
		waiting, err := f.Outbox().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		assert.Equal(t, want, waiting)
		job := f.claim(t, heads[0].ID)
		assert.Equal(t, heads[0], job.Head)
		assert.JSONEq(t, `{"text":"hello","to":{"Chat":0,"Topic":0,"Message":0},"count":3}`, string(job.Payload))
		assert.Equal(t, "r4", job.RequestID)
		assert.EqualValues(t, 8, job.TicketID)
		assert.Equal(t, 1, job.Attempt)
		assert.Equal(t, stored(start()), job.CreatedAt)
	})

	t.Run("one takes the place of another that waits, never of one under way", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		rows := f.enqueue(t, edit("waits"), edit("flies"), edit("other"))
		f.claim(t, rows[1].ID)
		for _, key := range []string{"waits", "flies", "new"} {
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Supersede(ctx, edit(key)) })
		}
		waiting, err := f.Outbox().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Len(t, waiting, 4)
		assert.Equal(t, rows[2].ID, waiting[0].ID)
		for _, h := range waiting[1:] {
			assert.Greater(t, h.ID, rows[2].ID)
		}
	})

	t.Run("fleeting ones are never stored", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx := ticket.WithRequestID(t.Context(), "r5")
		e := ticket.Effect{Kind: ticket.EffectPressAnswer, Fleeting: true, Payload: ticket.PressAnswer{Press: "p"}}
		require.NoError(t, f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error { return tx.Enqueue(ctx, e) }))
		require.ErrorIs(t, f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
			require.NoError(t, tx.Enqueue(ctx, e))
			return errRefused
		}), errRefused)
		require.Len(t, f.fleeting, 1)
		assert.Equal(t, e, f.fleeting[0].Effect)
		assert.JSONEq(t, `{"press":"p"}`, string(f.fleeting[0].Payload))
		assert.Equal(t, "r5", f.fleeting[0].RequestID)
		assert.Empty(t, f.announced())
		waiting, err := f.Outbox().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		assert.Empty(t, waiting)
	})

	t.Run("of those that share a key and wait there is one", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		other := edit("a")
		other.Kind = ticket.EffectReaction
		first := f.enqueue(t, edit("a"), edit("a"), edit("b"), other, edit(""), edit(""))
		assert.Len(t, first, 5)
		assert.Empty(t, f.enqueue(t, edit("a")))
		f.claim(t, first[0].ID)
		assert.Len(t, f.enqueue(t, edit("a"), edit("a")), 1, "one in flight absorbs none")
	})

	t.Run("a payload that is no JSON is refused without being quoted", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			return tx.Enqueue(ctx, ticket.Effect{Kind: "x", Payload: map[string]any{vinA: func() {}}})
		})
		require.Error(t, err)
		assert.NotContains(t, err.Error(), vinA)
	})
}

func testOutbox(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("waiting rows are listed in pages, whenever they are due", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		late := say("late")
		late.After = time.Hour
		heads := f.enqueue(t, late, say("a"), say("b"), say("c"))
		got, err := f.Outbox().Waiting(t.Context(), heads[0].ID, 2)
		require.NoError(t, err)
		assert.Equal(t, heads[1:3], got)
		all, err := f.Outbox().Waiting(t.Context(), 0, 100)
		require.NoError(t, err)
		assert.Equal(t, heads, all)
	})

	t.Run("a claim takes what still waits, in order", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		effects := make([]ticket.Effect, 100)
		for i := range effects {
			effects[i] = say("x")
		}
		heads := f.enqueue(t, effects...)
		f.claim(t, heads[50].ID)
		ids := make([]int64, 0, 101)
		for i := range heads {
			ids = append(ids, heads[len(heads)-1-i].ID)
		}
		jobs, err := f.Outbox().Claim(t.Context(), append(ids, 9999), time.Minute)
		require.NoError(t, err)
		require.Len(t, jobs, 99)
		assert.Equal(t, heads[0], jobs[0].Head)
		assert.Equal(t, heads[99], jobs[98].Head)
		none, err := f.Outbox().Claim(t.Context(), nil, time.Minute)
		require.NoError(t, err)
		assert.Empty(t, none)
	})

	t.Run("what was carried out as one is finished as one", func(t *testing.T) {
		t.Parallel()
		testFinishAll(t, open(t))
	})

	t.Run("a finished one is recorded, and loses its payload", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		job := f.claim(t, f.enqueue(t, say("x"))[0].ID)
		job.RequestID = "r6"
		require.ErrorIs(t, f.Outbox().Finish(t.Context(), job, func(context.Context) error { return errRefused }), errRefused)
		require.NoError(t, f.Outbox().Finish(t.Context(), job, func(ctx context.Context) error {
			assert.Equal(t, "r6", ticket.RequestID(ctx))
			return f.Do(ctx, insert(1, nil))
		}))
		_, err := f.OpenTicket(t.Context(), 1, vinA)
		require.NoError(t, err)
		var payloads int
		f.Query(t, `SELECT count(payload) FROM outbox WHERE state = 'done'`, &payloads)
		assert.Zero(t, payloads)
	})

	t.Run("a lost lease changes nothing", func(t *testing.T) {
		t.Parallel()
		testFences(t, open(t))
	})

	t.Run("a buried one keeps its payload and its reason", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		job := f.claim(t, f.enqueue(t, edit("a"))[0].ID)
		told := false
		require.NoError(t, f.Outbox().Bury(t.Context(), job, "gone", func(context.Context) error { told = true; return nil }))
		assert.True(t, told)
		var reason string
		var payload string
		f.Query(t, `SELECT last_error, payload FROM outbox WHERE state = 'dead'`, &reason, &payload)
		assert.Equal(t, "gone", reason)
		assert.NotEmpty(t, payload)
		assert.Len(t, f.enqueue(t, edit("a")), 1, "and absorbs none")
	})

	t.Run("what is tried again waits until it is due", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		head := f.enqueue(t, edit("a"))[0]
		job := f.claim(t, head.ID)
		waits, err := f.Outbox().Retry(t.Context(), job, start().Add(time.Hour), "429")
		require.NoError(t, err)
		assert.True(t, waits)
		list, err := f.Outbox().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		head.RunAt = stored(start().Add(time.Hour))
		assert.Equal(t, []outbox.Head{head}, list)
		assert.Empty(t, f.enqueue(t, edit("a")), "it absorbs newer ones")
		assert.Equal(t, 2, f.claim(t, head.ID).Attempt)
	})

	t.Run("what is tried again ends where its twin waits", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		job := f.claim(t, f.enqueue(t, edit("a"))[0].ID)
		twin := f.enqueue(t, edit("a"))
		require.Len(t, twin, 1)
		waits, err := f.Outbox().Retry(t.Context(), job, start(), "429")
		require.NoError(t, err)
		assert.False(t, waits)
		list, err := f.Outbox().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		assert.Equal(t, twin, list)
		_, err = f.Outbox().Retry(t.Context(), job, start(), "429")
		require.ErrorIs(t, err, outbox.ErrLost)
	})

	t.Run("expired leases are taken back, merging", func(t *testing.T) {
		t.Parallel()
		testReclaim(t, open(t))
	})

	t.Run("what was done long ago is forgotten", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		heads := f.enqueue(t, say("done"), say("dead"), say("leased"), say("waiting"), say("done later"))
		require.NoError(t, f.Outbox().Finish(t.Context(), f.claim(t, heads[0].ID), nil))
		require.NoError(t, f.Outbox().Bury(t.Context(), f.claim(t, heads[1].ID), "why", nil))
		f.claim(t, heads[2].ID)
		f.clock.Advance(time.Hour)
		require.NoError(t, f.Outbox().Finish(t.Context(), f.claim(t, heads[4].ID), nil))
		n, err := f.Outbox().Prune(t.Context(), start().Add(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		var left int
		f.Query(t, `SELECT count(*) FROM outbox`, &left)
		assert.Equal(t, 4, left)
	})

	t.Run("what waits is counted by urgency and kind", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		late := edit("late")
		late.Urgency, late.After = ticket.ForEdit, time.Hour
		group := say("group")
		group.Urgency = ticket.ForGroup
		f.clock.Advance(-time.Minute)
		f.enqueue(t, say("old"))
		f.clock.Advance(time.Minute)
		heads := f.enqueue(t, say("new"), late, group)
		f.claim(t, heads[2].ID)
		depths, err := f.Outbox().Depths(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []outbox.Depth{
			{Kind: "say", Waiting: 2, Oldest: stored(start().Add(-time.Minute))},
			{Urgency: int(ticket.ForEdit), Kind: "card.edit", Waiting: 1},
		}, depths)
	})

	t.Run("what is tried again and again is as old as it is", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		job := f.claim(t, f.enqueue(t, say("stubborn"))[0].ID)
		f.clock.Advance(10 * time.Minute)
		_, err := f.Outbox().Retry(t.Context(), job, f.clock.Now().Add(time.Minute), "away")
		require.NoError(t, err)
		depths, err := f.Outbox().Depths(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []outbox.Depth{{Kind: "say", Waiting: 1, Oldest: stored(start())}}, depths)
	})
}

// testFences lets a lease run out and another attempt have the row.
func testFences(t *testing.T, f *fixture) {
	t.Helper()
	ctx, out := t.Context(), f.Outbox()
	head := f.enqueue(t, say("x"))[0]
	old := f.claim(t, head.ID)
	require.NoError(t, out.Renew(ctx, old.ID, old.Attempt, time.Hour))
	heads, err := out.Reclaim(ctx, start().Add(30*time.Minute))
	require.NoError(t, err)
	assert.Empty(t, heads, "a renewed lease has not run out")
	heads, err = out.Reclaim(ctx, start().Add(2*time.Hour))
	require.NoError(t, err)
	assert.Equal(t, []outbox.Head{head}, heads)

	record := func(context.Context) error {
		t.Error("something is recorded for a lost lease")
		return errRefused
	}
	lost := func(when string) {
		require.ErrorIs(t, out.Finish(ctx, old, record), outbox.ErrLost, when)
		require.ErrorIs(t, out.Bury(ctx, old, "why", record), outbox.ErrLost, when)
		require.ErrorIs(t, out.Renew(ctx, old.ID, old.Attempt, time.Minute), outbox.ErrLost, when)
		_, err := out.Retry(ctx, old, start(), "why")
		require.ErrorIs(t, err, outbox.ErrLost, when)
	}
	lost("while it waits")
	current := f.claim(t, head.ID)
	assert.Equal(t, old.Attempt+1, current.Attempt)
	lost("while another has it")
	require.NoError(t, out.Finish(ctx, current, nil))
	lost("after another finished it")
	require.ErrorIs(t, out.Finish(ctx, current, record), outbox.ErrLost, "twice")
}

func testReclaim(t *testing.T, f *fixture) {
	t.Helper()
	ctx, out := t.Context(), f.Outbox()
	plain := f.enqueue(t, say("plain"))[0]
	f.claim(t, plain.ID)
	merges := f.enqueue(t, edit("waits"), edit("both"))
	f.claim(t, merges[0].ID)
	f.claim(t, merges[1].ID)
	waiting := f.enqueue(t, edit("waits"))[0]
	newer := f.enqueue(t, edit("both"))[0]
	f.claim(t, newer.ID)
	f.clock.Advance(10 * time.Minute)
	held := f.enqueue(t, edit("held"))[0]
	f.claim(t, held.ID)

	heads, err := out.Reclaim(ctx, f.clock.Now())
	require.NoError(t, err)
	assert.Equal(t, []outbox.Head{plain, newer}, heads)
	list, err := out.Waiting(ctx, 0, 100)
	require.NoError(t, err)
	assert.Equal(t, []outbox.Head{plain, waiting, newer}, list)
	var merged int
	f.Query(t, `SELECT count(*) FROM outbox WHERE state = 'done' AND last_error = 'merged' AND payload IS NULL`, &merged)
	assert.Equal(t, 2, merged)
}
