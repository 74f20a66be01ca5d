package notify

import (
	"context"

	"github.com/go-telegram/bot"

	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// say sends one of the texts. One in a group that concerns a ticket stands for
// it: a reply to it counts like one to the card.
func (n *Notifier) say(ctx context.Context, s ticket.Say) outbox.Outcome {
	if s.Text == "" {
		return outbox.Done(nil)
	}
	lang, err := n.language(ctx, s.User)
	if err != nil {
		return broken(err)
	}
	facts, err := n.facts(ctx, s.Ticket, s.Report)
	if err != nil {
		return broken(err)
	}
	text, err := n.Book.Say(lang, s, facts)
	if err != nil {
		return outbox.Dead(err, nil)
	}
	at, err := n.post(ctx, s.To, text)
	switch {
	case err != nil && isAlarm(s.Text):
		return n.alarmFailed(ctx, s, at.Chat, err)
	case err != nil:
		return n.failed(ctx, at.Chat, err)
	case facts.Ticket.ID == 0 || at.Chat > 0:
		return outbox.Done(nil)
	}
	return outbox.Done(func(ctx context.Context) error {
		if s.Prompt != "" {
			return n.Tickets.Prompted(ctx, ticket.Prompt{TicketID: s.Ticket, Place: at, Kind: s.Prompt})
		}
		return n.Tickets.CardPosted(ctx, ticket.Card{TicketID: s.Ticket, Place: at, Kind: ticket.CardNote})
	})
}

// retract removes the buttons of a message whose question is settled. Of one
// that cannot be changed any more they are gone, or say so when pressed.
func (n *Notifier) retract(ctx context.Context, r ticket.Retract) outbox.Outcome {
	if n.foreign(r.At.Chat) {
		return outbox.Done(nil)
	}
	_, err := n.Sender.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{
		ChatID: r.At.Chat, MessageID: r.At.Message,
	})
	if err == nil || n.nothingToEdit(r.At.Chat, err) || telegram.ClassOf(err) == telegram.ClassPostAnew {
		return outbox.Done(nil)
	}
	return n.failed(ctx, r.At.Chat, err)
}

// nothingToEdit reports whether an edit that failed is as good as done: it
// would change nothing, or its message went down with a group that became
// another.
func (n *Notifier) nothingToEdit(chat int64, err error) bool {
	switch telegram.ClassOf(err) {
	case telegram.ClassNotModified:
		return true
	case telegram.ClassMigrated, telegram.ClassKicked, telegram.ClassNoChat, telegram.ClassNoRights, telegram.ClassTopicGone:
		return n.superseded(chat)
	default:
		return false
	}
}
