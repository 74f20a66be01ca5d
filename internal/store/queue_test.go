package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// queued stores a ticket of a priority and a status.
func (f *fixture) queued(t *testing.T, owner int64, p ticket.Priority, s ticket.Status) ticket.Ticket {
	t.Helper()
	f.clock.Advance(time.Minute)
	k := ticket.Ticket{VIN: vinA, Status: s, Priority: p, OwnerID: owner}
	if s == ticket.Done {
		k.ClosedAt = f.clock.Now()
		k.OpenedAt = k.ClosedAt.Add(-time.Hour)
	}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Insert(ctx, &k) })
	return k
}

func ids(tickets []ticket.Ticket) []int64 {
	list := []int64{}
	for _, k := range tickets {
		list = append(list, k.ID)
	}
	return list
}

func testQueue(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("the place in the queue is by priority, then by age", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		low := f.queued(t, 1, ticket.Low, ticket.New)
		first := f.queued(t, 2, ticket.Normal, ticket.New)
		f.queued(t, 3, ticket.Normal, ticket.Taken)
		second := f.queued(t, 4, ticket.Normal, ticket.New)
		high := f.queued(t, 5, ticket.High, ticket.New)
		urgent := f.queued(t, 6, ticket.Urgent, ticket.New)
		gone := f.queued(t, 7, ticket.Urgent, ticket.New)
		f.Exec(t, `UPDATE tickets SET deleted_at = opened_at WHERE id = ?`, gone.ID)
		for i, k := range []ticket.Ticket{urgent, high, first, second, low} {
			k, err := f.Ticket(t.Context(), k.ID)
			require.NoError(t, err)
			ahead, err := f.Ahead(t.Context(), k)
			require.NoError(t, err)
			assert.Equal(t, i, ahead, k.Priority)
		}
	})

	t.Run("tickets of the same instant stand in the order of their numbers", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		for owner := range int64(3) {
			f.ticket(t, owner+1, vinA)
		}
		for id := range int64(3) {
			k, err := f.Ticket(t.Context(), id+1)
			require.NoError(t, err)
			ahead, err := f.Ahead(t.Context(), k)
			require.NoError(t, err)
			assert.EqualValues(t, id, ahead)
		}
	})

	t.Run("an owner's tickets, newest first", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		first := f.queued(t, 1, ticket.Normal, ticket.Done)
		f.queued(t, 2, ticket.Normal, ticket.Done)
		second := f.queued(t, 1, ticket.Normal, ticket.Cancelled)
		third := f.queued(t, 1, ticket.Normal, ticket.Done)
		fourth := f.queued(t, 1, ticket.Normal, ticket.New)

		for nth, want := range map[int]ticket.Ticket{1: fourth, 2: third, 3: second, 4: first} {
			demand, err := f.Demand(t.Context(), 1, nth)
			require.NoError(t, err)
			assert.Equal(t, ticket.Demand{Open: 1, Nth: stored(want.OpenedAt)}, demand, nth)
		}
		demand, err := f.Demand(t.Context(), 1, 5)
		require.NoError(t, err)
		assert.Equal(t, ticket.Demand{Open: 1}, demand)

		page, total, err := f.DoneOf(t.Context(), 1, 0, 1)
		require.NoError(t, err)
		assert.Equal(t, 2, total)
		assert.Equal(t, []int64{third.ID}, ids(page))
		page, total, err = f.DoneOf(t.Context(), 1, 1, 9)
		require.NoError(t, err)
		assert.Equal(t, 2, total)
		assert.Equal(t, []int64{first.ID}, ids(page))
		page, total, err = f.DoneOf(t.Context(), 9, 0, 9)
		require.NoError(t, err)
		assert.Zero(t, total)
		assert.Empty(t, page)
	})

	t.Run("what was done last", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.queued(t, 1, ticket.Normal, ticket.Done)
		since := f.clock.Now().Add(time.Second)
		second := f.queued(t, 2, ticket.Normal, ticket.Done)
		third := f.queued(t, 3, ticket.Normal, ticket.Done)
		f.queued(t, 4, ticket.Normal, ticket.Rejected)
		done, err := f.DoneSince(t.Context(), since, 9)
		require.NoError(t, err)
		assert.Equal(t, []int64{third.ID, second.ID}, ids(done))
		done, err = f.DoneSince(t.Context(), since, 1)
		require.NoError(t, err)
		assert.Equal(t, []int64{third.ID}, ids(done))
	})

	t.Run("a ticket has one rating, the last", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.queued(t, 1, ticket.Normal, ticket.Done)
		_, err := f.Rating(t.Context(), k.ID)
		require.True(t, ticket.IsNotFound(err))
		for stars := ticket.MinStars; stars <= ticket.MaxStars; stars++ {
			want := ticket.Rating{Ticket: k.ID, Stars: stars, RatedAt: stored(start()), ChangedAt: stored(f.clock.Now())}
			f.clock.Advance(time.Minute)
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.SetRating(ctx, want) })
			got, err := f.Rating(t.Context(), k.ID)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
		for _, stars := range []int{0, 6} {
			err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
				return tx.SetRating(ctx, ticket.Rating{Ticket: k.ID, Stars: stars, RatedAt: start(), ChangedAt: start()})
			})
			assert.Equal(t, ticket.CodeInvalid, ticket.CodeOf(err))
		}
	})
}
