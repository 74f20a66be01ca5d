package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// testSLA is about the steps that are taken when a ticket's time is up.
func testSLA(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a step is marked once in a cycle", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		mark := func(cycle int, step ticket.Step) bool {
			fresh, err := f.SLA().Mark(t.Context(), k.ID, cycle, step)
			require.NoError(t, err)
			return fresh
		}
		assert.True(t, mark(1, ticket.StepTake))
		assert.False(t, mark(1, ticket.StepTake))
		assert.True(t, mark(1, ticket.StepDone))
		assert.True(t, mark(2, ticket.StepTake))
		_, err := f.SLA().Mark(t.Context(), 4711, 1, ticket.StepTake)
		assert.Error(t, err, "of a ticket that there is not")
	})
	t.Run("a step that is rolled back was not taken", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		err := f.Do(t.Context(), func(ctx context.Context, _ ticket.Tx) error {
			fresh, err := f.SLA().Mark(ctx, k.ID, 1, ticket.StepTake)
			assert.True(t, fresh)
			require.NoError(t, err)
			return assert.AnError
		})
		require.ErrorIs(t, err, assert.AnError)
		fresh, err := f.SLA().Mark(t.Context(), k.ID, 1, ticket.StepTake)
		require.NoError(t, err)
		assert.True(t, fresh)
	})
	t.Run("who waits for a manager is watched", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		var watched []ticket.Ticket
		for i, s := range ticket.Statuses() {
			k := ticket.Ticket{
				VIN: vinA, Status: s, Priority: ticket.Low, OwnerID: int64(i + 1), Cycle: 3,
				ToTake: time.Minute, ToDone: time.Hour, Late: true, BeganAt: stored(start()), QueuedAt: stored(start().Add(time.Hour)),
			}
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Insert(ctx, &k) })
			if s == ticket.New || s == ticket.Taken {
				k, err := f.Ticket(t.Context(), k.ID)
				require.NoError(t, err)
				assert.Equal(t, 3, k.Cycle)
				assert.True(t, k.Late)
				watched = append(watched, k)
			}
		}
		for _, mark := range []struct {
			cycle int
			step  ticket.Step
		}{{0, ticket.StepOwner}, {2, ticket.StepDone}, {3, ticket.StepTake}} {
			_, err := f.SLA().Mark(t.Context(), watched[0].ID, mark.cycle, mark.step)
			require.NoError(t, err)
		}
		got, err := f.SLA().Watched(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Len(t, got, 2)
		assert.Equal(t, watched[0], got[0].Ticket)
		assert.ElementsMatch(t, []ticket.Step{ticket.StepOwner, ticket.StepTake}, got[0].Steps, "of this cycle, or of all")
		assert.Equal(t, ticket.Watched{Ticket: watched[1], LookAt: stored(start())}, got[1])
		got, err = f.SLA().Watched(t.Context(), watched[0].ID, 1)
		require.NoError(t, err)
		require.Len(t, got, 1)
		assert.Equal(t, watched[1], got[0].Ticket)
	})
	t.Run("taking notes how long it waited", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			k.ToTake, k.Late = 90*time.Second, true
			won, err := tx.Take(ctx, k, ticket.Actor{ID: 1})
			assert.True(t, won)
			return err
		})
		k, err := f.Ticket(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, 90*time.Second, k.ToTake)
		assert.True(t, k.Late)
		k.ToDone, k.Cycle = time.Hour, 2
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &k) })
		got, err := f.Ticket(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, k, got)
	})
}
