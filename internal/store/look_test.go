package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// deadline is a rule of when to look at a ticket: an hour after it was queued,
// or two after it was taken, and at half past where it is urgent.
func deadline(k ticket.Ticket, _ time.Time) time.Time {
	at := k.QueuedAt.Add(time.Hour)
	if k.Status == ticket.Taken {
		at = k.TakenAt.Add(2 * time.Hour)
	}
	if k.Priority == ticket.Urgent {
		at = at.Add(-30 * time.Minute)
	}
	return at
}

// lookAt gives when a ticket is to be looked at next; the zero time for never.
func (f *fixture) lookAt(t *testing.T, id int64) time.Time {
	t.Helper()
	var at sql.NullTime
	f.Query(t, fmt.Sprintf(`SELECT look_at FROM tickets WHERE id = %d`, id), &at)
	return at.Time.UTC()
}

// ripe lists what is to be looked at by a time, behind a place.
func (f *fixture) ripe(t *testing.T, by time.Time, after ticket.Watched, limit int) []ticket.Watched {
	t.Helper()
	read, err := f.SLA().Ripe(t.Context(), by, after, limit)
	require.NoError(t, err)
	return read
}

func idsOf(read []ticket.Watched) (ids []int64) {
	for _, w := range read {
		ids = append(ids, w.ID)
	}
	return ids
}

// testLook is about when the deadlines of tickets are looked at next.
func testLook(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("every change of a ticket says when to look at it next", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.SetLookAt(deadline)
		testLookFollows(t, f)
	})

	t.Run("a ticket that has changed since it was read is looked at at once when it is taken", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.SetLookAt(deadline)
		read := f.ticket(t, 1, vinA)
		changed := read
		changed.Priority = ticket.Urgent
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &changed) })
		f.clock.Advance(time.Minute)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			won, err := tx.Take(ctx, read, ticket.Actor{ID: 1})
			assert.True(t, won)
			return err
		})
		assert.Equal(t, []int64{read.ID}, idsOf(f.ripe(t, f.clock.Now(), ticket.Watched{}, 10)))
	})

	t.Run("without a rule it is at once", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		assert.Equal(t, stored(start()), f.lookAt(t, k.ID))
		k.Status, k.ClosedAt = ticket.Done, f.clock.Now()
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &k) })
		assert.Zero(t, f.lookAt(t, k.ID))
	})

	t.Run("what is to be looked at is listed by its time, behind what was listed", func(t *testing.T) {
		t.Parallel()
		testRipe(t, open(t))
	})

	t.Run("when to look again is noted, but where the ticket has changed", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.SetLookAt(deadline)
		a, b, c := f.ticket(t, 1, vinA), f.ticket(t, 2, vinA), f.ticket(t, 3, vinA)
		read := f.ripe(t, start().Add(time.Hour), ticket.Watched{}, 10)
		require.Equal(t, []int64{a.ID, b.ID, c.ID}, idsOf(read))
		b.Priority = ticket.Urgent
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &b) })
		later := stored(start().Add(5 * time.Hour))
		read[0].LookAt, read[1].LookAt, read[2].LookAt = later, later, time.Time{}
		require.NoError(t, f.SLA().Look(t.Context(), read))
		assert.Equal(t, later, f.lookAt(t, a.ID))
		assert.Equal(t, stored(start().Add(30*time.Minute)), f.lookAt(t, b.ID), "who changed it has said when")
		assert.Zero(t, f.lookAt(t, c.ID))
		got, err := f.Ticket(t.Context(), a.ID)
		require.NoError(t, err)
		assert.Equal(t, a.Version, got.Version, "nobody who works on it must begin anew")
	})
}

