package manager

import (
	"context"
	"strconv"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// queue lists what nobody has taken, a page of it.
func (h *Handler) queue(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error) {
	page, err := strconv.Atoi(o.command.Arguments)
	if err != nil || page < 1 {
		page = 1
	}
	return nil, list(ctx, tx, o, ticket.List{Kind: ticket.ListQueue, Page: page})
}

// inHand lists what the sender of the command has in hand.
func (h *Handler) inHand(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error) {
	return nil, list(ctx, tx, o, ticket.List{Kind: ticket.ListMine, User: o.by.ID})
}

// find lists the tickets for a VIN, or for the end of one, which is read as an
// owner's would be.
func (h *Handler) find(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error) {
	wanted, _ := vin.Normalize(o.command.Arguments)
	if len(wanted) != ticket.TailLength && len(wanted) != vin.Length {
		return o.usage(), nil
	}
	return nil, list(ctx, tx, o, ticket.List{Kind: ticket.ListFound, VIN: wanted})
}

// list asks for a list of tickets: it is read when it is sent.
func list(ctx context.Context, tx ticket.Tx, o order, l ticket.List) error {
	l.To = message.PlaceOf(o.m)
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectList, Lane: senderKey(o.m), Chat: l.To.Chat, Urgency: ticket.ForGroup, Payload: l,
	})
}

// stats asks for the statistics of a period: they are counted when they are
// sent.
func (h *Handler) stats(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error) {
	period, ok := message.ParsePeriod(o.command.Arguments)
	if !ok {
		return o.usage(), nil
	}
	to := message.PlaceOf(o.m)
	return nil, enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectStats, Lane: senderKey(o.m), Chat: to.Chat, Urgency: ticket.ForGroup,
		Payload: ticket.Stats{To: to, Period: period},
	})
}
