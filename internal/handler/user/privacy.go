package user

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// privacy says what is kept of a person, how long, and how it is erased.
func (h *Handler) privacy(ctx context.Context, tx ticket.Tx, m *models.Message) error {
	to := message.PlaceOf(m)
	to.Message = 0
	return say(ctx, tx, ticket.Say{Text: message.TextPrivacy, To: to, User: sender(m).ID, Count: h.Retention})
}

// asksToBeForgotten asks whether that is meant: nobody can take it back.
func (h *Handler) asksToBeForgotten(ctx context.Context, tx ticket.Tx, m *models.Message) error {
	return h.tell(ctx, tx, m, message.TextForget)
}

// forget takes the answer. A yes is carried out in the background, and the
// question is made to say so; a button that is another person's does nothing.
func (h *Handler) forget(ctx context.Context, tx ticket.Tx, b button) error {
	who := b.query.From.ID
	switch {
	case b.press.ID != who:
		return answerPress(ctx, tx, b.answer(message.PressUnknown))
	case b.press.Kind == message.PressKindForgetNot:
		if err := answerPress(ctx, tx, b.answer(message.PressNotForgot)); err != nil {
			return err
		}
		return b.settle(ctx, tx)
	}
	known, err := h.People.User(ctx, who)
	if err != nil && !ticket.IsNotFound(err) {
		return fmt.Errorf("look a person up: %w", err)
	}
	if err := h.Forgetting.Confirm(ctx, ticket.Erasure{Owner: who, Message: b.at.Message, Language: known.Language}); err != nil {
		return fmt.Errorf("forget a person: %w", err)
	}
	zerolog.Ctx(ctx).Info().Int64("user", who).Msg("somebody wants to be forgotten")
	return answerPress(ctx, tx, b.answer(message.PressForgetting))
}
