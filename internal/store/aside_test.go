package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
)

func testAside(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("updates that were set aside are listed, put back in their place, or dropped", func(t *testing.T) {
		t.Parallel()
		testUpdatesAside(t, open(t))
	})

	t.Run("effects that were set aside are listed, put back in their lane, or dropped", func(t *testing.T) {
		t.Parallel()
		testEffectsAside(t, open(t))
	})

	t.Run("jobs of the CRM that were given up are listed, put back, or dropped", func(t *testing.T) {
		t.Parallel()
		testCRMJobsAside(t, open(t))
	})

	t.Run("an effect whose like waits is done with that", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		first := f.enqueue(t, edit("a"))[0]
		f.buries(t, first.ID)
		second := f.enqueue(t, edit("a"))[0]
		f.buries(t, second.ID)
		third := f.enqueue(t, edit("a"))[0]
		n, err := f.DeadEffects().PutBack(t.Context(), []int64{first.ID})
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		waiting, err := f.Outbox().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		assert.Equal(t, third.ID, waiting[0].ID)
		require.NoError(t, f.Outbox().Finish(t.Context(), f.claim(t, third.ID), nil))
		n, err = f.DeadEffects().PutBack(t.Context(), []int64{second.ID})
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		waiting, err = f.Outbox().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		assert.Len(t, waiting, 1)
	})
}

// buries sets an effect aside.
func (f *fixture) buries(t *testing.T, id int64) {
	t.Helper()
	require.NoError(t, f.Outbox().Bury(t.Context(), f.claim(t, id), "broken", nil))
}

func testUpdatesAside(t *testing.T, f *fixture) {
	t.Helper()
	in, ctx := f.Inbox(1), t.Context()
	_, err := in.Append(ctx, []inbox.Raw{
		{ID: 10, Body: []byte(`{"update_id":10,"message":{"text":"x"}}`)},
		{ID: 11, Body: []byte(`{"callback_query":{},"update_id":11}`)},
		{ID: 12, Body: []byte(`[1]`)},
		{ID: 13, Body: []byte(`{"update_id":13`)},
		{ID: 14, Body: []byte(`{"update_id":14}`)},
	})
	require.NoError(t, err)
	list, err := in.Pending(ctx, 0, 10)
	require.NoError(t, err)
	for _, u := range list[:4] {
		require.NoError(t, in.Claim(ctx, []int64{u.Seq}))
		f.clock.Advance(time.Minute)
		require.NoError(t, in.SetAside(ctx, u.Seq, "why", nil))
	}
	shelf := f.Shelf(1)
	asides, total, err := shelf.Asides(ctx, 10)
	require.NoError(t, err)
	assert.Equal(t, 4, total)
	assert.Equal(t, inbox.Aside{
		Seq: list[1].Seq, ID: 11, Kind: "callback_query", Attempt: 1, RequestID: list[1].RequestID, ReceivedAt: stored(start()),
		AsideAt: stored(start().Add(2 * time.Minute)), Reason: "why",
	}, asides[2])
	assert.Equal(t, "message", asides[3].Kind)
	assert.Empty(t, asides[0].Kind)
	assert.Empty(t, asides[1].Kind)
	asides, total, err = shelf.Asides(ctx, 2)
	require.NoError(t, err)
	assert.Equal(t, 4, total)
	assert.Len(t, asides, 2)
	_, total, err = f.Shelf(2).Asides(ctx, 10)
	require.NoError(t, err)
	assert.Zero(t, total, "another bot's")

	n, err := f.Shelf(2).PutBack(ctx, []int64{list[0].Seq})
	require.NoError(t, err)
	assert.Zero(t, n)
	n, err = shelf.PutBack(ctx, []int64{list[0].Seq, list[4].Seq, 4711})
	require.NoError(t, err)
	assert.Equal(t, 1, n, "what waits is left alone, and what is not there")
	assert.Equal(t, []outbox.Head{{ID: list[0].Seq}}, f.hooked, "whoever handles updates is told")
	back, err := in.Pending(ctx, 0, 10)
	require.NoError(t, err)
	require.Len(t, back, 2)
	assert.Equal(t, list[0], back[0], "where it was, as if it had not been tried")

	n, err = shelf.Drop(ctx, []int64{list[0].Seq, list[1].Seq})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	news, err := in.Append(ctx, raws(11))
	require.NoError(t, err)
	assert.Zero(t, news, "it does not come again")
	assert.NotContains(t, f.Dump(t), "callback_query")
}

