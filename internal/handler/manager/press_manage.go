package manager

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// release puts the ticket back into the queue.
func (h *Handler) release(ctx context.Context, b button) (ticket.PressAnswer, error) {
	t, done, err := h.Tickets.Release(ctx, b.press.ID, b.by)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("release a ticket: %w", err)
	}
	logPress(ctx, b, done)
	if done {
		return b.answer(message.PressReleased, t), nil
	}
	return b.standing(t), nil
}

// prioritize gives the ticket the button's priority.
func (h *Handler) prioritize(ctx context.Context, b button) (ticket.PressAnswer, error) {
	t, done, err := h.Tickets.Prioritize(ctx, b.press.ID, ticket.Priority(b.press.Word), b.by)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("set a ticket's priority: %w", err)
	}
	logPress(ctx, b, done)
	switch {
	case done:
		return b.answer(message.PressPriority, t), nil
	case t.Status.Open():
		return b.answer(message.PressPriorityWas, t), nil
	default:
		return b.standing(t), nil
	}
}

// reuse sends the report that the card offers. A second press, and one on the
// card in another group, find it on its way.
func (h *Handler) reuse(ctx context.Context, tx ticket.Tx, b button) (ticket.PressAnswer, error) {
	t, err := tx.Ticket(ctx, b.press.ID)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("look for the ticket: %w", err)
	}
	if stands(t) != "" {
		return b.standing(t), nil
	}
	_, err = tx.LiveReport(ctx, t.ID)
	if err == nil {
		return b.answer(message.PressReusedWas, t), nil
	}
	if !ticket.IsNotFound(err) {
		return ticket.PressAnswer{}, fmt.Errorf("look for the report on its way: %w", err)
	}
	_, err = h.Tickets.ReuseReport(ctx, t.ID, b.by, b.at)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressReuseGone, t), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("reuse a report: %w", err)
	}
	logPress(ctx, b, true)
	return b.answer(message.PressReused, t), nil
}

// askWhyRejected asks for the reason, in reply to the card: by buttons with the
// usual ones, or in the manager's own words in reply.
func (h *Handler) askWhyRejected(ctx context.Context, tx ticket.Tx, b button) (ticket.PressAnswer, error) {
	t, err := tx.Ticket(ctx, b.press.ID)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("look for the ticket: %w", err)
	}
	if !t.Status.May(ticket.Rejected) {
		return b.standing(t), nil
	}
	return b.answer(message.PressRejectAsk, t), askWhy(ctx, tx, b.at, t.ID)
}

// askWhy asks in reply to a message why a ticket is to be rejected. Of several
// that ask at once for the same, one question goes out.
func askWhy(ctx context.Context, tx ticket.Tx, at ticket.Place, id int64) error {
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectSay, Lane: ticket.Lane(id), Chat: at.Chat, Urgency: ticket.ForGroup, TicketID: id,
		Merge:   fmt.Sprintf("reject:%d:%d", id, at.Chat),
		Payload: ticket.Say{Text: message.TextRejectAsk, To: at, Ticket: id, Prompt: ticket.PromptReject},
	})
}

// reject closes the ticket for the button's reason.
func (h *Handler) reject(ctx context.Context, tx ticket.Tx, b button) (ticket.PressAnswer, error) {
	t, done, err := h.Tickets.Reject(ctx, b.press.ID, ticket.Rejection{Reason: b.press.Word}, b.by)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("reject a ticket: %w", err)
	}
	logPress(ctx, b, done)
	a := b.standing(t)
	if done {
		a.Text = message.PressRejectedNow
	}
	return a, h.retractPrompt(ctx, tx, b, t.ID)
}

// keep leaves a ticket open that somebody thought of rejecting.
func (h *Handler) keep(ctx context.Context, tx ticket.Tx, b button) (ticket.PressAnswer, error) {
	t, err := tx.Ticket(ctx, b.press.ID)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("look for the ticket: %w", err)
	}
	a := b.answer(message.PressRejectNot, t)
	if !t.Status.Open() {
		a = b.standing(t)
	}
	if err := tx.DropPrompts(ctx, t.ID); err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("forget the question: %w", err)
	}
	return a, h.retractPrompt(ctx, tx, b, t.ID)
}

// retractPrompt takes the buttons of a question away, and no others: whoever
// forges a press may do so on the card.
func (h *Handler) retractPrompt(ctx context.Context, tx ticket.Tx, b button, id int64) error {
	if m := b.query.Message.Message; m == nil || !message.AsksWhyRejected(m) {
		return nil
	}
	return retract(ctx, tx, b.at, id)
}

// standing says how the ticket stands, where a button can do nothing about it.
func (b button) standing(t ticket.Ticket) ticket.PressAnswer {
	a := b.answer(stands(t), t)
	switch t.Status {
	case ticket.New:
		a.Text = message.PressNew
	case ticket.Taken:
		a.Text, a.Name = message.PressInWork, t.AssigneeName
	default:
	}
	return a
}

func logPress(ctx context.Context, b button, done bool) {
	zerolog.Ctx(ctx).Debug().Int64("ticket", b.press.ID).Int64("user", b.by.ID).Str("button", string(b.press.Kind)).
		Str("word", b.press.Word).Bool("done", done).Msg("a card's button was pressed")
}
