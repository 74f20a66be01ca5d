package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// question is a manager's question on its way.
type question struct {
	line  ticket.Line
	owner int64
	seen  time.Time // when the owner last did something, as of before the sending
}

// ask brings a manager's question to the owner. One that was settled or erased
// meanwhile is not sent.
func (n *Notifier) ask(ctx context.Context, ref ticket.LineRef) outbox.Outcome {
	l, err := n.Talk.Line(ctx, ref.Line)
	switch {
	case ticket.IsNotFound(err), err == nil && l.State != ticket.LineSending:
		return outbox.Done(nil)
	case err != nil:
		return broken(err)
	}
	t, err := n.Store.Ticket(ctx, l.TicketID)
	switch {
	case ticket.IsNotFound(err):
		return outbox.Done(nil)
	case err != nil:
		return broken(fmt.Errorf("read the ticket of a question: %w", err))
	case !t.Status.Open() || t.OwnerID == 0:
		return outbox.Done(func(ctx context.Context) error { return n.Talk.NotAnyMore(ctx, l.ID, false) })
	}
	owner, err := n.person(ctx, t.OwnerID)
	if err != nil {
		return broken(err)
	}
	at, err := n.post(ctx, ticket.Place{Chat: t.OwnerID}, n.Book.Question(owner.Language, t, l.Body))
	if err != nil {
		return n.notAsked(ctx, question{line: l, owner: t.OwnerID, seen: owner.LastSeen}, err)
	}
	return outbox.Done(func(ctx context.Context) error { return n.Talk.Asked(ctx, l.ID, at.Message) })
}

func (n *Notifier) notAsked(ctx context.Context, q question, err error) outbox.Outcome {
	class := telegram.ClassOf(err)
	if why := outOfReach(class); why != "" {
		return n.unasked(q, why)
	}
	if class.Temporary() {
		return n.failed(ctx, q.owner, err)
	}
	zerolog.Ctx(ctx).Error().Err(err).Int64("ticket", q.line.TicketID).Msg("Telegram would not send a question")
	return outbox.Done(func(ctx context.Context) error { return n.Talk.NotAnyMore(ctx, q.line.ID, true) })
}

// unasked has a question wait for the owner's return. To one who came back
// while it was being refused it goes at once, as a report does.
func (n *Notifier) unasked(q question, why string) outbox.Outcome {
	return outbox.Done(func(ctx context.Context) error {
		owner, err := n.person(ctx, q.owner)
		if err != nil {
			return err
		}
		if err := n.Talk.NotAsked(ctx, q.line.ID, why); err != nil {
			return err
		}
		if owner.LastSeen.After(q.seen) && !owner.Unreachable {
			return n.Talk.OwnerReturned(ctx, q.owner)
		}
		return n.markUnreachable(ctx, q.owner)
	})
}

// copyAnswer copies what an owner wrote into a group, as a reply to the card,
// from where it was written: as it is there now.
func (n *Notifier) copyAnswer(ctx context.Context, ref ticket.LineRef) outbox.Outcome {
	to := ticket.Place{Chat: n.Groups.Now(ref.To.Chat), Topic: ref.To.Topic}
	if n.foreign(to.Chat) {
		return outbox.Done(nil)
	}
	l, err := n.Talk.Line(ctx, ref.Line)
	switch {
	case ticket.IsNotFound(err):
		return outbox.Done(nil)
	case err != nil:
		return broken(err)
	}
	cards, err := n.Store.Cards(ctx, l.TicketID)
	if err != nil {
		return broken(fmt.Errorf("read the cards of an answer: %w", err))
	}
	for _, card := range cards { // the newest is the last
		if card.Kind == ticket.CardMain && card.Place.Chat == to.Chat {
			to = card.Place
		}
	}
	at, err := n.place(ctx, to, func(to ticket.Place) (int, error) {
		sent, err := n.Sender.CopyMessage(ctx, n.copyParams(to, l))
		if err != nil {
			return 0, err
		}
		return sent.ID, nil
	})
	switch {
	case err == nil:
		return outbox.Done(func(ctx context.Context) error { return n.Talk.Copied(ctx, l.ID, at) })
	case telegram.ClassOf(err) == telegram.ClassBadRequest: // deleted meanwhile, or nothing that can be copied
		zerolog.Ctx(ctx).Warn().Err(err).Int64("ticket", l.TicketID).Msg("an owner's answer cannot be copied")
		return outbox.Done(func(ctx context.Context) error { return n.Talk.NotCopied(ctx, l.ID) })
	}
	return n.failed(ctx, at.Chat, err)
}

func (n *Notifier) copyParams(to ticket.Place, l ticket.Line) *bot.CopyMessageParams {
	p := &bot.CopyMessageParams{
		ChatID: to.Chat, MessageThreadID: to.Topic, FromChatID: l.Source.Chat, MessageID: l.Source.Message,
		ReplyMarkup: n.Book.Said(n.Language, l.TicketID),
	}
	if to.Message != 0 {
		p.ReplyParameters = &models.ReplyParameters{MessageID: to.Message, AllowSendingWithoutReply: true}
	}
	return p
}

// deleteMessage deletes a message of ours. After two days Telegram refuses
// that: then a text takes its place, or at least its buttons go. Of a picture
// that old only they can.
func (n *Notifier) deleteMessage(ctx context.Context, d ticket.Deletion) outbox.Outcome {
	if n.foreign(d.At.Chat) || n.superseded(d.At.Chat) {
		return outbox.Done(nil)
	}
	err := n.Sender.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: d.At.Chat, MessageID: d.At.Message})
	switch {
	case err == nil:
		return outbox.Done(nil)
	case telegram.ClassOf(err) != telegram.ClassBadRequest:
		return n.failed(ctx, d.At.Chat, err)
	case d.Instead == "":
		return n.retract(ctx, ticket.Retract{At: d.At})
	}
	text, err := n.Book.Say(n.Language, ticket.Say{Text: d.Instead, To: d.At}, message.Facts{})
	if err != nil {
		return outbox.Dead(err, nil)
	}
	_, err = n.Sender.EditMessageText(ctx, &bot.EditMessageTextParams{
		ChatID: d.At.Chat, MessageID: d.At.Message, Text: text.HTML, ParseMode: models.ParseModeHTML,
	})
	switch {
	case err == nil, n.nothingToEdit(d.At.Chat, err):
		return outbox.Done(nil)
	case telegram.ClassOf(err) == telegram.ClassPostAnew:
		return n.retract(ctx, ticket.Retract{At: d.At})
	}
	return n.failed(ctx, d.At.Chat, err)
}
