package notify

import (
	"context"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

const (
	// groupPause is how long a message waits for a group that takes none.
	groupPause = 30 * time.Second
	// migrationPause is how long a message waits that met a migration.
	migrationPause = 100 * time.Millisecond
)

// say sends one of the texts. One in a group that concerns a ticket stands for
// it: a reply to it counts like one to the card.
func (n *Notifier) say(ctx context.Context, s ticket.Say) outbox.Outcome {
	lang, err := n.language(ctx, s.User)
	if err != nil {
		return outbox.Failed(err)
	}
	facts, err := n.facts(ctx, s.Ticket, s.Report)
	if err != nil {
		return outbox.Failed(err)
	}
	text, err := n.Book.Say(lang, s, facts)
	if err != nil {
		return outbox.Dead(err, nil)
	}
	at, err := n.post(ctx, s.To, text)
	if err != nil {
		return n.failed(ctx, s.To.Chat, err)
	}
	if s.Ticket == 0 || at.Chat > 0 {
		return outbox.Done(nil)
	}
	return outbox.Done(func(ctx context.Context) error {
		return n.Tickets.CardPosted(ctx, ticket.Card{TicketID: s.Ticket, Place: at, Kind: ticket.CardNote})
	})
}

// retract removes the buttons of a message whose question is settled.
func (n *Notifier) retract(ctx context.Context, r ticket.Retract) outbox.Outcome {
	_, err := n.Sender.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{
		ChatID: r.At.Chat, MessageID: r.At.Message,
	})
	if err == nil {
		return outbox.Done(nil)
	}
	switch telegram.ClassOf(err) {
	case telegram.ClassNotModified, telegram.ClassPostAnew:
		return outbox.Done(nil)
	default:
		return n.failed(ctx, r.At.Chat, err)
	}
}

// answerPress answers a button press; one that expired needs no answer.
func (n *Notifier) answerPress(ctx context.Context, p ticket.PressAnswer) outbox.Outcome {
	text := ""
	if p.Text != "" {
		lang, err := n.language(ctx, p.User)
		if err != nil {
			return outbox.Failed(err)
		}
		facts, err := n.facts(ctx, p.Ticket, 0)
		if err != nil {
			return outbox.Failed(err)
		}
		if text, err = n.Book.Press(lang, p, facts); err != nil {
			return outbox.Dead(err, nil)
		}
	}
	err := n.Sender.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{
		CallbackQueryID: p.Press, Text: text, ShowAlert: p.Alert, URL: p.URL,
	})
	if err == nil || telegram.ClassOf(err) == telegram.ClassPressExpired {
		return outbox.Done(nil)
	}
	return n.failed(ctx, 0, err)
}

// react puts an emoji on a message; where that is forbidden a text says it.
func (n *Notifier) react(ctx context.Context, r ticket.Reaction) outbox.Outcome {
	err := n.Sender.SetMessageReaction(ctx, &bot.SetMessageReactionParams{
		ChatID: r.On.Chat, MessageID: r.On.Message,
		Reaction: []models.ReactionType{{
			Type:              models.ReactionTypeTypeEmoji,
			ReactionTypeEmoji: &models.ReactionTypeEmoji{Emoji: r.Emoji},
		}},
	})
	if err == nil {
		return outbox.Done(nil)
	}
	switch telegram.ClassOf(err) {
	case telegram.ClassNotModified:
		return outbox.Done(nil)
	case telegram.ClassTooMany, telegram.ClassUnknown, telegram.ClassNotSent, telegram.ClassUnauthorized,
		telegram.ClassMigrated, telegram.ClassKicked:
		return n.failed(ctx, r.On.Chat, err)
	default:
		if r.Fallback == "" {
			return outbox.Dead(err, nil)
		}
		return outbox.Done(func(ctx context.Context) error { return n.sayInstead(ctx, r) })
	}
}

func (n *Notifier) sayInstead(ctx context.Context, r ticket.Reaction) error {
	return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		return tx.Enqueue(ctx, ticket.Effect{
			Kind: ticket.EffectSay, Lane: ticket.Lane(r.Ticket), Chat: r.On.Chat, Urgency: ticket.ForGroup, TicketID: r.Ticket,
			Payload: ticket.Say{Text: r.Fallback, To: r.On, Ticket: r.Ticket},
		})
	})
}

// leaveChat leaves a group that is not ours, unless it is by now.
func (n *Notifier) leaveChat(ctx context.Context, c ticket.ChatRef) outbox.Outcome {
	if n.Groups.Allowed(c.Chat) {
		return outbox.Done(nil)
	}
	err := n.Sender.LeaveChat(ctx, c.Chat)
	if err == nil {
		zerolog.Ctx(ctx).Warn().Int64("chat", c.Chat).Msg("left a group that is not in MANAGER_CHAT")
		return outbox.Done(nil)
	}
	switch telegram.ClassOf(err) {
	case telegram.ClassKicked, telegram.ClassNoChat:
		return outbox.Done(nil)
	case telegram.ClassTooMany, telegram.ClassUnknown, telegram.ClassNotSent, telegram.ClassUnauthorized:
		return n.failed(ctx, c.Chat, err)
	default:
		return outbox.Dead(err, nil)
	}
}

// registerCommands tells Telegram the commands of the private chats (chat 0),
// in every language, or of a group.
func (n *Notifier) registerCommands(ctx context.Context, c ticket.ChatRef) outbox.Outcome {
	if c.Chat != 0 {
		err := n.Sender.SetMyCommands(ctx, &bot.SetMyCommandsParams{
			Commands: n.Book.Commands(n.Language, true),
			Scope:    &models.BotCommandScopeChat{ChatID: n.Groups.Now(c.Chat)},
		})
		if err != nil {
			return n.failed(ctx, c.Chat, err)
		}
		return outbox.Done(nil)
	}
	for _, lang := range append([]string{""}, message.Languages()...) {
		words := lang
		if words == "" { // whoever's language has no commands of its own
			words = n.Language
		}
		err := n.Sender.SetMyCommands(ctx, &bot.SetMyCommandsParams{
			Commands:     n.Book.Commands(words, false),
			Scope:        &models.BotCommandScopeAllPrivateChats{},
			LanguageCode: lang,
		})
		if err != nil {
			return n.failed(ctx, 0, err)
		}
	}
	return outbox.Done(nil)
}
