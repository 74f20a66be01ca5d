package user

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// replies passes on what an owner writes in reply to a manager's question,
// whatever it is, and the other items of an album that does. A VIN in it is a
// part of the answer.
func (h *Handler) replies(ctx context.Context, tx ticket.Tx, m *models.Message) (bool, error) {
	if m.ReplyToMessage == nil && m.MediaGroupID == "" {
		return false, nil
	}
	return h.answers(ctx, tx, m, answering(m))
}

// mayAnswer passes on what an owner just writes while a question is open, if it
// may be an answer. It comes after the VINs: those are what the bot is for.
func (h *Handler) mayAnswer(ctx context.Context, tx ticket.Tx, m *models.Message) (bool, error) {
	a := answering(m)
	if a.Plain = isPlain(m); !a.Plain {
		return false, nil
	}
	return h.answers(ctx, tx, m, a)
}

func answering(m *models.Message) ticket.Answering {
	a := ticket.Answering{Owner: m.Chat.ID, Source: message.PlaceOf(m), Album: m.MediaGroupID}
	if m.ReplyToMessage != nil {
		a.To = m.ReplyToMessage.ID
	}
	return a
}

// isPlain tells what people answer with: words, pictures, files, their voice, a
// place. With a sticker or a poll they do not, unless they reply with it.
func isPlain(m *models.Message) bool {
	switch {
	case m.Animation != nil: // it comes with a document
		return false
	case m.Text != "", len(m.Photo) > 0, m.Document != nil, m.Voice != nil, m.Audio != nil, m.Video != nil, m.VideoNote != nil,
		m.Contact != nil, m.Venue != nil, m.Location != nil:
		return true
	default:
		return false
	}
}

// answers passes a message on, if it answers a question, and says so.
func (h *Handler) answers(ctx context.Context, tx ticket.Tx, m *models.Message, a ticket.Answering) (bool, error) {
	out, err := h.Talk.Answer(ctx, a)
	if err != nil {
		return false, fmt.Errorf("pass on an answer: %w", err)
	}
	if out.Outcome == ticket.NoAnswer {
		return false, nil
	}
	zerolog.Ctx(ctx).Info().Int64("user", a.Owner).Int64("ticket", out.Ticket).Bool("clear", out.Outcome != ticket.AnswerUnclear).Msg("an owner answers")
	if out.Outcome == ticket.AnswerUnclear {
		return true, h.unclear(ctx, tx, m, out.Questions)
	}
	return true, h.passed(ctx, tx, m, out)
}

// passed says that an answer goes to the managers: of what follows a first one
// by a reaction, where there is no more to say.
func (h *Handler) passed(ctx context.Context, tx ticket.Tx, m *models.Message, out ticket.Answered) error {
	s := ticket.Say{Text: message.TextAnswerPassed, To: message.PlaceOf(m), User: m.Chat.ID, Ticket: out.Ticket}
	if out.Outcome == ticket.AnswerTooMany {
		s.Text = message.TextAnswerTooMany
		return say(ctx, tx, s)
	}
	t, err := tx.Ticket(ctx, out.Ticket)
	if err != nil {
		return fmt.Errorf("look for the ticket of an answer: %w", err)
	}
	switch found, _ := vin.Find(words(m)); {
	case len(found) > 0:
		s.Reason = message.PassedVIN
	case out.Outcome == ticket.AnswerMore:
		return enqueue(ctx, tx, ticket.Effect{
			Kind: ticket.EffectReaction, Lane: ticket.ChatLane(m.Chat.ID), Urgency: ticket.ForOwner, TicketID: out.Ticket,
			Payload: ticket.Reaction{On: s.To, Emoji: "👌", Ticket: out.Ticket},
		})
	case !t.Status.Open():
		s.Reason = message.PassedClosed
	}
	return say(ctx, tx, s)
}

// unclear asks which of several questions was meant. The buttons stand below a
// reply to what was written, and it is passed on from there.
func (h *Handler) unclear(ctx context.Context, tx ticket.Tx, m *models.Message, open []ticket.Line) error {
	s := ticket.Say{Text: message.TextAnswerUnclear, To: message.PlaceOf(m), User: m.Chat.ID}
	if m.MediaGroupID != "" {
		s.Reason = message.PassedAlbum
		return enqueue(ctx, tx, albumAnswer(m, s))
	}
	of := map[int64]int{} // the newest question about each ticket, in the order of the first
	for _, q := range open {
		if i, known := of[q.TicketID]; known {
			s.Numbers[i].Question = q.ID
			continue
		}
		t, err := tx.Ticket(ctx, q.TicketID)
		if err != nil {
			return fmt.Errorf("look for the ticket of a question: %w", err)
		}
		of[q.TicketID] = len(s.Numbers)
		s.Numbers = append(s.Numbers, ticket.Number{VIN: t.VIN, Ticket: t.ID, Question: q.ID})
	}
	return say(ctx, tx, s)
}

// meant passes on what the owner says now which question it answers.
func (h *Handler) meant(ctx context.Context, tx ticket.Tx, b button) error {
	var source *models.Message
	if asked := b.query.Message.Message; asked != nil {
		source = asked.ReplyToMessage
	}
	if source == nil {
		return answerPress(ctx, tx, b.answer(message.PressPassGone))
	}
	a := answering(source)
	a.Owner, a.Source.Chat = b.query.From.ID, b.at.Chat
	out, err := h.Talk.AnswerTo(ctx, b.press.ID, a)
	if ticket.IsNotFound(err) {
		return answerPress(ctx, tx, b.answer(message.PressPassGone))
	}
	if err != nil {
		return fmt.Errorf("pass on an answer: %w", err)
	}
	reply := b.answer(message.PressPassed)
	reply.Ticket = out.Ticket
	if err := answerPress(ctx, tx, reply); err != nil {
		return err
	}
	return b.settle(ctx, tx)
}
