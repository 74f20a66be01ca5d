package notify

import (
	"context"
	"fmt"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// list answers a manager with a list of tickets as they are now.
func (n *Notifier) list(ctx context.Context, l ticket.List) outbox.Outcome {
	view := message.ListView{Kind: l.Kind, VIN: l.VIN, Page: max(1, l.Page), Now: n.Clock()}
	var err error
	switch l.Kind {
	case ticket.ListQueue:
		view.Tickets, view.Total, err = n.Store.Queue(ctx, (view.Page-1)*message.MaxList, message.MaxList)
	case ticket.ListMine:
		view.Tickets, err = n.Store.InHand(ctx, l.User, message.MaxList)
		view.Total = len(view.Tickets)
		if view.Total == message.MaxList && err == nil {
			view.Total, err = n.Store.CountInHand(ctx, l.User)
		}
	case ticket.ListFound:
		view.Tickets, err = n.Store.Find(ctx, l.VIN, message.MaxList)
		view.Total = len(view.Tickets)
		if view.Total == message.MaxList && err == nil {
			view.Total, err = n.Store.CountFound(ctx, l.VIN)
		}
	default:
		return outbox.Dead(fmt.Errorf("there is no list %q", l.Kind), nil)
	}
	if err != nil {
		return broken(fmt.Errorf("list tickets: %w", err))
	}
	at, err := n.post(ctx, l.To, n.Book.List(n.Language, view))
	if err != nil {
		return n.failed(ctx, at.Chat, err)
	}
	return outbox.Done(nil)
}
