package manager

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// leavePause is how long the bot waits before it leaves a group: when a group
// becomes a supergroup, the bot's joining it may come before the news of what
// it was. Whoever carries the leaving out asks again whether it is allowed.
const leavePause = 30 * time.Second

// reply answers a message in the group, in the group's language.
func (h *Handler) reply(ctx context.Context, tx ticket.Tx, m *models.Message, s ticket.Say) error {
	s.To = message.PlaceOf(m)
	lane := senderKey(m)
	if s.Ticket != 0 {
		lane = ticket.Lane(s.Ticket)
	}
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectSay, Lane: lane, Chat: s.To.Chat, Urgency: ticket.ForGroup, TicketID: s.Ticket, Payload: s,
	})
}

// answerPress answers a button press; it counts against no chat's limit.
func answerPress(ctx context.Context, tx ticket.Tx, by int64, a ticket.PressAnswer) error {
	lane := userKey(by)
	if a.Ticket != 0 {
		lane = ticket.Lane(a.Ticket)
	}
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectPressAnswer, Lane: lane, Urgency: ticket.ForOwner, TicketID: a.Ticket, Payload: a, Fleeting: true,
	})
}

// leave has the bot leave a chat where it has no business, after a while. What
// else is for that chat does not wait for it.
func leave(ctx context.Context, tx ticket.Tx, chat int64) error {
	zerolog.Ctx(ctx).Warn().Msg("in a group that is not in the settings: leaving it")
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectLeaveChat, Lane: "leave:" + strconv.FormatInt(chat, 10), Urgency: ticket.ForGroup, After: leavePause,
		Merge: strconv.FormatInt(chat, 10), Payload: ticket.ChatRef{Chat: chat},
	})
}

func enqueue(ctx context.Context, tx ticket.Tx, e ticket.Effect) error {
	if err := tx.Enqueue(ctx, e); err != nil {
		return fmt.Errorf("enqueue %s: %w", e.Kind, err)
	}
	return nil
}

// meet remembers a person who acts in the group. It says nothing about whether
// their private chat can be reached: who blocked the bot may still work here.
func (h *Handler) meet(ctx context.Context, u models.User) error {
	seen, err := h.People.Seen(ctx, account.User{
		ID: u.ID, Name: message.FullName(u), Username: u.Username, Language: h.Languages.Language(u.LanguageCode),
	})
	if err != nil {
		return fmt.Errorf("remember a person: %w", err)
	}
	if !seen.Unreachable {
		return nil
	}
	if err := h.People.SetUnreachable(ctx, u.ID, true); err != nil {
		return fmt.Errorf("keep in mind that a person is out of reach: %w", err)
	}
	return nil
}
