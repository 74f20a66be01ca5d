package notify

import (
	"context"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

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
	case telegram.ClassKicked, telegram.ClassNoChat, telegram.ClassMigrated: // of where it became, an update tells
		return outbox.Done(nil)
	default:
		return n.failed(ctx, c.Chat, err)
	}
}

// registerCommands tells Telegram the commands of the private chats (chat 0),
// in every language, or of one chat: a group, or that of a person who chose
// another language than their client's.
func (n *Notifier) registerCommands(ctx context.Context, c ticket.ChatRef) outbox.Outcome {
	switch {
	case c.Chat > 0:
		return n.registerPerson(ctx, c.Chat)
	case c.Chat < 0:
		return n.registerGroup(ctx, n.Groups.Now(c.Chat))
	}
	return n.register(ctx, 0, &models.BotCommandScopeAllPrivateChats{})
}

// registerGroup tells the commands of a group, to each member in the language of
// their client as far as there are words in it.
func (n *Notifier) registerGroup(ctx context.Context, chat int64) outbox.Outcome {
	if n.foreign(chat) {
		return outbox.Done(nil)
	}
	return n.register(ctx, chat, &models.BotCommandScopeChat{ChatID: chat})
}

// register tells the commands of a scope, in every language.
func (n *Notifier) register(ctx context.Context, chat int64, scope models.BotCommandScope) outbox.Outcome {
	for _, lang := range append([]string{""}, message.Languages()...) {
		words := lang
		if words == "" { // whoever's language has no commands of its own
			words = n.Language
		}
		err := n.Sender.SetMyCommands(ctx, &bot.SetMyCommandsParams{
			Commands: n.Book.Commands(words, chat != 0), Scope: scope, LanguageCode: lang,
		})
		if err != nil {
			return n.failed(ctx, chat, err)
		}
	}
	return outbox.Done(nil)
}

func (n *Notifier) registerPerson(ctx context.Context, id int64) outbox.Outcome {
	lang, err := n.language(ctx, id)
	if err != nil {
		return broken(err)
	}
	opens, err := n.Door.Opens(ctx, id)
	if err != nil {
		return broken(err)
	}
	commands := n.Book.Commands(lang, false)
	if opens {
		commands = n.Book.PanelCommands(lang)
	}
	err = n.Sender.SetMyCommands(ctx, &bot.SetMyCommandsParams{
		Commands: commands,
		Scope:    &models.BotCommandScopeChat{ChatID: id},
	})
	if err != nil {
		return n.failed(ctx, id, err)
	}
	return outbox.Done(nil)
}
