package manager

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// linked finds the ticket that the message replied to stands for: a card, a
// note about the ticket, or the message with one of its reports; 0 for none, and
// for a digest, which stands for several. A card's text is never read.
func (h *Handler) linked(ctx context.Context, tx ticket.Tx, m *models.Message) (int64, error) {
	at, replied, ok := h.repliedTo(m)
	if !ok {
		return 0, nil
	}
	card, err := tx.CardAt(ctx, at.Chat, at.Message)
	switch {
	case err == nil:
		return card.TicketID, nil
	case !ticket.IsNotFound(err):
		return 0, fmt.Errorf("look for the card: %w", err)
	case replied == nil:
		return 0, nil
	}
	return h.adopt(ctx, tx, replied, at)
}

// adopt recognises a card that was posted by a process that died before it
// stored the message's id: by the buttons, which nobody but the bot can have
// put there. From now on it is kept up to date like any other.
func (h *Handler) adopt(ctx context.Context, tx ticket.Tx, m *models.Message, at ticket.Place) (int64, error) {
	if m.From == nil || m.From.ID != h.BotID {
		return 0, nil
	}
	if ids := message.TicketsOf(m); ids != nil {
		return 0, adoptDigest(ctx, tx, ids, at)
	}
	id, as, ok := message.TicketOf(m)
	if !ok {
		return 0, nil
	}
	if _, err := tx.Ticket(ctx, id); ticket.IsNotFound(err) {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("look for the card's ticket: %w", err)
	}
	if err := tx.AddCard(ctx, ticket.Card{TicketID: id, Place: at, Kind: as, PostedAt: tx.Now()}); err != nil {
		return 0, fmt.Errorf("adopt a card: %w", err)
	}
	if as != ticket.CardMain {
		return id, nil
	}
	return id, enqueue(ctx, tx, ticket.CardEdit(id, at))
}

// adoptPressed does the same for a card whose button was pressed.
func (h *Handler) adoptPressed(ctx context.Context, tx ticket.Tx, q *models.CallbackQuery, at ticket.Place) error {
	m := q.Message.Message
	if m == nil {
		return nil
	}
	_, err := tx.CardAt(ctx, at.Chat, at.Message)
	if err == nil {
		return nil
	}
	if !ticket.IsNotFound(err) {
		return fmt.Errorf("look for the card: %w", err)
	}
	_, err = h.adopt(ctx, tx, m, at)
	return err
}

// remember keeps what a file replied to although nothing is done with it: a
// manager who may can then finish the ticket by /done in reply to the file,
// and Telegram shows only one step of a chain of replies.
func remember(ctx context.Context, tx ticket.Tx, e errand, id int64) error {
	if id == 0 || !e.own {
		return nil
	}
	note := ticket.Card{TicketID: id, Place: e.source, Kind: ticket.CardNote, PostedAt: tx.Now()}
	if err := tx.AddCard(ctx, note); err != nil {
		return fmt.Errorf("remember what a file replied to: %w", err)
	}
	return nil
}
