package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/inbox"
	"vinbot/internal/ticket"
)

// raws makes updates with these ids.
func raws(ids ...int64) []inbox.Raw {
	batch := make([]inbox.Raw, len(ids))
	for i, id := range ids {
		batch[i] = inbox.Raw{ID: id, Body: fmt.Appendf(nil, `{"update_id":%d}`, id)}
	}
	return batch
}

func pendingIDs(t *testing.T, s inbox.Store) (ids []int64) {
	t.Helper()
	list, err := s.Pending(t.Context(), 0, 1000)
	require.NoError(t, err)
	for _, u := range list {
		ids = append(ids, u.ID)
	}
	return ids
}

func testInbox(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("updates are stored once, in order of arrival, also with lower ids", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		in := f.Inbox(1)
		for _, step := range []struct {
			ids  []int64
			news int
		}{{[]int64{100, 101, 102}, 3}, {[]int64{101, 102, 103}, 1}, {[]int64{5, 6, 5}, 2}, {nil, 0}} {
			n, err := in.Append(t.Context(), raws(step.ids...))
			require.NoError(t, err)
			assert.Equal(t, step.news, n)
		}
		assert.Equal(t, []int64{100, 101, 102, 103, 5, 6}, pendingIDs(t, in))
		n, err := f.Inbox(2).Append(t.Context(), raws(100))
		require.NoError(t, err)
		assert.Equal(t, 1, n, "another bot's ids are its own")
		assert.Equal(t, []int64{100}, pendingIDs(t, f.Inbox(2)))
	})

	t.Run("a batch of 100 is stored whole, each with a request id", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ids := make([]int64, 100)
		for i := range ids {
			ids[i] = int64(1000 + i)
		}
		n, err := f.Inbox(1).Append(t.Context(), raws(ids...))
		require.NoError(t, err)
		assert.Equal(t, 100, n)
		list, err := f.Inbox(1).Pending(t.Context(), 0, 1000)
		require.NoError(t, err)
		seen := map[string]bool{}
		for i, u := range list {
			assert.Equal(t, ids[i], u.ID)
			assert.Equal(t, raws(u.ID)[0].Body, u.Body)
			assert.Equal(t, stored(start()), u.ReceivedAt)
			assert.Len(t, u.RequestID, 16)
			seen[u.RequestID] = true
		}
		assert.Len(t, seen, 100)
		page, err := f.Inbox(1).Pending(t.Context(), list[9].Seq, 2)
		require.NoError(t, err)
		assert.Equal(t, list[10:12], page)
	})

	t.Run("attempts are counted, and taken back", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		in, ctx := f.Inbox(1), t.Context()
		_, err := in.Append(ctx, raws(1, 2, 3))
		require.NoError(t, err)
		attempts := func() (n []int) {
			list, err := in.Pending(ctx, 0, 10)
			require.NoError(t, err)
			for _, u := range list {
				n = append(n, u.Attempt)
			}
			return n
		}
		list, err := in.Pending(ctx, 0, 10)
		require.NoError(t, err)
		require.NoError(t, in.Claim(ctx, []int64{list[0].Seq, list[1].Seq, list[2].Seq}))
		require.NoError(t, in.Claim(ctx, []int64{list[0].Seq}))
		assert.Equal(t, []int{2, 1, 1}, attempts())
		require.NoError(t, in.Unclaim(ctx, []int64{list[0].Seq, list[1].Seq}))
		require.NoError(t, in.Unclaim(ctx, []int64{list[1].Seq}))
		assert.Equal(t, []int{1, 0, 1}, attempts())
		require.NoError(t, in.Claim(ctx, nil))
	})

	t.Run("what is handled is erased in the same transaction", func(t *testing.T) {
		t.Parallel()
		testConsume(t, open(t))
	})

	t.Run("what is set aside keeps its body and its reason", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		in, ctx := f.Inbox(1), t.Context()
		_, err := in.Append(ctx, raws(1, 2))
		require.NoError(t, err)
		list, err := in.Pending(ctx, 0, 10)
		require.NoError(t, err)
		require.ErrorIs(t, in.SetAside(ctx, list[0].Seq, "panic", func(context.Context) error { return errRefused }), errRefused)
		assert.Equal(t, []int64{1, 2}, pendingIDs(t, in))
		told := false
		require.NoError(t, in.SetAside(ctx, list[0].Seq, "panic", func(context.Context) error { told = true; return nil }))
		assert.True(t, told)
		assert.Equal(t, []int64{2}, pendingIDs(t, in))
		var body, reason string
		f.Query(t, `SELECT body, last_error FROM updates WHERE state = 'dead'`, &body, &reason)
		assert.JSONEq(t, `{"update_id":1}`, body)
		assert.Equal(t, "panic", reason)
		n, err := in.Append(ctx, raws(1))
		require.NoError(t, err)
		assert.Zero(t, n, "it does not come again")
	})

	t.Run("what was handled long ago is forgotten, what waits or is dead is not", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		in, ctx := f.Inbox(1), t.Context()
		_, err := in.Append(ctx, raws(1, 2, 3, 4))
		require.NoError(t, err)
		list, err := in.Pending(ctx, 0, 10)
		require.NoError(t, err)
		require.NoError(t, in.Consume(ctx, list[0].Seq, 0, nil))
		require.NoError(t, in.SetAside(ctx, list[1].Seq, "why", nil))
		f.clock.Advance(time.Hour)
		require.NoError(t, in.Consume(ctx, list[2].Seq, 0, nil))
		n, err := in.Prune(ctx, start().Add(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		news, err := in.Append(ctx, raws(1, 2, 3, 4))
		require.NoError(t, err)
		assert.Equal(t, 1, news, "the forgotten one alone")
		last, err := in.Pending(ctx, list[3].Seq, 10)
		require.NoError(t, err)
		assert.Len(t, last, 1, "whose number is higher than all before")
	})

	t.Run("pruning goes on until all is gone", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.Exec(t, `INSERT INTO updates (bot_id, update_id, state, request_id, received_at, handled_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
			SELECT 1, i, 'done', '', ?, ? FROM n`, start().UTC(), start().UTC())
		n, err := f.Inbox(1).Prune(t.Context(), start().Add(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, 1234, n)
	})

	t.Run("the oldest that waits is known", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		in, ctx := f.Inbox(1), t.Context()
		_, waits, err := in.Oldest(ctx)
		require.NoError(t, err)
		assert.False(t, waits)
		_, err = in.Append(ctx, raws(1))
		require.NoError(t, err)
		f.clock.Advance(time.Hour)
		_, err = in.Append(ctx, raws(2))
		require.NoError(t, err)
		at, waits, err := in.Oldest(ctx)
		require.NoError(t, err)
		assert.True(t, waits)
		assert.Equal(t, stored(start()), at)
	})
}

