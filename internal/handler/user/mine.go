package user

import (
	"context"
	"fmt"
	"strconv"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// mine answers /my. What it shows is read when it is sent; while one answer
// waits, another would say the same.
func (h *Handler) mine(ctx context.Context, tx ticket.Tx, m *models.Message) error {
	at := message.PlaceOf(m)
	at.Message = 0
	return enqueue(ctx, tx, mineEffect(ticket.MineRef{User: sender(m).ID, Page: 1, To: at}))
}

func mineEffect(m ticket.MineRef) ticket.Effect {
	return ticket.Effect{
		Kind: ticket.EffectMine, Lane: ticket.ChatLane(m.To.Chat), Chat: m.To.Chat, Urgency: ticket.ForOwner,
		Merge: strconv.FormatInt(m.To.Chat, 10) + ":" + strconv.Itoa(m.To.Message) + ":" + strconv.Itoa(m.Page), Payload: m,
	}
}

// turns shows a page of the owner's tickets, as they are now, in the message
// whose button was pressed.
func (h *Handler) turns(ctx context.Context, tx ticket.Tx, b button) error {
	if err := answerPress(ctx, tx, b.answer(message.PressRefreshed)); err != nil {
		return err
	}
	const most = 1 << 20 // pages: whoever forges a number gets the last one
	return enqueue(ctx, tx, mineEffect(ticket.MineRef{User: b.query.From.ID, Page: int(min(b.press.ID, most)), To: b.at}))
}

// again has a past report sent once more.
func (h *Handler) again(ctx context.Context, tx ticket.Tx, b button) error {
	err := h.Tickets.SendAgain(ctx, b.press.ID, b.query.From.ID)
	a := b.answer(message.PressSentAgain)
	a.Ticket = b.press.ID
	switch {
	case ticket.IsNotFound(err):
		a.Text = message.PressGone
	case err != nil:
		return fmt.Errorf("send a report again: %w", err)
	}
	return answerPress(ctx, tx, a)
}

// rates notes what the owner thinks of a ticket.
func (h *Handler) rates(ctx context.Context, tx ticket.Tx, b button) error {
	stars, err := strconv.Atoi(b.press.Word)
	if err != nil {
		return fmt.Errorf("read the stars of a button: %w", err)
	}
	outcome, err := h.Tickets.Rate(ctx, b.press.ID, b.query.From.ID, stars)
	if err != nil {
		return fmt.Errorf("rate a ticket: %w", err)
	}
	a := b.answer(message.PressRated)
	a.Ticket, a.Count = b.press.ID, stars
	switch outcome {
	case ticket.RatedBefore:
		a.Text = message.PressRatedBefore
	case ticket.RatedTooLate:
		a.Text = message.PressRatedLate
	case ticket.NotRated:
		a.Text = message.PressNotRated
	case ticket.RatedNow:
	}
	if err := answerPress(ctx, tx, a); err != nil || outcome != ticket.RatedNow || b.at.Message == 0 {
		return err
	}
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectStars, Lane: ticket.ChatLane(b.at.Chat), Chat: b.at.Chat, Urgency: ticket.ForEdit,
		TicketID: b.press.ID, Merge: strconv.FormatInt(b.at.Chat, 10) + ":" + strconv.Itoa(b.at.Message),
		Payload: ticket.StarsRef{Ticket: b.press.ID, At: b.at},
	})
}
