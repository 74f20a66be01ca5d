package manager

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// ask sends the owner of a ticket what stands behind /ask: in reply to the
// card, or to anything else of ours about the ticket, or with its number.
func (h *Handler) ask(ctx context.Context, tx ticket.Tx, e errand) error {
	sent, err := h.Talk.Spoken(ctx, message.PlaceOf(e.m))
	if err != nil {
		return fmt.Errorf("look for an earlier question: %w", err)
	}
	if sent {
		return h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextAskKnown})
	}
	if e.edited { // what was said otherwise before was not meant for the owner
		return nil
	}
	id, words, err := h.about(ctx, tx, e)
	if err != nil {
		return err
	}
	no, err := h.objectionToAsking(ctx, tx, e, asked{ticket: id, words: words})
	if err != nil {
		return err
	}
	if no != nil {
		zerolog.Ctx(ctx).Info().Str("answer", no.Text).Str("reason", no.Reason).Int64("ticket", no.Ticket).Msg("a question was refused")
		return h.reply(ctx, tx, e.m, *no)
	}
	return h.send(ctx, asked{
		ticket: id, words: words, at: message.PlaceOf(e.m), by: ticket.Actor{ID: e.m.From.ID, Name: message.FullName(*e.m.From)},
	}, *e.m.From)
}

// asked is a question of a manager.
type asked struct {
	ticket int64
	words  string
	at     ticket.Place
	by     ticket.Actor
}

// send has a question sent.
func (h *Handler) send(ctx context.Context, q asked, who models.User) error {
	if err := h.meet(ctx, who); err != nil {
		return err
	}
	if _, err := h.Talk.Ask(ctx, ticket.Asking{Ticket: q.ticket, Text: q.words, Source: q.at, By: q.by}); err != nil {
		return fmt.Errorf("ask an owner: %w", err)
	}
	zerolog.Ctx(ctx).Info().Int64("ticket", q.ticket).Int64("user", q.by.ID).Msg("an owner is asked")
	return nil
}

// about finds the ticket that a command is about, and what is left of its
// words: the ticket of the message replied to, else the number in front. In
// reply to a card a number is the first word of what is said.
func (h *Handler) about(ctx context.Context, tx ticket.Tx, e errand) (id int64, words string, err error) {
	if id, err = h.linked(ctx, tx, e.m); id != 0 || err != nil {
		return id, e.command.Words, err
	}
	number, rest := e.command.NumberOfWords()
	if number.ID == 0 {
		return 0, e.command.Words, nil
	}
	return number.ID, rest, nil
}

