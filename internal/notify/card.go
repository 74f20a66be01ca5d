package notify

import (
	"context"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// postCard posts a ticket's card in a group, unless it is there already and
// nobody asked for it again.
func (n *Notifier) postCard(ctx context.Context, c ticket.CardRef) outbox.Outcome {
	to := ticket.Place{Chat: n.Groups.Now(c.At.Chat), Topic: c.At.Topic}
	if n.foreign(to.Chat) {
		zerolog.Ctx(ctx).Info().Int64("chat", to.Chat).Int64("ticket", c.Ticket).
			Msg("no card: the group is no longer in MANAGER_CHAT")
		return outbox.Done(nil)
	}
	shown, text, err := n.card(ctx, c.Ticket)
	if err != nil {
		return unread(err)
	}
	t := shown.Ticket
	if t.Deleted() || c.WhileOpen && !t.Status.Open() {
		return outbox.Done(nil)
	}
	if shown.Posted && !c.Again {
		cards, err := n.Store.Cards(ctx, c.Ticket)
		if err != nil {
			return broken(fmt.Errorf("read the cards: %w", err))
		}
		if slices.ContainsFunc(cards, func(known ticket.Card) bool { return n.stands(known, to) }) {
			return outbox.Done(nil)
		}
	}
	to.Message = c.ReplyTo
	at, err := n.post(ctx, to, text)
	if err != nil {
		return n.failed(ctx, at.Chat, err)
	}
	return outbox.Done(func(ctx context.Context) error {
		return n.Tickets.CardPosted(ctx, ticket.Card{
			TicketID: t.ID, Place: at, Kind: ticket.CardMain, Rendered: t.Version,
		})
	})
}

// stands reports whether a card is the one that belongs to a place. One of a
// topic that is gone stands in the main thread, unless that is a place of its
// own.
func (n *Notifier) stands(card ticket.Card, in ticket.Place) bool {
	if card.Kind != ticket.CardMain || card.Place.Chat != in.Chat {
		return false
	}
	general := slices.Contains(n.Groups.Current(), ticket.Place{Chat: in.Chat})
	return card.Place.Topic == in.Topic || card.Place.Topic == 0 && !general
}

// editCard makes a card show the ticket's present state. A card whose message
// is gone is posted anew.
func (n *Notifier) editCard(ctx context.Context, c ticket.CardRef) outbox.Outcome {
	if n.foreign(c.At.Chat) {
		return outbox.Done(nil)
	}
	_, text, err := n.card(ctx, c.Ticket)
	if err != nil {
		return unread(err)
	}
	return n.redraw(ctx, c.At, text, func(ctx context.Context) error { return n.Tickets.CardGone(ctx, c.Ticket, c.At) })
}

// card renders a ticket's card as it is now: that of a deleted one says so.
func (n *Notifier) card(ctx context.Context, id int64) (account.Showing, message.Text, error) {
	var none account.Showing
	shown, err := n.Showings.Showing(ctx, id)
	if ticket.IsNotFound(err) {
		shown.Ticket, err = n.Store.DeletedTicket(ctx, id)
	}
	if err != nil {
		return none, message.Text{}, fmt.Errorf("read the ticket of a card: %w", err)
	}
	t := shown.Ticket
	view := message.CardView{
		Ticket: t, Zone: n.Zone, BotName: n.BotName(), Deadline: n.Deadlines.Deadline(t), Now: n.Clock(),
		OwnerName: shown.Owner.Name, OwnerUsername: shown.Owner.Username,
	}
	if shown.Served {
		if view.Reusable, err = n.Tickets.Offered(ctx, t, view.Now); err != nil && !ticket.IsNotFound(err) {
			return none, message.Text{}, fmt.Errorf("look for a report that a card offers: %w", err)
		}
	}
	if t.Status == ticket.Done {
		if view.Report, err = n.Store.LastReport(ctx, id); err != nil && !ticket.IsNotFound(err) {
			return none, message.Text{}, fmt.Errorf("read the report of a card: %w", err)
		}
	}
	if !shown.NoBans {
		if _, err := n.Bans.Banned(ctx, t.OwnerID); err == nil {
			view.OwnerBanned = true
		} else if !ticket.IsNotFound(err) {
			return none, message.Text{}, fmt.Errorf("look for a ban of a card's owner: %w", err)
		}
	}
	return shown, n.Book.Card(n.Language, view), nil
}
