package notify

import (
	"context"
	"errors"
	"strconv"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// post sends a text to a place: to the supergroup that a group became, to the
// main thread where the topic is gone, as a reply where there is still
// something to reply to. It gives where the message stands, or, with an error,
// where it was to stand.
func (n *Notifier) post(ctx context.Context, to ticket.Place, text message.Text) (ticket.Place, error) {
	return n.place(ctx, to, func(to ticket.Place) (int, error) {
		sent, err := n.Sender.SendMessage(ctx, sendParams(to, text))
		if err != nil {
			return 0, err
		}
		return sent.ID, nil
	})
}

// place has something sent to a place, as post does with a text. What send
// gives is the message's id.
func (n *Notifier) place(ctx context.Context, to ticket.Place, send func(to ticket.Place) (int, error)) (ticket.Place, error) {
	if chat := n.Groups.Now(to.Chat); chat != to.Chat { // message ids belong to a chat
		to = ticket.Place{Chat: chat, Topic: to.Topic}
	}
	for {
		id, err := send(to)
		if err == nil {
			n.heard(to)
			return ticket.Place{Chat: to.Chat, Topic: to.Topic, Message: id}, nil
		}
		switch class := telegram.ClassOf(err); {
		case class == telegram.ClassTopicGone && to.Topic != 0:
			n.topicClosed(ctx, to)
			to.Topic = 0
		case class == telegram.ClassReplyGone && to.Message != 0:
			to.Message = 0
		default:
			return to, err
		}
	}
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

// topicClosed says in the log and in the group, once, that messages for a topic
// go to the main thread; and once more after a restart.
func (n *Notifier) topicClosed(ctx context.Context, at ticket.Place) {
	at.Message = 0
	n.mu.Lock()
	known := n.closed[at]
	n.closed[at] = true
	n.mu.Unlock()
	if !known {
		zerolog.Ctx(ctx).Warn().Int64("chat", at.Chat).Int("topic", at.Topic).
			Msg("the topic in MANAGER_CHAT is closed or gone; what was for it goes to the main thread")
		if err := n.tellOfTopic(ctx, at); err != nil {
			n.heard(at) // the next message tries again
			zerolog.Ctx(ctx).Error().Err(err).Int64("chat", at.Chat).Msg("the group could not be told of its topic")
		}
	}
}

// tellOfTopic has the group told that one of its topics takes no messages.
func (n *Notifier) tellOfTopic(ctx context.Context, at ticket.Place) error {
	return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		e := ticket.Announce(ticket.Say{Text: ticket.TextTopicGone}, ticket.Place{Chat: at.Chat})
		e.Merge = "topic:" + strconv.FormatInt(at.Chat, 10) + ":" + strconv.Itoa(at.Topic)
		return tx.Enqueue(ctx, e)
	})
}

// failed turns a failed call into what the outbox does next. What is special
// to a kind is for its handler to know, who comes here with the rest.
func (n *Notifier) failed(ctx context.Context, chat int64, err error) outbox.Outcome {
	var e *telegram.Error
	if !errors.As(err, &e) {
		return broken(err)
	}
	switch e.Class {
	case telegram.ClassTooMany:
		return outbox.Paused(e, e.RetryAfter)
	case telegram.ClassUnknown:
		return outbox.Unknown(e)
	case telegram.ClassMigrated:
		return n.migrated(ctx, chat, e)
	case telegram.ClassKicked, telegram.ClassNoRights, telegram.ClassTopicGone, telegram.ClassNoChat,
		telegram.ClassBlocked, telegram.ClassDeactivated:
		switch {
		case chat < 0:
			return n.cannotWrite(ctx, chat, e)
		case chat > 0:
			return n.unreachable(ctx, chat, e)
		}
	default:
		if e.Class.Temporary() {
			return outbox.Later(e, 0)
		}
	}
	return outbox.Dead(e, nil)
}

// outOfReach says why a person cannot be written to, as one of the Undelivered…
// codes; nothing where Telegram refused a message for another reason.
func outOfReach(class telegram.Class) string {
	switch class {
	case telegram.ClassBlocked:
		return ticket.UndeliveredBlocked
	case telegram.ClassDeactivated:
		return ticket.UndeliveredDeactivated
	case telegram.ClassNoChat, telegram.ClassNoRights, telegram.ClassKicked, telegram.ClassTopicGone, telegram.ClassMigrated:
		return ticket.UndeliveredNoChat
	default:
		return ""
	}
}

// unreachable is the outcome of a message to a person who blocked the bot,
// never started it, or is gone: nothing went wrong, and nothing is to be tried
// again.
func (n *Notifier) unreachable(ctx context.Context, user int64, e *telegram.Error) outbox.Outcome {
	zerolog.Ctx(ctx).Info().Int64("user", user).Stringer("reason", e.Class).Msg("a message did not reach its reader")
	return outbox.Done(func(ctx context.Context) error { return n.markUnreachable(ctx, user) })
}

// markUnreachable notes that messages to a person do not arrive. Somebody who
// was never met (an admin, perhaps) has no record to be marked.
func (n *Notifier) markUnreachable(ctx context.Context, user int64) error {
	if err := n.People.SetUnreachable(ctx, user, true); err != nil && !ticket.IsNotFound(err) {
		return err
	}
	return nil
}

// unread is the outcome of a job whose ticket cannot be read: over where it was
// deleted meanwhile, tried again where the store is at fault.
func unread(err error) outbox.Outcome {
	if ticket.IsNotFound(err) {
		return outbox.Done(nil)
	}
	return broken(err)
}

// broken is the outcome of a job that met an error of our own. One of a store
// that is away for a while, or of a process that ends, is no fault of the job.
func broken(err error) outbox.Outcome {
	if errors.Is(err, outbox.ErrStoreAway) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return outbox.Later(err, 0)
	}
	return outbox.Failed(err)
}
