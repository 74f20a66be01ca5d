package manager

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// button is a button that somebody pressed in a group.
type button struct {
	press message.Press
	query *models.CallbackQuery
	at    ticket.Place
	by    ticket.Actor
}

func (b button) answer(text string, t ticket.Ticket) ticket.PressAnswer {
	return ticket.PressAnswer{Press: b.query.ID, Text: text, Ticket: t.ID}
}

// press answers a press. Every press gets an answer, whoever pressed and
// whatever the button carries.
func (h *Handler) press(ctx context.Context, tx ticket.Tx, q *models.CallbackQuery) error {
	at, known := message.PressedAt(q)
	if at.Chat > 0 {
		return nil // a private chat's
	}
	refuse := func(text string) error {
		return answerPress(ctx, tx, q.From.ID, ticket.PressAnswer{Press: q.ID, Text: text})
	}
	if !known {
		return refuse(message.PressUnknown)
	}
	if !h.Groups.Allowed(at.Chat) {
		if err := refuse(message.PressForeign); err != nil {
			return err
		}
		return leave(ctx, tx, at.Chat)
	}
	if !h.Roles.MayAct(q.From.ID) {
		return refuse(message.PressStranger)
	}
	p, err := message.ParsePress(q.Data)
	if err != nil {
		return refuse(message.PressUnknown)
	}
	if err := h.meet(ctx, q.From); err != nil {
		return err
	}
	if err := h.adoptPressed(ctx, tx, q, at); err != nil {
		return err
	}
	a, err := h.pressed(ctx, tx, button{press: p, query: q, at: at, by: h.presser(at.Chat, q.From)})
	if err != nil {
		return err
	}
	return answerPress(ctx, tx, q.From.ID, a)
}

// presser is who pressed, by the name that the group may see. A press names the
// real person even where that person is an anonymous admin.
func (h *Handler) presser(chat int64, u models.User) ticket.Actor {
	if h.Roster.Hides(chat, u.ID) {
		return ticket.Actor{ID: u.ID}
	}
	return ticket.Actor{ID: u.ID, Name: message.FullName(u)}
}

func (h *Handler) pressed(ctx context.Context, tx ticket.Tx, b button) (ticket.PressAnswer, error) {
	switch b.press.Kind {
	case message.PressKindTake:
		return h.take(ctx, b)
	case message.PressKindDoneHint:
		return hint(ctx, tx, b)
	case message.PressKindReportSend, message.PressKindReportDrop:
		return h.confirm(ctx, tx, b)
	case message.PressKindRelease:
		return h.release(ctx, b)
	case message.PressKindPriority:
		return h.prioritize(ctx, b)
	case message.PressKindReuse:
		return h.reuse(ctx, tx, b)
	case message.PressKindReject:
		return h.askWhyRejected(ctx, tx, b)
	case message.PressKindRejectFor:
		return h.reject(ctx, tx, b)
	case message.PressKindRejectNot:
		return h.keep(ctx, tx, b)
	case message.PressKindAsk, message.PressKindNoAsk:
		return h.offered(ctx, tx, b)
	case message.PressKindSaid:
		return b.answer(message.PressSaid, ticket.Ticket{ID: b.press.ID}), nil
	default: // an owner's button
		return b.answer(message.PressUnknown, ticket.Ticket{}), nil
	}
}

// take gives the ticket to the presser, or says who has it.
func (h *Handler) take(ctx context.Context, b button) (ticket.PressAnswer, error) {
	t, outcome, err := h.Tickets.Take(ctx, b.press.ID, b.by)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("take a ticket: %w", err)
	}
	zerolog.Ctx(ctx).Debug().Int64("ticket", t.ID).Int64("user", b.by.ID).Bool("taken", outcome == ticket.TakenNow).Msg("Take was pressed")
	a := b.answer(stands(t), t)
	switch outcome {
	case ticket.TakenNow:
		a.Text = message.PressTaken
		if m := b.query.Message.Message; m != nil && message.TicketsOf(m) != nil { // its card is yet to come
			a.Text = message.PressTakenInDigest
		}
	case ticket.TakenBefore:
		a.Text = message.PressTakenBefore
	case ticket.TakenByOther:
		a.Text, a.Name = message.PressTakenBy, t.AssigneeName
	case ticket.NotTakeable:
	}
	return a, nil
}

// stands names the answer about a ticket that nobody has to work on; nothing
// for one that somebody has.
func stands(t ticket.Ticket) string {
	switch t.Status {
	case ticket.Delivering:
		return message.PressDelivering
	case ticket.Undelivered:
		return message.PressUndelivered
	case ticket.Done:
		return message.PressDone
	case ticket.Rejected:
		return message.PressRejected
	case ticket.Cancelled:
		return message.PressCancelled
	case ticket.New, ticket.Taken:
	}
	return ""
}

// hint says how the ticket is finished, or that it is. The alert holds too
// little for all of it: it names the link to the long form, which stands on the
// card, too, where it can be followed. Telegram shows either an alert or opens
// a link, so the answer carries no link of its own.
func hint(ctx context.Context, tx ticket.Tx, b button) (ticket.PressAnswer, error) {
	t, err := tx.Ticket(ctx, b.press.ID)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("look for the ticket: %w", err)
	}
	if text := stands(t); text != "" {
		return b.answer(text, t), nil
	}
	a := b.answer(message.PressDoneHint, t)
	a.Alert = true
	return a, nil
}

// confirm takes the answer to whether a report is to be sent all the same, from
// the group that was asked only.
func (h *Handler) confirm(ctx context.Context, tx ticket.Tx, b button) (ticket.PressAnswer, error) {
	r, err := tx.Report(ctx, b.press.ID)
	if ticket.IsNotFound(err) || err == nil && h.Groups.Now(r.Source.Chat) != h.Groups.Now(b.at.Chat) {
		return b.answer(message.PressUnknown, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("look for the report: %w", err)
	}
	a := b.answer(message.PressSettled, ticket.Ticket{ID: r.TicketID})
	if r.Status == ticket.ReportNeedsConfirmation {
		send := b.press.Kind == message.PressKindReportSend
		if _, err := h.Tickets.ConfirmReport(ctx, r.ID, b.by, send); err != nil {
			return ticket.PressAnswer{}, fmt.Errorf("confirm a report: %w", err)
		}
		zerolog.Ctx(ctx).Debug().Int64("ticket", r.TicketID).Int64("report", r.ID).Int64("user", b.by.ID).Bool("send", send).
			Msg("a question about a report was answered")
		a.Text = message.PressDropped
		if send {
			a.Text = message.PressSending
		}
	}
	return a, retract(ctx, tx, b.at, r.TicketID)
}

// retract has the buttons of a message taken away: what they asked is settled.
func retract(ctx context.Context, tx ticket.Tx, at ticket.Place, id int64) error {
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectRetract, Lane: ticket.MessageLane(at), Chat: at.Chat, Urgency: ticket.ForEdit, TicketID: id,
		Payload: ticket.Retract{At: at},
	})
}
