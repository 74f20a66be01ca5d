package store_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func testTickets(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("what is stored comes back", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		want := ticket.Ticket{
			VIN: vinA, Status: ticket.Undelivered, Priority: ticket.Urgent, OwnerID: 1 << 40, Confirmed: true,
			AssigneeID: 5, AssigneeName: "Анна", Undeliverable: ticket.UndeliveredBlocked,
			OpenedAt: stored(start()), TakenAt: stored(start().Add(time.Second)), ClosedAt: stored(start().Add(time.Minute)),
		}
		ctx := ticket.WithRequestID(t.Context(), "r1")
		require.NoError(t, f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error { return tx.Insert(ctx, &want) }))
		assert.Positive(t, want.ID)
		assert.Equal(t, "r1", want.RequestID)
		got, err := f.Ticket(t.Context(), want.ID)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})

	t.Run("every status and priority can be stored, no other can", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		for i, s := range ticket.Statuses() {
			k := ticket.Ticket{VIN: vinA, Status: s, Priority: ticket.Low, OwnerID: int64(i + 1)}
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Insert(ctx, &k) })
			_, err := f.OpenTicket(t.Context(), k.OwnerID, vinA)
			assert.Equal(t, !s.Open(), ticket.IsNotFound(err), "open as the table of states says: %s", s)
		}
		for _, wrong := range []ticket.Ticket{
			{VIN: vinA, Status: "lost", Priority: ticket.Low, OwnerID: 90},
			{VIN: vinA, Status: ticket.New, Priority: "so so", OwnerID: 90},
			{VIN: "SHORT", Status: ticket.New, Priority: ticket.Low, OwnerID: 90},
		} {
			err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error { return tx.Insert(ctx, &wrong) })
			assert.Equal(t, ticket.CodeInvalid, ticket.CodeOf(err))
		}
	})

	t.Run("an owner has one open ticket for a VIN", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		first := f.ticket(t, 1, vinA)
		err := f.Do(t.Context(), insert(1, nil))
		require.Equal(t, ticket.CodeConflict, ticket.CodeOf(err))
		assert.NotContains(t, err.Error(), vinA)
		second := f.ticket(t, 2, vinA)
		assert.Equal(t, first.ID+1, second.ID, "no number is missing")
		f.ticket(t, 1, vinB)
		f.ticket(t, 0, vinA)
		f.ticket(t, 0, vinA) // nobody's: by the API
		first.Status = ticket.Cancelled
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &first) })
		again := f.ticket(t, 1, vinA)
		got, err := f.OpenTicket(t.Context(), 1, vinA)
		require.NoError(t, err)
		assert.Equal(t, again.ID, got.ID)
	})

	t.Run("one VIN sent many times at once makes one ticket", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		var made atomic.Int64
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				if err := f.Do(t.Context(), insert(1, nil)); err != nil {
					assert.Equal(t, ticket.CodeConflict, ticket.CodeOf(err))
					return
				}
				made.Add(1)
			})
		}
		all.Wait()
		assert.EqualValues(t, 1, made.Load())
	})

	t.Run("of 64 who take it at once one wins", func(t *testing.T) {
		t.Parallel()
		testTake(t, open(t))
	})

	t.Run("an update with an old version conflicts", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		first := f.ticket(t, 1, vinA)
		second := first
		first.Priority = ticket.High
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &first) })
		assert.EqualValues(t, 2, first.Version)
		second.Priority = ticket.Low
		update := func(k *ticket.Ticket) error {
			return f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, k) })
		}
		require.Equal(t, ticket.CodeConflict, ticket.CodeOf(update(&second)))
		assert.EqualValues(t, 1, second.Version, "a refused one keeps its version")
		got, err := f.Ticket(t.Context(), first.ID)
		require.NoError(t, err)
		assert.Equal(t, first, got)
		require.True(t, ticket.IsNotFound(update(&ticket.Ticket{ID: 999, VIN: vinA, Status: ticket.New, Priority: ticket.Low})))
	})

	t.Run("lists are by owner, by status, and in pages", func(t *testing.T) {
		t.Parallel()
		testTicketLists(t, open(t))
	})

	t.Run("its history is told in order", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		want := ticket.Event{
			TicketID: k.ID, Kind: ticket.EventTaken, From: ticket.New, To: ticket.Taken, ActorID: 9, ReportID: 3, Detail: "code",
		}
		ctx := ticket.WithRequestID(t.Context(), "r2")
		require.NoError(t, f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
			if err := tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened}); err != nil {
				return err
			}
			return tx.AddEvent(ctx, want)
		}))
		events, err := f.Events(t.Context(), k.ID)
		require.NoError(t, err)
		require.Len(t, events, 2)
		assert.Equal(t, ticket.EventOpened, events[0].Kind)
		want.ID, want.At, want.RequestID = events[1].ID, stored(start()), "r2"
		assert.Equal(t, want, events[1])
		assert.Len(t, f.events, 2, "and the hook hears of it")

		err = f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			return tx.AddEvent(ctx, ticket.Event{TicketID: 999, Kind: ticket.EventOpened})
		})
		assert.Equal(t, ticket.CodeInvalid, ticket.CodeOf(err), "of a ticket that is not there")
	})
}

func testTake(t *testing.T, f *fixture) {
	t.Helper()
	k := f.ticket(t, 1, vinA)
	var winners atomic.Int64
	var winner atomic.Int64
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			assert.NoError(t, f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
				won, err := tx.Take(ctx, k, ticket.Actor{ID: int64(i + 1), Name: strconv.Itoa(i + 1)})
				if won {
					winners.Add(1)
					winner.Store(int64(i + 1))
				}
				return err
			}))
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, winners.Load())
	got, err := f.Ticket(t.Context(), k.ID)
	require.NoError(t, err)
	assert.Equal(t, ticket.Taken, got.Status)
	assert.Equal(t, winner.Load(), got.AssigneeID)
	assert.Equal(t, strconv.FormatInt(winner.Load(), 10), got.AssigneeName)
	assert.Equal(t, stored(start()), got.TakenAt)
	assert.EqualValues(t, 2, got.Version)
}

func testTicketLists(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	var ids []int64
	for i := range 5 {
		k := f.ticket(t, 1, fmt.Sprintf("WBAAA%012d", i))
		ids = append(ids, k.ID)
		if i == 2 {
			k.Status = ticket.Done
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &k) })
		}
	}
	f.ticket(t, 2, vinB)
	list := func(ks []ticket.Ticket, err error) (got []int64) {
		require.NoError(t, err)
		for _, k := range ks {
			got = append(got, k.ID)
		}
		return got
	}
	assert.Equal(t, []int64{ids[0], ids[1], ids[3], ids[4]}, list(f.TicketsOf(ctx, 1, ticket.New, ticket.Taken)))
	assert.Equal(t, []int64{ids[2]}, list(f.TicketsOf(ctx, 1, ticket.Done)))
	assert.Empty(t, list(f.TicketsOf(ctx, 3, ticket.New)))
	assert.Empty(t, list(f.TicketsOf(ctx, 1)), "in no status is none")
	assert.Equal(t, []int64{ids[1], ids[3]}, list(f.OpenTickets(ctx, ids[0], 2)))
	assert.Equal(t, []int64{ids[4], ids[4] + 1}, list(f.OpenTickets(ctx, ids[3], 9)))
}
