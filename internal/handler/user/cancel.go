package user

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// maxOffered is how many tickets are offered to be cancelled at a time.
const maxOffered = 20

// cancel answers /cancel: it asks about the one ticket that can be cancelled,
// or which of several is meant. A number behind the command names one.
func (h *Handler) cancel(ctx context.Context, tx ticket.Tx, m *models.Message, c message.Command) error {
	s := ticket.Say{Text: message.TextCancelNone, To: message.PlaceOf(m), User: sender(m).ID, Year: tx.Now().UTC().Year()}
	s.To.Message = 0
	open, err := tx.TicketsOf(ctx, s.User, ticket.New, ticket.Taken, ticket.Delivering, ticket.Undelivered)
	if err != nil {
		return fmt.Errorf("list an owner's open tickets: %w", err)
	}
	if named := c.Done(); named.ID != 0 {
		s.Ticket = named.ID
		open = slices.DeleteFunc(open, func(t ticket.Ticket) bool { return t.ID != named.ID })
	}
	var can []ticket.Number
	for _, t := range open {
		if t.Status.May(ticket.Cancelled) && len(can) < maxOffered {
			can = append(can, ticket.Number{Ticket: t.ID, VIN: t.VIN})
		}
	}
	switch {
	case len(can) > 1:
		s.Text, s.Numbers = message.TextCancelWhich, can
	case len(can) == 1:
		s.Text, s.Ticket, s.VIN = message.TextCancelAsk, can[0].Ticket, can[0].VIN
	case len(open) > 0:
		s.Text, s.Ticket = message.TextCancelLate, open[0].ID
	}
	return say(ctx, tx, s)
}

// cancels cancels the ticket that a button names.
func (h *Handler) cancels(ctx context.Context, tx ticket.Tx, b button) error {
	t, outcome, err := h.Tickets.Cancel(ctx, b.press.ID, b.query.From.ID)
	a := b.answer(message.PressCancelledNow)
	a.Ticket = b.press.ID
	switch {
	case ticket.IsNotFound(err):
		a.Text = message.PressGone
	case err != nil:
		return fmt.Errorf("cancel a ticket: %w", err)
	case outcome == ticket.CancelTooLate:
		a.Text, a.Alert = message.PressTooLate, true
	}
	if err := answerPress(ctx, tx, a); err != nil {
		return err
	}
	if err == nil && outcome == ticket.CancelledNow {
		zerolog.Ctx(ctx).Debug().Int64("user", t.OwnerID).Int64("ticket", t.ID).Msg("an owner cancelled a ticket")
		s := ticket.Say{Text: message.TextCancelled, To: b.chat(), User: t.OwnerID, Ticket: t.ID, VIN: t.VIN}
		if err := say(ctx, tx, s); err != nil {
			return err
		}
	}
	return b.settle(ctx, tx)
}

// keeps leaves everything as it is.
func (h *Handler) keeps(ctx context.Context, tx ticket.Tx, b button) error {
	if err := answerPress(ctx, tx, b.answer(message.PressKept)); err != nil {
		return err
	}
	return b.settle(ctx, tx)
}
