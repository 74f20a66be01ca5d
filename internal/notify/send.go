package notify

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// post sends a text to a place: to the supergroup that a group became, to the
// main thread where the topic is gone, as a reply where there is still
// something to reply to.
func (n *Notifier) post(ctx context.Context, to ticket.Place, text message.Text) (ticket.Place, error) {
	chat := n.Groups.Now(to.Chat)
	if chat != to.Chat { // message ids belong to a chat
		to = ticket.Place{Chat: chat, Topic: to.Topic}
	}
	sent, err := n.Sender.SendMessage(ctx, sendParams(to, text))
	if err != nil && telegram.ClassOf(err) == telegram.ClassTopicGone && to.Topic != 0 {
		n.Log.Warn().Int64("chat", to.Chat).Int("topic", to.Topic).Msg("the topic is closed or gone, sent to the main thread")
		to.Topic = 0
		sent, err = n.Sender.SendMessage(ctx, sendParams(to, text))
	}
	if err != nil {
		return to, err
	}
	n.heard(chat)
	return ticket.Place{Chat: chat, Topic: to.Topic, Message: sent.ID}, nil
}

func sendParams(to ticket.Place, text message.Text) *bot.SendMessageParams {
	p := &bot.SendMessageParams{
		ChatID: to.Chat, MessageThreadID: to.Topic, Text: text.HTML, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: noPreview(),
	}
	if text.Keyboard != nil { // a typed nil would be sent as null
		p.ReplyMarkup = text.Keyboard
	}
	if to.Message != 0 {
		p.ReplyParameters = &models.ReplyParameters{MessageID: to.Message, AllowSendingWithoutReply: true}
	}
	return p
}

// noPreview keeps Telegram from drawing the page of a link under a message.
func noPreview() *models.LinkPreviewOptions {
	disabled := true
	return &models.LinkPreviewOptions{IsDisabled: &disabled}
}

// failed turns a failed call into what the outbox does next. Chats that cannot
// be written to are for the caller to know, who comes here with the rest.
func (n *Notifier) failed(ctx context.Context, chat int64, err error) outbox.Outcome {
	var e *telegram.Error
	if !errors.As(err, &e) {
		return outbox.Failed(err)
	}
	switch e.Class {
	case telegram.ClassTooMany:
		return outbox.Paused(err, e.RetryAfter)
	case telegram.ClassUnknown:
		return outbox.Unknown(err)
	case telegram.ClassNotSent, telegram.ClassUnauthorized, telegram.ClassConflict:
		return outbox.Later(err, 0)
	case telegram.ClassMigrated:
		return n.migrated(ctx, chat, e)
	case telegram.ClassKicked, telegram.ClassNoRights, telegram.ClassTopicGone, telegram.ClassNoChat,
		telegram.ClassBlocked, telegram.ClassDeactivated:
		if chat < 0 {
			return n.cannotWrite(ctx, chat, err)
		}
		return outbox.Dead(err, func(ctx context.Context) error { return n.Accounts.SetUnreachable(ctx, chat, true) })
	default:
		return outbox.Dead(err, nil)
	}
}

// migrated follows a group to its supergroup; the job is tried again there.
func (n *Notifier) migrated(ctx context.Context, chat int64, e *telegram.Error) outbox.Outcome {
	if e.MigrateTo == 0 {
		return outbox.Later(e, groupPause) // its service message will say
	}
	err := n.Store.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		news, err := n.Groups.Follow(ctx, chat, e.MigrateTo)
		if err != nil || !news {
			return err
		}
		return n.Tickets.Repost(ctx, chat, e.MigrateTo)
	})
	if err != nil {
		return outbox.Failed(fmt.Errorf("follow a migrated group: %w", err))
	}
	if n.Groups.Now(chat) == chat {
		return outbox.Dead(e, nil)
	}
	return outbox.Later(e, migrationPause)
}

// cannotWrite keeps a job for a group that the bot was removed from, or muted
// in, until it may write there again. The admins are told once.
func (n *Notifier) cannotWrite(ctx context.Context, chat int64, err error) outbox.Outcome {
	n.mu.Lock()
	news := !n.muted[chat]
	n.muted[chat] = true
	n.mu.Unlock()
	if news {
		n.Log.Error().Err(err).Int64("chat", chat).Msg("the bot cannot write in the managers' group")
		tell := n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
			for _, admin := range n.Roles.Admins {
				if err := tx.Enqueue(ctx, ticket.Effect{
					Kind: ticket.EffectSay, Lane: ticket.ChatLane(admin), Chat: admin, Urgency: ticket.ForOwner,
					Payload: ticket.Say{Text: ticket.TextGroupMuted, To: ticket.Place{Chat: admin}, User: admin},
				}); err != nil {
					return err
				}
			}
			return nil
		})
		if tell != nil {
			n.Log.Error().Err(tell).Msg("the admins could not be told")
		}
	}
	return outbox.Later(err, groupPause)
}

// heard notes that a chat takes messages.
func (n *Notifier) heard(chat int64) {
	if chat > 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.muted, chat)
}
