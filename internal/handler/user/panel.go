package user

import (
	"context"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// panel answers /panel: whoever sends it is looked at, and the link made, when the
// answer is sent. To who is neither manager nor admin there is no such command.
func (h *Handler) panel(ctx context.Context, tx ticket.Tx, m *models.Message) error {
	to := message.PlaceOf(m)
	to.Message = 0
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectPanelLink, Lane: ticket.ChatLane(to.Chat), Chat: to.Chat, Urgency: ticket.ForOwner,
		Payload: ticket.LinkRef{User: sender(m).ID, To: to},
	})
}
