package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func testPrompts(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a prompt is found by its message until its ticket's are dropped", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		first, second := f.ticket(t, 1, vinA), f.ticket(t, 1, vinB)
		prompt := func(id int64, message int) ticket.Prompt {
			return ticket.Prompt{
				TicketID: id, Place: ticket.Place{Chat: -100, Message: message}, Kind: ticket.PromptReject, AskedAt: stored(start()),
			}
		}
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			for _, p := range []ticket.Prompt{prompt(first.ID, 7), prompt(first.ID, 8), prompt(second.ID, 9), prompt(second.ID, 9)} {
				if err := tx.AddPrompt(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		got, err := f.PromptAt(t.Context(), -100, 8)
		require.NoError(t, err)
		assert.Equal(t, prompt(first.ID, 8), got)
		_, err = f.PromptAt(t.Context(), -101, 8)
		assert.True(t, ticket.IsNotFound(err))

		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.DropPrompts(ctx, first.ID) })
		_, err = f.PromptAt(t.Context(), -100, 7)
		assert.True(t, ticket.IsNotFound(err))
		_, err = f.PromptAt(t.Context(), -100, 9)
		assert.NoError(t, err, "another ticket's")
	})

	t.Run("why a ticket was rejected is stored", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		k.Status, k.Rejection, k.RejectionText, k.RejectedBy = ticket.Rejected, ticket.RejectOther, "не наш профиль", "Анна"
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &k) })
		got, err := f.Ticket(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, k, got)
	})
}
