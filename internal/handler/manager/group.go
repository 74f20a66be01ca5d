package manager

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// migrated follows a group that became a supergroup. Telegram tells it twice,
// in the old chat and in the new one; the first news counts.
func (h *Handler) migrated(ctx context.Context, from, to int64) error {
	news, err := h.Groups.Follow(ctx, from, to)
	if err != nil {
		return fmt.Errorf("follow a group: %w", err)
	}
	if !news {
		return nil
	}
	zerolog.Ctx(ctx).Info().Int64("group", from).Int64("supergroup", to).Msg("a managers' group became a supergroup")
	if err := h.Tickets.GroupMoved(ctx, from, to); err != nil {
		return fmt.Errorf("go along with a group: %w", err)
	}
	return nil
}

// strangeGroup answers in a group that is none of ours what was meant for the
// bot, and has it leave.
func (h *Handler) strangeGroup(ctx context.Context, tx ticket.Tx, e errand) error {
	if (e.finishes || e.help || h.verb(e.command.Name) != nil) && !e.edited && !fromProgram(e.m) {
		if err := h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextForeign}); err != nil {
			return err
		}
	}
	return leave(ctx, tx, e.m.Chat.ID)
}

// membership deals with what became of the bot itself in a group or a channel.
func (h *Handler) membership(ctx context.Context, tx ticket.Tx, c *models.ChatMemberUpdated) error {
	chat := c.Chat.ID
	switch {
	case c.Chat.Type == models.ChatTypePrivate:
		return nil
	case !h.Groups.Allowed(chat):
		if isMember(c.NewChatMember) {
			return leave(ctx, tx, chat)
		}
		return nil
	case h.Groups.Now(chat) != chat: // the shell that a supergroup leaves behind
		return nil
	case !MayWrite(c.NewChatMember):
		return h.alarm(ctx, tx, c.Chat)
	default:
		return enqueue(ctx, tx, ticket.Commands(chat))
	}
}

// alarm tells the admins that cards reach nobody. The cards wait meanwhile.
func (h *Handler) alarm(ctx context.Context, tx ticket.Tx, chat models.Chat) error {
	zerolog.Ctx(ctx).Warn().Msg("the bot cannot write in a managers' group")
	for _, e := range ticket.Alarms(ticket.Say{Text: ticket.TextGroupMuted, Name: chat.Title}, h.Roles.Admins, nil) {
		if err := enqueue(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}
