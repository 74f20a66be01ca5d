package user

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// press answers a press of a button in a private chat. The data is checked
// like any text: whoever presses can send what he likes.
func (h *Handler) press(ctx context.Context, tx ticket.Tx, q *models.CallbackQuery) error {
	at, known := message.PressedAt(q)
	if known && at.Chat <= 0 {
		return nil // a group's
	}
	if barred, err := h.barredPress(ctx, tx, q); barred || err != nil {
		return err
	}
	if over, err := h.tooFastPress(ctx, tx, q); over || err != nil {
		return err
	}
	if err := h.meet(ctx, q.From); err != nil {
		return err
	}
	p, err := message.ParsePress(q.Data)
	if err != nil {
		p = message.Press{} // of no kind that there is
	}
	if !known {
		at = ticket.Place{Chat: q.From.ID}
	}
	b := button{press: p, query: q, at: at}
	switch p.Kind {
	case message.PressKindVINOK:
		return h.confirmed(ctx, tx, b)
	case message.PressKindVINRepair:
		return h.chosen(ctx, tx, b)
	case message.PressKindVINFix:
		return h.corrects(ctx, tx, b)
	case message.PressKindReply:
		return h.meant(ctx, tx, b)
	case message.PressKindCancel:
		return h.cancels(ctx, tx, b)
	case message.PressKindKeep:
		return h.keeps(ctx, tx, b)
	case message.PressKindRate:
		return h.rates(ctx, tx, b)
	case message.PressKindAgain:
		return h.again(ctx, tx, b)
	case message.PressKindMine:
		return h.turns(ctx, tx, b)
	case message.PressKindLanguage:
		return h.speaks(ctx, tx, b)
	case message.PressKindForget, message.PressKindForgetNot:
		return h.forget(ctx, tx, b)
	default:
		return answerPress(ctx, tx, b.answer(message.PressUnknown))
	}
}

// button is a button that an owner pressed.
type button struct {
	press message.Press
	query *models.CallbackQuery
	at    ticket.Place // the message with the button; its Message is 0 where nobody knows it
}

func (b button) answer(text string) ticket.PressAnswer {
	return ticket.PressAnswer{Press: b.query.ID, Text: text, User: b.query.From.ID}
}

// chat is where to say something that is no answer to one message.
func (b button) chat() ticket.Place {
	b.at.Message = 0
	return b.at
}

// settle removes the buttons, so that the question is answered once.
func (b button) settle(ctx context.Context, tx ticket.Tx) error {
	if b.at.Message == 0 {
		return nil
	}
	return retract(ctx, tx, b.at)
}

// refuse says that what the button holds is not accepted.
func (b button) refuse(ctx context.Context, tx ticket.Tx) error {
	if err := answerPress(ctx, tx, b.answer(message.PressVINRefused)); err != nil {
		return err
	}
	return b.settle(ctx, tx)
}

// confirmed opens the ticket that the owner says is right.
func (h *Handler) confirmed(ctx context.Context, tx ticket.Tx, b button) error {
	found := vin.Check(b.press.VIN, h.Policy)
	if found.Verdict == vin.VerdictReject {
		return b.refuse(ctx, tx)
	}
	return h.opens(ctx, tx, b, found)
}

// chosen opens the ticket for the VIN that the owner says was meant. It is one
// that needs no further question, or it was not offered.
func (h *Handler) chosen(ctx context.Context, tx ticket.Tx, b button) error {
	found := vin.Check(b.press.VIN, h.Policy)
	if found.Verdict != vin.VerdictOK {
		return b.refuse(ctx, tx)
	}
	return h.opens(ctx, tx, b, found)
}

// answered finds the ticket for another VIN that another button of the same
// question opened: of two that are pressed at once the second one opens none. 0
// is none.
func answered(ctx context.Context, tx ticket.Tx, b button) (int64, error) {
	p, err := tx.PromptAt(ctx, b.at.Chat, b.at.Message)
	if ticket.IsNotFound(err) || err == nil && p.Kind != ticket.PromptVIN {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look whether a question was answered: %w", err)
	}
	t, err := tx.Ticket(ctx, p.TicketID)
	if ticket.IsNotFound(err) || err == nil && t.VIN == b.press.VIN {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for the ticket of a question: %w", err)
	}
	return t.ID, nil
}

// note keeps in mind that a question was answered by opening a ticket. Telegram
// may not say which message a button was on.
func (b button) note(ctx context.Context, tx ticket.Tx, id int64) error {
	if b.at.Message == 0 {
		return nil
	}
	if err := tx.AddPrompt(ctx, ticket.Prompt{TicketID: id, Place: b.at, Kind: ticket.PromptVIN, AskedAt: tx.Now()}); err != nil {
		return fmt.Errorf("note that a question was answered: %w", err)
	}
	return nil
}

// opens opens a ticket for a button's VIN.
func (h *Handler) opens(ctx context.Context, tx ticket.Tx, b button, found vin.Result) error {
	known, err := answered(ctx, tx, b)
	if err != nil {
		return err
	}
	if known != 0 {
		a := b.answer(message.PressAnswered)
		a.Ticket = known
		if err := answerPress(ctx, tx, a); err != nil {
			return err
		}
		return b.settle(ctx, tx)
	}
	t, fresh, over, err := h.openOne(ctx, tx, ticket.Opening{
		Owner: b.query.From.ID, VIN: found.VIN, Confirmed: found.Verdict == vin.VerdictConfirm,
	})
	if err != nil {
		return err
	}
	if over != nil { // the button stays, for when it may be pressed again
		a := b.answer(message.PressLimitedOpen)
		if over.limit == message.LimitTickets {
			a.Text = message.PressLimitedTickets
		}
		a.Alert, a.Count, a.Wait = true, over.most, seconds(over.wait)
		return answerPress(ctx, tx, a)
	}
	a := b.answer(message.PressOpened)
	if !fresh { // pressed twice: it was said in the chat the first time
		a.Text = message.PressExists
	}
	a.Ticket = t.ID
	if err := answerPress(ctx, tx, a); err != nil {
		return err
	}
	if fresh {
		if err := b.note(ctx, tx, t.ID); err != nil {
			return err
		}
		s := ticket.Say{
			Text: message.TextOpened, To: b.chat(), User: b.query.From.ID, Ticket: t.ID, VIN: t.VIN, Year: tx.Now().UTC().Year(),
		}
		if err := say(ctx, tx, s); err != nil {
			return err
		}
	}
	return b.settle(ctx, tx)
}

// corrects waits for the right number.
func (h *Handler) corrects(ctx context.Context, tx ticket.Tx, b button) error {
	if err := answerPress(ctx, tx, b.answer(message.PressFix)); err != nil {
		return err
	}
	if err := say(ctx, tx, ticket.Say{Text: message.TextFix, To: b.chat(), User: b.query.From.ID}); err != nil {
		return err
	}
	return b.settle(ctx, tx)
}
