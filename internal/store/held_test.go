package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func TestATicketThatIsHeldIsChangedByNobodyElse(t *testing.T) {
	t.Parallel()
	one, other := beside(t)
	k := one.ticket(t, 1, vinA)
	commit := begun(t, one, func(ctx context.Context, _ ticket.Tx) error { return one.Hold(ctx, k.ID) })
	taken := make(chan error)
	go func() {
		taken <- other.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			_, err := tx.Take(ctx, k, ticket.Actor{ID: 2})
			return err
		})
	}()
	waits(t, other)
	require.NoError(t, commit())
	require.NoError(t, <-taken)
	require.NoError(t, one.Hold(t.Context(), k.ID+1), "who looks for one that there is not is told there")
}

// Of two processes that count an owner's tickets, to see whether there may be one
// more, the second counts what the first opened: by the API, or from the chat.
func TestAnOwnerWhoIsHeldIsCountedByNobodyElse(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(ctx context.Context, f *fixture) error{
		"by the API": func(ctx context.Context, f *fixture) error { return f.HoldOwner(ctx, 1) },
		"from the chat": func(ctx context.Context, f *fixture) error {
			_, err := f.Accounts().Seen(ctx, account.User{ID: 1, Name: "Anna"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other := beside(t)
			_, err := one.Accounts().Seen(t.Context(), account.User{ID: 1, Name: "Anna"})
			require.NoError(t, err)
			commit := begun(t, one, func(ctx context.Context, tx ticket.Tx) error {
				if err := one.HoldOwner(ctx, 1); err != nil {
					return err
				}
				return tx.Insert(ctx, &ticket.Ticket{VIN: vinA, Status: ticket.New, Priority: ticket.Normal, OwnerID: 1})
			})
			counted := make(chan error)
			var demand ticket.Demand
			go func() {
				counted <- other.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
					if err := again(ctx, other); err != nil {
						return err
					}
					var err error
					demand, err = tx.Demand(ctx, 1, 1)
					return err
				})
			}()
			waits(t, other)
			require.NoError(t, commit())
			require.NoError(t, <-counted)
			assert.Equal(t, 1, demand.Open)
			assert.NoError(t, one.HoldOwner(t.Context(), 2), "nobody ever met them")
		})
	}
}

// A card that is noted while another process changes the ticket: either the one who
// notes it sees the change, or the other sees the card. Else it would stay stale.
func TestACardThatIsNotedIsSeenByWhoeverChangesTheTicketMeanwhile(t *testing.T) {
	t.Parallel()
	one, other := beside(t)
	k := one.ticket(t, 1, vinA)
	commit := begun(t, one, func(ctx context.Context, tx ticket.Tx) error {
		version, err := tx.PostCard(ctx, ticket.Card{TicketID: k.ID, Kind: ticket.CardMain, Rendered: 1, Place: ticket.Place{Chat: -100, Message: 5}})
		assert.Equal(t, k.Version, version)
		return err
	})
	taken := make(chan error)
	var cards []ticket.Card
	go func() {
		taken <- other.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			if _, err := tx.Take(ctx, k, ticket.Actor{ID: 2}); err != nil {
				return err
			}
			var err error
			cards, err = tx.Cards(ctx, k.ID)
			return err
		})
	}()
	waits(t, other)
	require.NoError(t, commit())
	require.NoError(t, <-taken)
	assert.Len(t, cards, 1)
}