func testConsume(t *testing.T, f *fixture) {
	t.Helper()
	in, ctx := f.Inbox(1), t.Context()
	_, err := in.Append(ctx, raws(1))
	require.NoError(t, err)
	list, err := in.Pending(ctx, 0, 10)
	require.NoError(t, err)
	handle := func(end error) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			if _, err := f.Accounts().Seen(ctx, account.User{ID: 1}); err != nil {
				return err
			}
			if err := f.Do(ticket.WithRequestID(ctx, list[0].RequestID), insert(1, nil)); err != nil {
				return err
			}
			return end
		}
	}
	require.ErrorIs(t, in.Consume(ctx, list[0].Seq, 0, handle(errRefused)), errRefused)
	assert.Equal(t, []int64{1}, pendingIDs(t, in), "a failed one still waits")
	_, err = f.Accounts().User(ctx, 1)
	require.True(t, ticket.IsNotFound(err))

	require.NoError(t, in.Consume(ctx, list[0].Seq, 0, handle(nil)))
	assert.Empty(t, pendingIDs(t, in))
	k, err := f.OpenTicket(ctx, 1, vinA)
	require.NoError(t, err)
	assert.Equal(t, list[0].RequestID, k.RequestID)
	var bodies int
	f.Query(t, `SELECT count(body) FROM updates`, &bodies)
	assert.Zero(t, bodies)
	job := f.claim(t, f.announced()[0].ID)
	assert.Equal(t, list[0].RequestID, job.RequestID)

	require.NoError(t, in.Consume(ctx, list[0].Seq, 0, func(context.Context) error {
		t.Error("an update that was handled is handled again")
		return nil
	}))
	n, err := in.Append(ctx, raws(1))
	require.NoError(t, err)
	assert.Zero(t, n, "a handled one does not come again")
}
