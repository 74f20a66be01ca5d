package notify

import (
	"cmp"
	"context"
	"fmt"

	"github.com/go-telegram/bot"

	"vinbot/internal/account"
	"vinbot/internal/message"
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
	lang, facts, err := n.toSay(ctx, s)
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

// toSay finds the language of whoever reads a text, and what it may need. What
// is about a ticket is read by its owner most of the time.
func (n *Notifier) toSay(ctx context.Context, s ticket.Say) (lang string, f message.Facts, err error) {
	var shown account.Showing
	if s.Ticket != 0 {
		if shown, err = n.Showings.Addressed(ctx, s.Ticket); err != nil && !ticket.IsNotFound(err) {
			return "", f, fmt.Errorf("read the ticket of a message: %w", err)
		}
	}
	if shown.Owner.ID != 0 && shown.Owner.ID == s.User {
		lang = cmp.Or(shown.Owner.Language, n.Language)
	} else if lang, err = n.language(ctx, s.User); err != nil {
		return "", f, err
	}
	f, err = n.facts(ctx, 0, s.Report)
	f.Ticket = shown.Ticket
	return lang, f, err
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
