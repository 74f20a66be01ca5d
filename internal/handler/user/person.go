package user

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// sender is the person who wrote a message in a private chat. Where Telegram
// names nobody it is the chat itself, which has the person's id.
func sender(m *models.Message) models.User {
	if m.From != nil {
		return *m.From
	}
	return models.User{
		ID: m.Chat.ID, FirstName: m.Chat.FirstName, LastName: m.Chat.LastName, Username: m.Chat.Username,
	}
}

// meet remembers a person who did something in the private chat. For somebody
// whom nothing could reach before this means that they are back.
func (h *Handler) meet(ctx context.Context, u models.User) error {
	seen, err := h.People.Seen(ctx, account.User{
		ID: u.ID, Name: message.FullName(u), Username: u.Username, Language: h.Languages.Language(u.LanguageCode),
	})
	if err != nil {
		return fmt.Errorf("remember a person: %w", err)
	}
	if seen.Unreachable {
		return h.welcomeBack(ctx, u.ID)
	}
	return nil
}

// welcomeBack sends what could not be delivered.
func (h *Handler) welcomeBack(ctx context.Context, id int64) error {
	if err := h.People.SetUnreachable(ctx, id, false); err != nil {
		return fmt.Errorf("note that a person is back: %w", err)
	}
	sent, err := h.Tickets.OwnerReturned(ctx, id)
	if err != nil {
		return fmt.Errorf("welcome a person back: %w", err)
	}
	if err := h.Talk.OwnerReturned(ctx, id); err != nil {
		return fmt.Errorf("ask a person who is back: %w", err)
	}
	zerolog.Ctx(ctx).Info().Int64("user", id).Int("reports", sent).Msg("an owner is back")
	return nil
}

// membership notes that a person blocked the bot, or let it in again.
func (h *Handler) membership(ctx context.Context, c *models.ChatMemberUpdated) error {
	if c.Chat.Type != models.ChatTypePrivate {
		return nil
	}
	u := c.From
	if u.ID != c.Chat.ID { // nobody else can, but the chat is what counts
		u = models.User{ID: c.Chat.ID, FirstName: c.Chat.FirstName, LastName: c.Chat.LastName, Username: c.Chat.Username}
	}
	switch c.NewChatMember.Type {
	case models.ChatMemberTypeBanned, models.ChatMemberTypeLeft:
		return h.blocked(ctx, u)
	case models.ChatMemberTypeMember:
		if err := h.meet(ctx, u); err != nil {
			return err
		}
		// Whether or not anything had failed to arrive yet.
		return h.welcomeBack(ctx, u.ID)
	default:
		return nil
	}
}

// blocked notes that a person blocked the bot. Of somebody of whom nothing is
// kept, since they were forgotten, nothing is kept now either.
func (h *Handler) blocked(ctx context.Context, u models.User) error {
	err := h.People.SetUnreachable(ctx, u.ID, true)
	if ticket.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("note that a person is gone: %w", err)
	}
	zerolog.Ctx(ctx).Info().Int64("user", u.ID).Msg("an owner blocked the bot")
	return nil
}

// HandleUnknown answers an update of a private chat that this program cannot
// read: newer than it is, most likely. Of the person only the id and the
// language are known, and a name that is stored is kept.
func (h *Handler) HandleUnknown(ctx context.Context, chatID, userID int64, languageCode string) error {
	if chatID <= 0 {
		return nil
	}
	if userID == 0 {
		userID = chatID
	}
	err := h.Store.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
		barred, err := h.turnAway(ctx, tx, userID, ticket.Place{Chat: chatID})
		if barred || err != nil {
			return err
		}
		if over, err := h.tooFast(ctx, tx, arrival{from: userID, in: ticket.Place{Chat: chatID}}); over || err != nil {
			return err
		}
		known, err := h.People.User(ctx, userID)
		switch {
		case ticket.IsNotFound(err):
			if _, err := h.People.Seen(ctx, account.User{ID: userID, Language: h.Languages.Language(languageCode)}); err != nil {
				return fmt.Errorf("remember a person: %w", err)
			}
		case err != nil:
			return fmt.Errorf("look a person up: %w", err)
		case known.Unreachable:
			if err := h.welcomeBack(ctx, userID); err != nil {
				return err
			}
		}
		return say(ctx, tx, ticket.Say{Text: message.TextUnknown, To: ticket.Place{Chat: chatID}, User: userID})
	})
	if err != nil {
		return fmt.Errorf("answer an update that cannot be read: %w", err)
	}
	return nil
}
