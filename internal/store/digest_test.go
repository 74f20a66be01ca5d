package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

func testDigest(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	at := ticket.Place{Chat: -100, Topic: 4, Message: 60}
	first, second := f.ticket(t, 1, vinA), f.ticket(t, 2, vinA)
	line := func(k ticket.Ticket) ticket.Card {
		return ticket.Card{
			TicketID: k.ID, Kind: ticket.CardDigest, Place: at, Rendered: k.Version, PostedAt: stored(start()),
		}
	}
	add := func(cards ...ticket.Card) {
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			for _, c := range cards {
				if err := tx.AddCard(ctx, c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	add(line(second), line(first))
	card := ticket.Card{TicketID: first.ID, Kind: ticket.CardMain, Place: ticket.Place{Chat: -100, Topic: 4, Message: 61}}
	f.clock.Advance(time.Hour)
	add(card)

	lines, err := f.Digest(ctx, at.Chat, at.Message)
	require.NoError(t, err)
	assert.Equal(t, []ticket.Card{line(first), line(second)}, lines, "by ticket")
	got, err := f.CardAt(ctx, at.Chat, at.Message)
	require.NoError(t, err)
	assert.Equal(t, ticket.Card{Kind: ticket.CardDigest, Place: at, PostedAt: stored(start())}, got, "which of them?")
	lines, err = f.Digest(ctx, at.Chat, card.Place.Message)
	require.NoError(t, err)
	assert.Empty(t, lines, "a card is none")
	cards, err := f.Cards(ctx, first.ID)
	require.NoError(t, err)
	require.Len(t, cards, 2, "the line, then the card of its own")
	assert.Equal(t, line(first), cards[0])

	again := line(second)
	again.Rendered = 7
	add(again)
	lines, err = f.Digest(ctx, at.Chat, at.Message)
	require.NoError(t, err)
	assert.Equal(t, []ticket.Card{line(first), again}, lines)

	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.DropCard(ctx, at.Chat, at.Message) })
	cards, err = f.Cards(ctx, second.ID)
	require.NoError(t, err)
	assert.Empty(t, cards, "all of it goes with its message")
	cards, err = f.Cards(ctx, first.ID)
	require.NoError(t, err)
	assert.Len(t, cards, 1)
}

// Jobs that were carried out as one end in one transaction; one that another
// has by now is left to it.
func testFinishAll(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	heads := f.enqueue(t, say("a"), say("b"), say("c"))
	var jobs []outbox.Job
	for _, h := range heads {
		jobs = append(jobs, f.claim(t, h.ID))
	}
	jobs[1].Attempt++ // its lease was another's
	done := func() (n int) {
		f.Query(t, `SELECT count(*) FROM outbox WHERE state = 'done'`, &n)
		return n
	}
	require.ErrorIs(t, f.Outbox().FinishAll(ctx, jobs, func(context.Context) error { return errRefused }), errRefused)
	assert.Zero(t, done(), "all or nothing")

	recorded := 0
	jobs[0].RequestID = "r8"
	require.NoError(t, f.Outbox().FinishAll(ctx, jobs, func(ctx context.Context) error {
		recorded++
		assert.Equal(t, "r8", ticket.RequestID(ctx))
		return nil
	}))
	assert.Equal(t, 2, done())
	assert.Equal(t, 1, recorded)
	require.ErrorIs(t, f.Outbox().FinishAll(ctx, jobs, func(context.Context) error { recorded++; return nil }), outbox.ErrLost)
	assert.Equal(t, 1, recorded, "nothing is recorded of what is done already")
}
