package manager

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// answerPrompt takes a text in reply to one of the bot's questions for the
// answer to it; false where the message is no such reply. A command is none, not
// even one that there is not: an owner would read it.
func (h *Handler) answerPrompt(ctx context.Context, tx ticket.Tx, e errand) (bool, error) {
	at, _, replied := h.repliedTo(e.m)
	words := strings.TrimSpace(e.m.Text)
	if !replied || e.edited || e.own || e.finishes || words == "" || strings.HasPrefix(words, "/") {
		return false, nil
	}
	p, err := tx.PromptAt(ctx, at.Chat, at.Message)
	if ticket.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return true, fmt.Errorf("look for the question: %w", err)
	}
	no := h.objectionToSender(e)
	if no == nil && p.Kind == ticket.PromptReject {
		no, err = h.rejectFor(ctx, tx, e, p)
	}
	if err != nil || no == nil {
		return true, err
	}
	no.Ticket = p.TicketID
	return true, h.reply(ctx, tx, e.m, *no)
}

// rejectFor closes the ticket for what the manager wrote, or says why not.
func (h *Handler) rejectFor(ctx context.Context, tx ticket.Tx, e errand, p ticket.Prompt) (*ticket.Say, error) {
	words := strings.TrimSpace(e.m.Text)
	if utf8.RuneCountInString(words) > message.MaxWords {
		return &ticket.Say{Text: message.TextTooLong, Count: message.MaxWords}, nil
	}
	by, err := h.author(ctx, e)
	if err != nil {
		return nil, err
	}
	t, done, err := h.Tickets.Reject(ctx, p.TicketID, ticket.Rejection{Reason: ticket.RejectOther, Text: words}, by)
	if ticket.IsNotFound(err) {
		return &ticket.Say{Text: message.TextNoSuchTicket, Count: int(p.TicketID)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reject a ticket: %w", err)
	}
	zerolog.Ctx(ctx).Debug().Int64("ticket", t.ID).Int64("user", by.ID).Bool("done", done).Msg("a reason to reject was written")
	if err := retract(ctx, tx, p.Place, t.ID); err != nil {
		return nil, err
	}
	if !done {
		return &ticket.Say{Text: message.TextStands}, nil
	}
	return nil, h.nod(ctx, tx, e, t.ID)
}

// nod shows that a message was understood and done, without another message.
func (h *Handler) nod(ctx context.Context, tx ticket.Tx, e errand, id int64) error {
	at := message.PlaceOf(e.m)
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectReaction, Lane: ticket.Lane(id), Chat: at.Chat, Urgency: ticket.ForGroup, TicketID: id,
		Payload: ticket.Reaction{On: at, Emoji: "👌", Fallback: message.TextOK, Ticket: id},
	})
}

// author is who wrote a message, remembered.
func (h *Handler) author(ctx context.Context, e errand) (ticket.Actor, error) {
	if err := h.meet(ctx, *e.m.From); err != nil {
		return ticket.Actor{}, err
	}
	return ticket.Actor{ID: e.m.From.ID, Name: message.FullName(*e.m.From)}, nil
}

// objectionToSender says what is wrong with who wrote a message that is to
// change something, or nothing.
func (h *Handler) objectionToSender(e errand) *ticket.Say {
	switch {
	case hidesSender(e.m):
		return &ticket.Say{Text: message.TextAsYourself}
	case !h.Roles.MayAct(e.m.From.ID):
		return &ticket.Say{Text: message.TextStranger}
	default:
		return nil
	}
}
