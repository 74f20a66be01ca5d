package manager

import (
	"context"
	"strconv"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// OrderKey is what updates of a group share that must be handled in order: the
// ticket that they concern, else the sender. The items of an album are one
// sender's, whatever each of them says. It is empty for an update that is not
// of a group. It only asks, from what is stored by now: an update that gets
// the sender's key since its card is not stored yet is handled all the same.
func (h *Handler) OrderKey(ctx context.Context, u *models.Update) string {
	switch {
	case u.Message != nil:
		return h.messageKey(ctx, u.Message)
	case u.EditedMessage != nil:
		return h.messageKey(ctx, u.EditedMessage)
	case u.CallbackQuery != nil:
		return h.pressKey(ctx, u.CallbackQuery)
	case u.MyChatMember != nil:
		return groupKey(u.MyChatMember.Chat.ID)
	case u.ChatMember != nil:
		return groupKey(u.ChatMember.Chat.ID)
	}
	return ""
}

func (h *Handler) messageKey(ctx context.Context, m *models.Message) string {
	switch {
	case m.Chat.ID >= 0:
		return ""
	case m.MigrateToChatID != 0:
		return groupKey(m.Chat.ID)
	case m.MigrateFromChatID != 0: // the same as the other half of the news
		return groupKey(m.MigrateFromChatID)
	case m.MediaGroupID != "":
		return senderKey(m)
	}
	e := h.readErrand(m)
	if e.finishes && e.file == nil { // its file may come next
		return senderKey(m)
	}
	if _, replied, ok := h.repliedTo(m); ok && e.finishes && replied != nil && replied.MediaGroupID != "" { // behind the album
		return senderKey(replied)
	}
	if id, _ := e.command.Number(); h.verb(e.command.Name) != nil && id.ID != 0 {
		return ticket.Lane(id.ID)
	}
	if id := e.ticket(h.linkOf(ctx, m)); id != 0 {
		return ticket.Lane(id)
	}
	return senderKey(m)
}

// linkOf is linked without a transaction: it changes nothing.
func (h *Handler) linkOf(ctx context.Context, m *models.Message) int64 {
	at, replied, ok := h.repliedTo(m)
	if !ok {
		return 0
	}
	if card, err := h.Store.CardAt(ctx, at.Chat, at.Message); err == nil {
		return card.TicketID
	}
	if replied == nil || replied.From == nil || replied.From.ID != h.BotID {
		return 0
	}
	id, _, _ := message.TicketOf(replied)
	return id
}

func (h *Handler) pressKey(ctx context.Context, q *models.CallbackQuery) string {
	if at, known := message.PressedAt(q); known && at.Chat >= 0 {
		return ""
	}
	p, err := message.ParsePress(q.Data)
	if err != nil {
		return userKey(q.From.ID)
	}
	if id, ok := p.Ticket(); ok {
		return ticket.Lane(id)
	}
	if r, err := h.Store.Report(ctx, p.ID); err == nil && p.ID != 0 {
		return ticket.Lane(r.TicketID)
	}
	return userKey(q.From.ID)
}

// senderKey is the order key of what one person, or one chat, writes.
func senderKey(m *models.Message) string { return userKey(senderOf(m)) }

// senderOf is the person who wrote a message, or the chat in whose name it is.
func senderOf(m *models.Message) int64 {
	switch {
	case m.SenderChat != nil:
		return m.SenderChat.ID
	case m.From != nil:
		return m.From.ID
	default:
		return m.Chat.ID
	}
}

func userKey(id int64) string { return "user:" + strconv.FormatInt(id, 10) }

func groupKey(chat int64) string {
	if chat >= 0 {
		return ""
	}
	return ticket.ChatLane(chat)
}
