package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func testShowing(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a ticket is shown with its owner, its cards, and that its car was served before", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx := t.Context()
		shows := func(id int64) account.Showing {
			t.Helper()
			shown, err := f.Showing(ctx, id)
			require.NoError(t, err)
			k, err := f.Ticket(ctx, id)
			require.NoError(t, err)
			require.Equal(t, k, shown.Ticket)
			addressed, err := f.Addressed(ctx, id)
			require.NoError(t, err)
			require.Equal(t, account.Showing{Ticket: k, Owner: shown.Owner}, addressed)
			return shown
		}
		_, err := f.Showing(ctx, 1)
		require.True(t, ticket.IsNotFound(err))

		k := f.ticket(t, 100, vinA)
		assert.Equal(t, account.Showing{Ticket: shows(k.ID).Ticket, Owner: account.User{ID: 100}, NoBans: true}, shows(k.ID), "nothing is known yet")
		_, err = f.Accounts().Seen(ctx, account.User{ID: 100, Name: "Anna", Username: "anna", Language: "en"})
		require.NoError(t, err)
		assert.Equal(t, account.User{ID: 100, Name: "Anna", Username: "anna", Language: "en"}, shows(k.ID).Owner)

		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			version, err := tx.PostCard(ctx, ticket.Card{TicketID: k.ID, Kind: ticket.CardMain, Rendered: 1, Place: ticket.Place{Chat: -100, Message: 5}})
			assert.Equal(t, int64(1), version)
			return err
		})
		assert.True(t, shows(k.ID).Posted)
		assert.False(t, shows(k.ID).Served)

		another := f.ticket(t, 0, vinA)
		f.report(t, another.ID, ticket.ReportDelivered)
		assert.False(t, shows(k.ID).Served, "it is not done")
		another.Status = ticket.Done
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &another) })
		assert.True(t, shows(k.ID).Served)
		assert.Equal(t, account.User{}, shows(another.ID).Owner, "it came another way than by Telegram")
		assert.False(t, shows(another.ID).Posted)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, another.ID); return err })
		assert.False(t, shows(k.ID).Served, "what is in the bin is not to be seen")
		_, err = f.Showing(ctx, another.ID)
		assert.True(t, ticket.IsNotFound(err))
		_, err = f.Addressed(ctx, another.ID)
		assert.True(t, ticket.IsNotFound(err))
	})

	t.Run("a posted card tells that its ticket has moved on, and is kept for one in the bin", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 100, vinA)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, k.ID); return err })
		card := ticket.Card{TicketID: k.ID, Kind: ticket.CardMain, Rendered: 1, Place: ticket.Place{Chat: -100, Topic: 2, Message: 5}}
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			version, err := tx.PostCard(ctx, card)
			assert.Equal(t, int64(2), version)
			return err
		})
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Restore(ctx, k.ID); return err })
		cards, err := f.Cards(t.Context(), k.ID)
		require.NoError(t, err)
		card.PostedAt = stored(start())
		assert.Equal(t, []ticket.Card{card}, cards)
		err = f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			card.TicketID = 77
			_, err := tx.PostCard(ctx, card)
			return err
		})
		assert.True(t, ticket.IsNotFound(err), "of no ticket there are no cards")
	})
}
