package manager

import (
	"context"
	"fmt"
	"slices"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// adoptDigest recognises a digest of a process that died, as adopt does a card:
// from now on it is kept up to date.
func adoptDigest(ctx context.Context, tx ticket.Tx, ids []int64, at ticket.Place) error {
	known := 0
	for _, id := range ids {
		t, err := tx.Ticket(ctx, id)
		if ticket.IsNotFound(err) {
			continue
		}
		if err == nil {
			err = tx.AddCard(ctx, ticket.Card{TicketID: t.ID, Place: at, Kind: ticket.CardDigest, PostedAt: tx.Now()})
		}
		if err != nil {
			return fmt.Errorf("adopt a digest: %w", err)
		}
		known++
	}
	if known == 0 {
		return nil
	}
	return enqueue(ctx, tx, ticket.DigestEdit(at))
}

// objectionToDigest says what is wrong with a file in reply to a digest, which
// stands for no one ticket: that it has no number, or that of a ticket which the
// digest does not show; nothing where it replies to no digest.
func (h *Handler) objectionToDigest(ctx context.Context, tx ticket.Tx, e errand) (*ticket.Say, error) {
	at, _, ok := h.repliedTo(e.m)
	if !ok || !e.own {
		return nil, nil //nolint:nilnil // no objection
	}
	lines, err := tx.Digest(ctx, at.Chat, at.Message)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for a digest: %w", err)
	case len(lines) == 0:
		return nil, nil //nolint:nilnil // no objection
	case !e.done.HasID:
		return &ticket.Say{Text: message.TextWhichOfSeveral}, nil
	case !slices.ContainsFunc(lines, func(line ticket.Card) bool { return line.TicketID == e.done.ID }):
		return &ticket.Say{Text: message.TextNotInDigest, Count: int(e.done.ID)}, nil
	}
	return nil, nil //nolint:nilnil // no objection
}
