package ticket_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// halfTime works every other second, and allows a ticket 10 seconds of that to
// be taken, and 20 to be done.
type halfTime struct{}

func (halfTime) Worked(from, to time.Time) time.Duration { return to.Sub(from) / 2 }

func (halfTime) Allowed(ticket.Priority) (take, done time.Duration) {
	return 10 * time.Second, 20 * time.Second
}

func measured(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.Service = ticket.NewService(w, w, ticket.WithHours(halfTime{}))
	return w
}

// passes lets time pass. Each unit of work of a world takes another second.
func (w *world) passes(seconds int) { w.now = w.now.Add(time.Duration(seconds) * time.Second) }

func TestWorkingTimeIsMeasuredAtTheTransition(t *testing.T) {
	t.Parallel()
	w := measured(t)
	k := w.opened() // and the card was posted a second later
	w.passes(8)
	k, _, err := w.Take(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.Equal(t, 5*time.Second, k.ToTake)
	assert.False(t, k.Late)
	w.passes(29)
	r := w.receive(k.ID, 60, anna())
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
	w.passes(100) // Telegram is slow: no fault of Anna's
	require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
	k = w.tickets[k.ID]
	assert.Equal(t, 71*time.Second, k.ToDone)
	assert.Equal(t, 5*time.Second, k.ToTake)
	assert.False(t, k.Late)
}

func TestATicketIsLateOnceADeadlineWasMissed(t *testing.T) {
	t.Parallel()
	t.Run("to take", func(t *testing.T) {
		t.Parallel()
		w := measured(t)
		k := w.opened()
		w.passes(25)
		k, _, err := w.Take(t.Context(), k.ID, anna())
		require.NoError(t, err)
		assert.True(t, k.Late)
		r := w.receive(k.ID, 60, anna())
		require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
		assert.True(t, w.tickets[k.ID].Late, "and stays so")
	})
	t.Run("to finish", func(t *testing.T) {
		t.Parallel()
		w := measured(t)
		k := w.taken()
		w.passes(45)
		r := w.receive(k.ID, 60, anna())
		require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
		assert.True(t, w.tickets[k.ID].Late)
	})
	t.Run("to take, by a PDF that takes", func(t *testing.T) {
		t.Parallel()
		w := measured(t)
		k := w.opened()
		w.passes(25)
		r := w.receive(k.ID, 60, anna())
		require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
		assert.True(t, w.tickets[k.ID].Late)
		assert.Equal(t, 14*time.Second, w.tickets[k.ID].ToTake.Round(time.Second))
	})
}

func TestAReleaseBeginsAnotherCycle(t *testing.T) {
	t.Parallel()
	w := measured(t)
	k := w.taken()
	w.passes(45)
	_, done, err := w.Release(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.True(t, done)
	k = w.tickets[k.ID]
	assert.Equal(t, 2, k.Cycle)
	assert.Equal(t, w.now, k.QueuedAt)
	assert.Equal(t, k.OpenedAt, k.BeganAt, "its owner has waited since then")
	assert.True(t, k.Late, "Anna had it for longer than it may take")
	w.passes(8)
	k, _, err = w.Take(t.Context(), k.ID, boris())
	require.NoError(t, err)
	assert.Less(t, k.ToTake, 10*time.Second, "since it was released")
}

func TestReopeningBeginsFromScratch(t *testing.T) {
	t.Parallel()
	w := measured(t)
	k, _ := w.done()
	k.Late = true
	w.tickets[k.ID] = k
	w.passes(1000)
	_, done, err := w.Reopen(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.True(t, done)
	k = w.tickets[k.ID]
	assert.Equal(t, 2, k.Cycle)
	assert.Equal(t, w.now, k.BeganAt)
	assert.Equal(t, w.now, k.QueuedAt)
	assert.False(t, k.Late)
	assert.Zero(t, k.ToDone)
}

func TestWithoutHoursNothingIsLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opened()
	w.passes(1e6)
	k, _, err := w.Take(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.False(t, k.Late)
	assert.Equal(t, 1000002*time.Second, k.ToTake, "but time passes")
}