// testLookFollows lives a ticket's life.
func testLookFollows(t *testing.T, f *fixture) {
	t.Helper()
	k := f.ticket(t, 1, vinA)
	update := func(change func()) {
		change()
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &k) })
	}
	after := func(d time.Duration) time.Time { return stored(start().Add(d)) }
	assert.Equal(t, after(time.Hour), f.lookAt(t, k.ID), "opened")
	update(func() { k.Priority = ticket.Urgent })
	assert.Equal(t, after(30*time.Minute), f.lookAt(t, k.ID), "made urgent")
	f.clock.Advance(time.Minute)
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		won, err := tx.Take(ctx, k, ticket.Actor{ID: 1})
		assert.True(t, won)
		return err
	})
	assert.Equal(t, after(91*time.Minute), f.lookAt(t, k.ID), "taken")
	k, err := f.Ticket(t.Context(), k.ID)
	require.NoError(t, err)
	update(func() { k.Status, k.TakenAt, k.QueuedAt, k.Cycle = ticket.New, time.Time{}, f.clock.Now(), 2 })
	assert.Equal(t, after(31*time.Minute), f.lookAt(t, k.ID), "released")
	for _, s := range ticket.Statuses() {
		if s == ticket.New || s == ticket.Taken {
			continue
		}
		update(func() { k.Status = s })
		assert.Zero(t, f.lookAt(t, k.ID), s)
	}
	update(func() { k.Status = ticket.New })
	assert.Equal(t, after(31*time.Minute), f.lookAt(t, k.ID), "reopened")

	bin := func(change func(tx ticket.Tx) func(context.Context, int64) (bool, error)) {
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			did, err := change(tx)(ctx, k.ID)
			assert.True(t, did)
			return err
		})
	}
	far := start().Add(24 * time.Hour)
	bin(func(tx ticket.Tx) func(context.Context, int64) (bool, error) { return tx.Delete })
	assert.Empty(t, f.ripe(t, far, ticket.Watched{}, 10), "in the bin")
	bin(func(tx ticket.Tx) func(context.Context, int64) (bool, error) { return tx.Restore })
	assert.Equal(t, []int64{k.ID}, idsOf(f.ripe(t, f.clock.Now(), ticket.Watched{}, 10)), "out of it: at once")
	bin(func(tx ticket.Tx) func(context.Context, int64) (bool, error) { return tx.Delete })
	require.NoError(t, f.Erasures().CancelDeleted(t.Context(), k.ID))
	assert.Zero(t, f.lookAt(t, k.ID), "cancelled in the bin")
	bin(func(tx ticket.Tx) func(context.Context, int64) (bool, error) { return tx.Restore })
	assert.Zero(t, f.lookAt(t, k.ID), "and out of it again")
	assert.Empty(t, f.ripe(t, far, ticket.Watched{}, 10))
}

func testRipe(t *testing.T, f *fixture) {
	t.Helper()
	f.SetLookAt(deadline)
	var opened []ticket.Ticket
	for owner := range int64(5) {
		opened = append(opened, f.ticket(t, owner+1, vinA))
		if owner%2 == 1 { // so that pairs are to be looked at at once
			f.clock.Advance(time.Minute)
		}
	}
	opened[4].Priority = ticket.Urgent
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &opened[4]) })
	_, err := f.SLA().Mark(t.Context(), opened[1].ID, 1, ticket.StepTake)
	require.NoError(t, err)

	all := f.ripe(t, start().Add(2*time.Hour), ticket.Watched{}, 10)
	assert.Equal(t, []int64{5, 1, 2, 3, 4}, idsOf(all))
	assert.Equal(t, []ticket.Step{ticket.StepTake}, all[2].Steps)
	for _, w := range all {
		got, err := f.Ticket(t.Context(), w.ID)
		require.NoError(t, err)
		assert.Equal(t, got, w.Ticket)
		assert.Equal(t, f.lookAt(t, w.ID), w.LookAt)
	}
	assert.Equal(t, []int64{5}, idsOf(f.ripe(t, start().Add(59*time.Minute), ticket.Watched{}, 10)))
	assert.Equal(t, []int64{5, 1, 2}, idsOf(f.ripe(t, start().Add(time.Hour), ticket.Watched{}, 10)), "to the instant")
	assert.Empty(t, f.ripe(t, start(), ticket.Watched{}, 10))
	var paged []int64
	for last := (ticket.Watched{}); ; {
		page := f.ripe(t, start().Add(2*time.Hour), last, 2)
		paged = append(paged, idsOf(page)...)
		if len(page) < 2 {
			break
		}
		last = page[1]
	}
	assert.Equal(t, []int64{5, 1, 2, 3, 4}, paged, "each once")
}
