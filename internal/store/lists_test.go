package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// listed lists the tickets' numbers.
func listed(all []ticket.Ticket) []int64 {
	list := []int64{}
	for _, t := range all {
		list = append(list, t.ID)
	}
	return list
}

// stand stores a ticket as it is given, and gives its number.
func (f *fixture) stand(t *testing.T, k ticket.Ticket) int64 {
	t.Helper()
	if k.VIN == "" {
		k.VIN = vinA
	}
	if k.Priority == "" {
		k.Priority = ticket.Normal
	}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Insert(ctx, &k) })
	return k.ID
}

func testLists(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("the queue is by priority, then by age, in pages", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		waits := func(p ticket.Priority, ago time.Duration) int64 {
			return f.stand(t, ticket.Ticket{Status: ticket.New, Priority: p, OpenedAt: start().Add(-ago)})
		}
		low := waits(ticket.Low, 9*time.Hour)
		young, old := waits(ticket.Normal, time.Minute), waits(ticket.Normal, time.Hour)
		urgent, high := waits(ticket.Urgent, 0), waits(ticket.High, 0)
		f.stand(t, ticket.Ticket{Status: ticket.Taken, Priority: ticket.Urgent})
		f.stand(t, ticket.Ticket{Status: ticket.Done, Priority: ticket.Urgent})
		want := []int64{urgent, high, old, young, low}
		for offset := range 7 {
			for limit := 1; limit < 7; limit++ {
				page, total, err := f.Queue(t.Context(), offset, limit)
				require.NoError(t, err)
				assert.Equal(t, 5, total)
				assert.Equal(t, want[min(offset, 5):min(offset+limit, 5)], listed(page), "%d from %d", limit, offset)
			}
		}
	})

	t.Run("what a manager has in hand is what is open and theirs", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		var want []int64
		for i, s := range ticket.Statuses() {
			mine := f.stand(t, ticket.Ticket{Status: s, AssigneeID: 5, OwnerID: int64(i + 1)})
			f.stand(t, ticket.Ticket{Status: s, AssigneeID: 6, OwnerID: int64(i + 20)})
			if s.Open() {
				want = append(want, mine)
			}
		}
		got, err := f.InHand(t.Context(), 5, 10)
		require.NoError(t, err)
		assert.Equal(t, want, listed(got))
		got, err = f.InHand(t.Context(), 5, 2)
		require.NoError(t, err)
		assert.Equal(t, want[:2], listed(got))
		n, err := f.CountInHand(t.Context(), 5)
		require.NoError(t, err)
		assert.Equal(t, len(want), n)
	})

	t.Run("a car is found by its VIN or the end of it, the newest first", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		first := f.stand(t, ticket.Ticket{VIN: vinA, Status: ticket.Done})
		second := f.stand(t, ticket.Ticket{VIN: vinA, Status: ticket.New, OwnerID: 3})
		twin := f.stand(t, ticket.Ticket{VIN: "WDBUF56X7" + vinA[9:], Status: ticket.Rejected})
		f.stand(t, ticket.Ticket{VIN: vinB, Status: ticket.New})
		for wanted, want := range map[string][]int64{
			vinA: {second, first}, vinA[11:]: {twin, second, first}, "999999": {}, vinA[:6]: {},
		} {
			got, err := f.Find(t.Context(), wanted, 10)
			require.NoError(t, err)
			assert.Equal(t, want, listed(got), wanted)
			n, err := f.CountFound(t.Context(), wanted)
			require.NoError(t, err)
			assert.Equal(t, len(want), n, wanted)
		}
	})

	t.Run("the newest report for a VIN is found, of a ticket that is done", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		given := func(k ticket.Ticket, ago time.Duration) int64 {
			r := ticket.Report{TicketID: f.stand(t, k), Status: ticket.ReportDelivered, DeliveredAt: start().Add(-ago)}
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.InsertReport(ctx, &r) })
			return r.ID
		}
		given(ticket.Ticket{Status: ticket.Done}, 3*time.Hour)
		newest := given(ticket.Ticket{Status: ticket.Done}, 2*time.Hour)
		given(ticket.Ticket{Status: ticket.New, OwnerID: 3}, time.Hour) // reopened
		given(ticket.Ticket{Status: ticket.Done, VIN: vinB}, 0)
		got, err := f.Reusable(t.Context(), vinA, start().Add(-24*time.Hour))
		require.NoError(t, err)
		assert.Equal(t, newest, got.ID)
		_, err = f.Reusable(t.Context(), vinA, start().Add(-time.Minute))
		assert.True(t, ticket.IsNotFound(err), "too long ago")
	})

	t.Run("what the text of a report told is stored", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		r := f.report(t, f.stand(t, ticket.Ticket{Status: ticket.New}), ticket.ReportChecking)
		r.NoText, r.FoundVIN = true, vinB
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.UpdateReport(ctx, &r) })
		got, err := f.Report(t.Context(), r.ID)
		require.NoError(t, err)
		assert.True(t, got.NoText)
		assert.Equal(t, vinB, got.FoundVIN)
	})

	t.Run("a person is found by username, whoever had it last", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		for id, name := range []string{"", "Anna", "boris", "ANNA"} {
			f.clock.Advance(time.Minute)
			_, err := f.Accounts().Seen(t.Context(), account.User{ID: int64(id + 1), Username: name})
			require.NoError(t, err)
		}
		got, err := f.Accounts().ByUsername(t.Context(), "aNNa")
		require.NoError(t, err)
		assert.EqualValues(t, 4, got.ID)
		for _, unknown := range []string{"vera", ""} {
			_, err = f.Accounts().ByUsername(t.Context(), unknown)
			assert.True(t, ticket.IsNotFound(err), "%q", unknown)
		}
	})
}
