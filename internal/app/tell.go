package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/inbox"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// teller gives what says to whoever's update was set aside that it was; nil
// where nobody waits for an answer: for what was no deed of theirs, the
// managers' own talk, and strange groups.
func (r *router) teller(u *models.Update, chat models.Chat) func(ctx context.Context) error {
	if chat.Type != models.ChatTypePrivate && !r.allowed(chat.ID) {
		return nil
	}
	if q := u.CallbackQuery; q != nil {
		return r.telling(failedPress(q.ID, q.From.ID, chat.Type))
	}
	m, words := written(u)
	if m == nil || m.MigrateToChatID != 0 || m.MigrateFromChatID != 0 {
		return nil
	}
	if chat.Type != models.ChatTypePrivate && m.Document == nil && m.ReplyToMessage == nil && !isCommand(words) {
		return nil
	}
	return r.telling(failedMessage(message.PlaceOf(m)))
}

// telling enqueues an effect.
func (r *router) telling(e ticket.Effect) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		err := r.do(ctx, func(ctx context.Context, tx ticket.Tx) error { return tx.Enqueue(ctx, e) })
		if err != nil {
			return fmt.Errorf("tell whose update was set aside: %w", err)
		}
		return nil
	}
}

// tellingFor enqueues an effect on behalf of an update.
func (r *router) tellingFor(u inbox.Update, chat int64, e ticket.Effect) func(ctx context.Context) error {
	tell := r.telling(e)
	return func(ctx context.Context) error { return tell(requestContext(ctx, r.log, u, chat)) }
}

// failedMessage answers a message that was set aside, in the person's language
// or, in a group, in the group's.
func failedMessage(at ticket.Place) ticket.Effect {
	return ticket.Announce(ticket.Say{Text: ticket.TextUpdateFailed}, at)
}

// failedPress answers a press that was set aside: the button stops waiting.
func failedPress(press string, user int64, in models.ChatType) ticket.Effect {
	a := ticket.PressAnswer{Press: press, Text: message.PressFailed}
	if in == models.ChatTypePrivate {
		a.User = user // whose language the answer is in; a group's is its own
	}
	return ticket.Effect{
		Kind: ticket.EffectPressAnswer, Lane: ticket.ChatLane(user), Urgency: ticket.ForOwner, Payload: a, Fleeting: true,
	}
}

func isCommand(words string) bool { return strings.HasPrefix(strings.TrimSpace(words), "/") }
