package user

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// language answers /lang: it asks which, unless a language is named behind it.
func (h *Handler) language(ctx context.Context, tx ticket.Tx, m *models.Message, named string) error {
	if lang := h.Languages.Language(named); lang != "" {
		to := message.PlaceOf(m)
		to.Message = 0
		return h.speak(ctx, tx, to, choice{user: sender(m).ID, language: lang})
	}
	return h.tell(ctx, tx, m, message.TextLanguage)
}

// choice is the language that a person chose.
type choice struct {
	user     int64
	language string
}

// speak stores the choice, and says so in it: what is sent later is in the
// language that is stored then. The menu of commands follows.
func (h *Handler) speak(ctx context.Context, tx ticket.Tx, to ticket.Place, c choice) error {
	if err := h.People.ChooseLanguage(ctx, c.user, c.language); err != nil {
		return fmt.Errorf("store a person's language: %w", err)
	}
	if err := enqueue(ctx, tx, ticket.Commands(c.user)); err != nil {
		return err
	}
	return say(ctx, tx, ticket.Say{Text: message.TextLanguageChosen, To: to, User: c.user})
}

// speaks takes the language that a button names.
func (h *Handler) speaks(ctx context.Context, tx ticket.Tx, b button) error {
	if err := h.speak(ctx, tx, b.chat(), choice{user: b.query.From.ID, language: b.press.Word}); err != nil {
		return err
	}
	if err := answerPress(ctx, tx, b.answer(message.PressLanguage)); err != nil {
		return err
	}
	return b.settle(ctx, tx)
}
