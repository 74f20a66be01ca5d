package notify

import (
	"context"
	"errors"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// sendPanelLink sends a manager or an admin a link into the panel. It is made here
// and stands in the message only. One whose message perhaps arrived works beside
// the next one, for minutes, and for the same person.
func (n *Notifier) sendPanelLink(ctx context.Context, r ticket.LinkRef) outbox.Outcome {
	lang, err := n.language(ctx, r.User)
	if err != nil {
		return broken(err)
	}
	link, app, err := n.Door.Link(ctx, r.User)
	if e, ok := errors.AsType[*telegram.Error](err); ok { // who is in a group was asked, and nothing sent
		return outbox.Later(e, e.RetryAfter)
	}
	if err != nil {
		return broken(err)
	}
	if link == "" {
		return n.say(ctx, ticket.Say{Text: message.TextUnclear, To: r.To, User: r.User})
	}
	if _, err := n.post(ctx, r.To, n.Book.PanelLink(lang, link, app)); err != nil {
		return n.failed(ctx, r.To.Chat, err)
	}
	return outbox.Done(func(ctx context.Context) error { // from now on it is in their menu
		return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error { return tx.Enqueue(ctx, ticket.Commands(r.User)) })
	})
}