func testEffectsAside(t *testing.T, f *fixture) {
	t.Helper()
	ctx, shelf := t.Context(), f.DeadEffects()
	heads := f.enqueue(t, say("one"), sayAbout(7, 12), edit("a"), say("four"))
	for _, h := range heads[:3] {
		f.clock.Advance(time.Minute)
		f.buries(t, h.ID)
	}
	kinds, err := shelf.AsideKinds(ctx)
	require.NoError(t, err)
	assert.Equal(t, []outbox.AsideKind{
		{Kind: heads[2].Kind, Count: 1, Since: stored(start().Add(3 * time.Minute))},
		{Kind: "say", Count: 2, Since: stored(start().Add(time.Minute))},
	}, kinds)
	said, err := shelf.Asides(ctx, "say", 10)
	require.NoError(t, err)
	require.Len(t, said, 2)
	assert.Equal(t, heads[1].ID, said[0].ID, "the last first")
	assert.EqualValues(t, 12, said[0].Ticket)
	assert.Equal(t, "broken", said[0].Reason)
	assert.Equal(t, 1, said[0].Attempt)
	all, err := shelf.Asides(ctx, "", 2)
	require.NoError(t, err)
	assert.Len(t, all, 2)

	f.clock.Advance(24 * time.Hour)
	f.announced()
	n, err := shelf.PutBack(ctx, []int64{heads[0].ID, heads[3].ID, 4711})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	back := f.announced()
	require.Len(t, back, 1, "the relay is told")
	assert.Equal(t, heads[0].ID, back[0].ID)
	assert.Equal(t, heads[0].Lane, back[0].Lane)
	depths, err := f.Outbox().Depths(ctx)
	require.NoError(t, err)
	assert.NotEmpty(t, depths)
	job := f.claim(t, heads[0].ID)
	assert.Equal(t, 2, job.Attempt, "a worker that was given up cannot end it")
	assert.Equal(t, stored(f.clock.Now()), job.CreatedAt, "it is no old one that waits")
	assert.NotEmpty(t, job.Payload)

	n, err = shelf.Drop(ctx, []int64{heads[0].ID, heads[1].ID, heads[1].ID})
	require.NoError(t, err)
	assert.Equal(t, 1, n, "what is under way is left alone")
	assert.Empty(t, f.Rows(t, `SELECT id FROM outbox WHERE ticket_id = 12`))
}

// givesUp has a ticket's job for the CRM be given up, and gives its number.
func (f *fixture) givesUp(t *testing.T, about int64) int64 {
	t.Helper()
	ctx, queue := t.Context(), f.CRM().Queue()
	require.NoError(t, f.CRM().Ask(ctx, about, "r"))
	heads, err := queue.Waiting(ctx, 0, 10)
	require.NoError(t, err)
	jobs, err := queue.Claim(ctx, []int64{heads[len(heads)-1].ID}, time.Minute)
	require.NoError(t, err)
	require.Len(t, jobs, 1)
	require.NoError(t, queue.Bury(ctx, jobs[0], "what it is told makes no sense to it", nil))
	return jobs[0].ID
}

func testCRMJobsAside(t *testing.T, f *fixture) {
	t.Helper()
	ctx, shelf, queue := t.Context(), f.DeadCRMJobs(), f.CRM().Queue()
	one, two := f.ticket(t, 1, vinA), f.ticket(t, 2, vinB)
	first := f.givesUp(t, one.ID)
	f.clock.Advance(time.Minute)
	second := f.givesUp(t, one.ID)
	f.clock.Advance(time.Minute)
	third := f.givesUp(t, two.ID)
	kinds, err := shelf.AsideKinds(ctx)
	require.NoError(t, err)
	assert.Equal(t, []outbox.AsideKind{{Kind: "crm.ticket", Count: 3, Since: stored(start())}}, kinds)
	all, err := shelf.Asides(ctx, "", 2)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, outbox.Aside{
		ID: third, Kind: "crm.ticket", Ticket: two.ID, Attempt: 1, RequestID: "r",
		CreatedAt: stored(f.clock.Now()), AsideAt: stored(f.clock.Now()), Reason: "what it is told makes no sense to it",
	}, all[0], "the last first")
	of, err := shelf.Asides(ctx, "crm.deal", 10)
	require.NoError(t, err)
	assert.Empty(t, of, "of another kind")

	f.clock.Advance(24 * time.Hour)
	f.hooked = nil
	n, err := shelf.PutBack(ctx, []int64{first, second, 4711})
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	require.Len(t, f.hooked, 1, "the relay is told of the one that waits")
	assert.Equal(t, first, f.hooked[0].ID)
	waiting, err := queue.Waiting(ctx, 0, 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1, "a ticket needs but one job")
	jobs, err := queue.Claim(ctx, []int64{first}, time.Minute)
	require.NoError(t, err)
	assert.Equal(t, 2, jobs[0].Attempt, "that it was tried before stays known")
	job, err := f.CRM().Job(ctx, first)
	require.NoError(t, err)
	assert.Equal(t, stored(f.clock.Now()), job.CreatedAt, "it is not given up at once for its age")

	n, err = shelf.Drop(ctx, []int64{first, third, third})
	require.NoError(t, err)
	assert.Equal(t, 1, n, "what is under way is left alone")
	kinds, err = shelf.AsideKinds(ctx)
	require.NoError(t, err)
	assert.Empty(t, kinds)
}

// askAside asks all that can be asked of what was set aside.
func askAside(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	_, _, err := f.Shelf(1).Asides(ctx, 1)
	require.NoError(t, err)
	head := f.enqueue(t, edit("aside"))[0]
	f.buries(t, head.ID)
	_, err = f.DeadEffects().AsideKinds(ctx)
	require.NoError(t, err)
	_, err = f.DeadEffects().Asides(ctx, "say", 10)
	require.NoError(t, err)
	job := f.givesUp(t, f.ticket(t, 4713, vinA).ID)
	_, err = f.DeadCRMJobs().AsideKinds(ctx)
	require.NoError(t, err)
	_, err = f.DeadCRMJobs().Asides(ctx, "crm.ticket", 10)
	require.NoError(t, err)
	for _, shelf := range []interface {
		PutBack(ctx context.Context, ids []int64) (int, error)
		Drop(ctx context.Context, ids []int64) (int, error)
	}{f.Shelf(1), f.DeadEffects(), f.DeadCRMJobs()} {
		_, err = shelf.PutBack(ctx, []int64{1, head.ID, job})
		require.NoError(t, err)
		_, err = shelf.Drop(ctx, []int64{1, head.ID, job})
		require.NoError(t, err)
	}
}
