package user

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// barred turns away whoever is banned: they are told once, with the reason, and
// then meet with silence; nothing is kept of what they write. What concerns
// their data they may still ask.
func (h *Handler) barred(ctx context.Context, tx ticket.Tx, m *models.Message) (bool, error) {
	if c, ok := message.FindCommand(m.Text, m.Entities, h.BotName()); ok && c.AboutData() {
		return false, nil
	}
	return h.turnAway(ctx, tx, sender(m).ID, message.PlaceOf(m))
}

// barredPress does the same for a press, which is answered in any case: the
// button must not wait.
func (h *Handler) barredPress(ctx context.Context, tx ticket.Tx, q *models.CallbackQuery) (bool, error) {
	if p, err := message.ParsePress(q.Data); err == nil && p.AboutData() {
		return false, nil
	}
	barred, err := h.turnAway(ctx, tx, q.From.ID, ticket.Place{Chat: q.From.ID})
	if !barred || err != nil {
		return barred, err
	}
	return true, answerPress(ctx, tx, ticket.PressAnswer{Press: q.ID, User: q.From.ID})
}

// turnAway reports whether a person is banned, and tells them if they do not
// know.
func (h *Handler) turnAway(ctx context.Context, tx ticket.Tx, user int64, at ticket.Place) (bool, error) {
	ban, err := h.Bans.Banned(ctx, user)
	if ticket.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a ban: %w", err)
	}
	zerolog.Ctx(ctx).Info().Int64("user", user).Bool("told", ban.Told).Msg("somebody who is banned")
	if ban.Told {
		return true, nil
	}
	if err := h.Bans.Told(ctx, user); err != nil {
		return true, fmt.Errorf("note that a ban is known: %w", err)
	}
	return true, say(ctx, tx, ticket.Say{Text: message.TextBanned, To: at, User: user, Input: ban.Reason})
}
