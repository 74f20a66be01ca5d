package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/stats"
	"vinbot/internal/ticket"
)

func testOwners(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("people are found by how their name or its last word begins", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx := t.Context()
		for id, name := range []string{1: "Пётр Петров", "Анна Петрова", "  анна  МАРИЯ Петренко", "Petra", "Z", "", "Ёлкина"} {
			if id > 0 {
				_, err := f.Accounts().Seen(ctx, account.User{ID: int64(id), Name: name})
				require.NoError(t, err)
			}
		}
		for beginning, want := range map[string][]int64{
			"петр": {1, 3, 2}, "ПЁТР П": {1}, "анна": {3, 2}, "мария": {}, "pet": {4}, "елк": {7}, "ёлкина": {7}, "%": {}, "петрова": {2}, "z": {5},
		} {
			assert.Equal(t, want, f.named(t, beginning, 10), beginning)
			assert.Equal(t, want, f.named(t, beginning, 1), "%s, one by one", beginning)
		}
		_, err := f.Accounts().Seen(ctx, account.User{ID: 5, Name: "Анна Зет"})
		require.NoError(t, err)
		assert.Empty(t, f.named(t, "z", 10), "of an old name nothing is left")
		assert.Equal(t, []int64{5}, f.named(t, "зет", 10))
		require.NoError(t, f.Erasures().ErasePerson(ctx, ticket.Erasure{Owner: 5}, nil))
		assert.Empty(t, f.named(t, "зет", 10))
		users, err := f.Owners().Users(ctx, []int64{1, 5, 4})
		require.NoError(t, err)
		assert.Len(t, users, 2)
		assert.Equal(t, "Petra", users[4].Name)
	})

	t.Run("who asked last, each once", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		var ids []int64
		for _, owner := range []int64{7, 8, 7, 0, 9, 8} {
			k := ticket.Ticket{VIN: vinA, Status: ticket.Done, Priority: ticket.Normal, OwnerID: owner}
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Insert(ctx, &k) })
			ids = append(ids, k.ID)
		}
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, ids[5]); return err })
		asked := func(before int64, limit int) (owners []int64) {
			found, err := f.Owners().Askers(t.Context(), before, limit)
			require.NoError(t, err)
			for _, a := range found {
				owners = append(owners, a.Owner)
			}
			return owners
		}
		assert.Equal(t, []int64{9, 7, 8}, asked(0, 10), "what is in the bin does not count")
		assert.Equal(t, []int64{9}, asked(0, 1))
		assert.Equal(t, []int64{7, 8}, asked(ids[4], 10))
	})

	t.Run("what an owner asked for and thought of it", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ids := map[ticket.Status]int64{}
		for _, status := range ticket.Statuses() {
			k := ticket.Ticket{VIN: vinA[:16] + string(rune('1'+len(ids))), Status: status, Priority: ticket.Normal, OwnerID: 7}
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
				require.NoError(t, tx.Insert(ctx, &k))
				return tx.SetRating(ctx, ticket.Rating{Ticket: k.ID, Stars: 1 + len(ids)%5, RatedAt: start(), ChangedAt: start()})
			})
			ids[status] = k.ID
		}
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			_, err := tx.Delete(ctx, ids[ticket.Rejected])
			return err
		})
		served, err := f.Owners().Served(t.Context(), 7)
		require.NoError(t, err)
		assert.Equal(t, account.Served{Tickets: 6, Open: 4, Done: 1, Ratings: 6, Stars: 1 + 2 + 3 + 4 + 5 + 2}, served)
		served, err = f.Owners().Served(t.Context(), 0)
		require.NoError(t, err)
		assert.Zero(t, served, "nobody is no owner")
		stars, err := f.Owners().Stars(t.Context(), []int64{ids[ticket.New], ids[ticket.Rejected], 99})
		require.NoError(t, err)
		assert.Equal(t, map[int64]int{ids[ticket.New]: 1}, stars)
	})

	t.Run("an export lists each ticket of its period once", func(t *testing.T) {
		t.Parallel()
		testExport(t, open(t))
	})
}

// named gives who has a name that begins so, in pages of a size.
func (f *fixture) named(t *testing.T, beginning string, size int) []int64 {
	t.Helper()
	found := []int64{}
	for after := (account.NamePlace{}); ; {
		page, err := f.Owners().Named(t.Context(), beginning, after, size)
		require.NoError(t, err)
		for _, n := range page {
			found, after = append(found, n.ID), n.Place
		}
		if len(page) < size {
			return found
		}
	}
}

func testExport(t *testing.T, f *fixture) {
	t.Helper()
	const owners = 1203 // more than two pages, all opened at four moments
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		for i := range owners {
			k := ticket.Ticket{
				VIN: vinA, Status: ticket.New, Priority: ticket.Normal, OwnerID: int64(i + 1),
				OpenedAt: start().Add(time.Duration(i%4) * time.Hour),
			}
			require.NoError(t, tx.Insert(ctx, &k))
			if i == 9 {
				require.NoError(t, tx.SetRating(ctx, ticket.Rating{Ticket: k.ID, Stars: 4, RatedAt: start(), ChangedAt: start()}))
			}
		}
		_, err := tx.Delete(ctx, 5)
		return err
	})
	layer := stats.New(f.Stats(), time.UTC, f.clock.Now)
	seen, last := map[int64]int{}, time.Time{}
	err := layer.Export(t.Context(), stats.Question{From: stored(start()), To: stored(start().Add(3 * time.Hour))}, func(page []stats.Line) error {
		for _, l := range page {
			assert.False(t, l.Ticket.OpenedAt.Before(last), "in order")
			last = l.Ticket.OpenedAt
			assert.NotContains(t, seen, l.Ticket.ID)
			seen[l.Ticket.ID] = l.Stars
		}
		return nil
	})
	require.NoError(t, err)
	assert.Len(t, seen, owners-owners/4-1, "neither the last hour's nor the one in the bin")
	assert.Equal(t, 4, seen[10])
	assert.ErrorIs(t, layer.Export(t.Context(), stats.Question{To: start().Add(time.Hour)}, func([]stats.Line) error { return assert.AnError }), assert.AnError)
}

// askOwners asks all that the pages of owners ask.
func askOwners(t *testing.T, f *fixture) {
	t.Helper()
	ctx, o := t.Context(), f.Owners()
	_, err := o.Askers(ctx, 0, 50)
	require.NoError(t, err)
	_, err = o.Named(ctx, "анна", account.NamePlace{}, 50)
	require.NoError(t, err)
	_, err = o.Users(ctx, []int64{1, 2, 3})
	require.NoError(t, err)
	_, err = o.Served(ctx, 1001)
	require.NoError(t, err)
	_, err = o.Stars(ctx, []int64{1, 2, 3})
	require.NoError(t, err)
	_, err = f.Stats().Lines(ctx, stats.Place{OpenedAt: start().Add(-time.Hour)}, start(), 500)
	require.NoError(t, err)
	for _, by := range []account.DeedFilter{
		{},
		{From: start(), To: start()},
		{Before: 1},
		{User: 7, Before: 1},
		{Person: 7, To: start()},
		{Action: "ticket.take", From: start()},
		{Ticket: 3, Before: 1},
		{User: 7, Person: 8, Ticket: 3, Action: "ticket.take", From: start(), To: start(), Before: 1},
	} {
		by.Limit = 50
		_, err = f.Audit().Deeds(ctx, by)
		require.NoError(t, err)
	}
}
