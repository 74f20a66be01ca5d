package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// TestTicketsThatAreInsertedTogetherAreNumberedOneByOne has updates share transactions,
// not all of which open a ticket: what numbers are left the next tickets get, of
// whomever, as long as a second has not passed.
func TestTicketsThatAreInsertedTogetherAreNumberedOneByOne(t *testing.T) {
	t.Parallel()
	f := openPostgres(t)
	seq := int64(0)
	unit := func(id int64, vins ...string) func() error {
		seq++
		at := seq
		_, err := f.Inbox(1).Append(t.Context(), raws(at))
		require.NoError(t, err)
		c := caller{id: id, name: "Owner", language: "ru", vins: vins}
		return func() error {
			return f.Inbox(1).Consume(t.Context(), at, id, func(ctx context.Context) error { return c.handled(ctx, f) })
		}
	}
	fails := func(id int64) func() error {
		seq++
		at := seq
		_, err := f.Inbox(1).Append(t.Context(), raws(at))
		require.NoError(t, err)
		return func() error {
			return f.Inbox(1).Consume(t.Context(), at, id, func(ctx context.Context) error {
				return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
					k := ticket.Ticket{VIN: vinB, Status: ticket.New, Priority: ticket.Normal, OwnerID: id}
					return errors.Join(tx.Insert(ctx, &k), errRefused)
				})
			})
		}
	}
	numbers := func() (all []int64) {
		open, err := f.OpenTickets(t.Context(), 0, 100)
		require.NoError(t, err)
		for _, k := range open {
			all = append(all, k.ID)
		}
		return all
	}

	assert.Equal(t, make([]error, 4), f.together(t, unit(1, vinA), unit(2), unit(3, vinA), unit(4)))
	assert.Equal(t, []int64{1, 2}, numbers())
	f.ticket(t, 5, vinA)
	assert.Equal(t, []int64{1, 2, 3}, numbers(), "of what was left")

	errs := f.together(t, unit(6, vinA), fails(7), unit(8, vinA, vinA, vinB))
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], errRefused)
	require.NoError(t, errs[2])
	assert.Equal(t, []int64{1, 2, 3, 4, 5, 6}, numbers(), "what was undone has used no number")

	assert.Equal(t, make([]error, 3), f.together(t, unit(9), unit(10), unit(11)))
	f.clock.Advance(time.Second + time.Microsecond)
	f.ticket(t, 12, vinA)
	all := numbers()
	assert.Greater(t, all[len(all)-1], int64(7), "those that are too old are used no more")
}