func (h *Handler) objectionToAsking(ctx context.Context, tx ticket.Tx, e errand, q asked) (*ticket.Say, error) {
	if no := h.objectionToSender(e); no != nil {
		no.Ticket = q.ticket
		return no, nil
	}
	switch {
	case e.m.Text == "": // below a picture or a file
		return askRefusal(message.AskWordsOnly, q.ticket), nil
	case q.ticket == 0:
		return askRefusal(message.AskNoTicket, 0), nil
	case q.words == "":
		return askRefusal(message.AskEmpty, q.ticket), nil
	}
	t, err := tx.Ticket(ctx, q.ticket)
	if ticket.IsNotFound(err) {
		return &ticket.Say{Text: message.TextNoSuchTicket, Count: int(q.ticket)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the ticket: %w", err)
	}
	why, err := h.unaskable(ctx, t, q.words)
	if err != nil || why == "" {
		return nil, err
	}
	return askRefusal(why, t.ID), nil
}

func askRefusal(why string, id int64) *ticket.Say {
	return &ticket.Say{Text: message.TextAskRefused, Reason: why, Ticket: id, Count: message.MaxQuestion}
}

// unaskable says why a ticket's owner cannot be asked something; nothing where
// they can.
func (h *Handler) unaskable(ctx context.Context, t ticket.Ticket, words string) (string, error) {
	switch {
	case t.OwnerID == 0:
		return message.AskNobody, nil
	case !t.Status.Open():
		return message.AskClosed, nil
	case len(utf16.Encode([]rune(words))) > message.MaxQuestion:
		return message.AskTooLong, nil
	}
	switch _, err := h.Bans.Banned(ctx, t.OwnerID); {
	case err == nil:
		return message.AskBanned, nil
	case !ticket.IsNotFound(err):
		return "", fmt.Errorf("look for a ban: %w", err)
	}
	return "", nil
}

// offer asks about a text in reply to a card, or to what an owner answered,
// whether it is meant for the owner: colleagues talk below cards, too. Where it
// could not be sent nothing is offered, and nothing is kept of what they write.
func (h *Handler) offer(ctx context.Context, tx ticket.Tx, e errand) error {
	_, replied, ok := h.repliedTo(e.m)
	if !ok || e.edited || e.m.Text == "" || strings.HasPrefix(e.m.Text, "/") || !h.repliesToBot(e.m) {
		return nil
	}
	if !hidesSender(e.m) && !h.Roles.MayAct(e.m.From.ID) {
		return nil
	}
	id, err := h.linked(ctx, tx, e.m)
	if err != nil || id == 0 {
		return err
	}
	invites, err := h.invites(ctx, tx, e.m, replied)
	if err != nil || !invites {
		return err
	}
	t, err := tx.Ticket(ctx, id)
	if ticket.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the ticket: %w", err)
	}
	why, err := h.unaskable(ctx, t, e.m.Text)
	if err != nil || why != "" {
		return err
	}
	return h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextAskOffer, Ticket: id})
}

// invites tells whether a reply to a message of ours may be meant for the
// owner: one to a card or to an answer may, one to a note of the bot's hardly.
func (h *Handler) invites(ctx context.Context, tx ticket.Tx, m, replied *models.Message) (bool, error) {
	if replied != nil && message.IsAnswer(replied) {
		return true, nil
	}
	at, _, _ := h.repliedTo(m)
	card, err := tx.CardAt(ctx, at.Chat, at.Message)
	if ticket.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the card: %w", err)
	}
	return card.Kind == ticket.CardMain, nil
}

// offered takes the answer to an offer. The words are read from the message
// that it replies to, as it is now: nobody kept them.
func (h *Handler) offered(ctx context.Context, tx ticket.Tx, b button) (ticket.PressAnswer, error) {
	t, err := tx.Ticket(ctx, b.press.ID)
	if ticket.IsNotFound(err) {
		return b.answer(message.PressGone, ticket.Ticket{}), nil
	}
	if err != nil {
		return ticket.PressAnswer{}, fmt.Errorf("look for the ticket: %w", err)
	}
	a := b.answer(message.PressNotAsked, t)
	if b.press.Kind == message.PressKindAsk {
		if a.Text, err = h.sendOffered(ctx, b, t); err != nil {
			return a, err
		}
	}
	return a, enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectDelete, Lane: ticket.MessageLane(b.at), Chat: b.at.Chat, Urgency: ticket.ForEdit, TicketID: t.ID,
		Payload: ticket.Deletion{At: b.at},
	})
}

// sendOffered sends what was offered, and gives the answer to the press.
func (h *Handler) sendOffered(ctx context.Context, b button, t ticket.Ticket) (string, error) {
	offer := b.query.Message.Message
	if offer == nil || offer.ReplyToMessage == nil || offer.ReplyToMessage.Text == "" {
		return message.PressAskGone, nil
	}
	source := offer.ReplyToMessage
	why, err := h.unaskable(ctx, t, source.Text)
	if err != nil {
		return "", err
	}
	if why != "" {
		return message.PressAskRefused, nil
	}
	at := message.PlaceOf(source)
	at.Chat = b.at.Chat
	return message.PressAsked, h.send(ctx, asked{ticket: t.ID, words: source.Text, at: at, by: b.by}, b.query.From)
}
