package notify

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// postCard posts a ticket's card in a group, unless it is there already.
func (n *Notifier) postCard(ctx context.Context, c ticket.CardRef) outbox.Outcome {
	chat := n.Groups.Now(c.At.Chat)
	cards, err := n.Store.Cards(ctx, c.Ticket)
	if err != nil {
		return outbox.Failed(fmt.Errorf("read the cards: %w", err))
	}
	for _, known := range cards {
		if known.Kind == ticket.CardMain && known.Place.Chat == chat {
			return outbox.Done(nil)
		}
	}
	t, text, err := n.card(ctx, c.Ticket)
	if err != nil {
		return unread(err)
	}
	at, err := n.post(ctx, ticket.Place{Chat: chat, Topic: c.At.Topic}, text)
	if err != nil {
		return n.failed(ctx, chat, err)
	}
	return outbox.Done(func(ctx context.Context) error {
		return n.Tickets.CardPosted(ctx, ticket.Card{
			TicketID: t.ID, Place: at, Kind: ticket.CardMain, Rendered: t.Version,
		})
	})
}

// editCard makes a card show the ticket's present state. A card whose message
// is gone is posted anew.
func (n *Notifier) editCard(ctx context.Context, c ticket.CardRef) outbox.Outcome {
	_, text, err := n.card(ctx, c.Ticket)
	if err != nil {
		return unread(err)
	}
	p := &bot.EditMessageTextParams{
		ChatID: c.At.Chat, MessageID: c.At.Message, Text: text.HTML, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: noPreview(),
	}
	if text.Keyboard != nil {
		p.ReplyMarkup = text.Keyboard
	}
	_, err = n.Sender.EditMessageText(ctx, p)
	if err == nil {
		n.heard(c.At.Chat)
		return outbox.Done(nil)
	}
	switch telegram.ClassOf(err) {
	case telegram.ClassNotModified:
		n.heard(c.At.Chat)
		return outbox.Done(nil)
	case telegram.ClassPostAnew:
		return outbox.Done(func(ctx context.Context) error { return n.Tickets.CardGone(ctx, c.Ticket, c.At) })
	case telegram.ClassMigrated, telegram.ClassKicked, telegram.ClassNoChat, telegram.ClassNoRights:
		if n.Groups.Now(c.At.Chat) != c.At.Chat { // an old card in a chat that is gone
			return outbox.Dead(err, nil)
		}
	default:
	}
	return n.failed(ctx, c.At.Chat, err)
}

// card renders a ticket's card as it is now.
func (n *Notifier) card(ctx context.Context, id int64) (ticket.Ticket, message.Text, error) {
	t, err := n.Store.Ticket(ctx, id)
	if err != nil {
		return ticket.Ticket{}, message.Text{}, fmt.Errorf("read the ticket of a card: %w", err)
	}
	view := message.CardView{Ticket: t, Zone: n.Zone, BotName: n.BotName()}
	if t.Status == ticket.Done {
		if view.Report, err = n.Store.LastReport(ctx, id); err != nil && !ticket.IsNotFound(err) {
			return ticket.Ticket{}, message.Text{}, fmt.Errorf("read the report of a card: %w", err)
		}
	}
	if t.OwnerID != 0 {
		owner, err := n.Accounts.User(ctx, t.OwnerID)
		if err != nil && !ticket.IsNotFound(err) {
			return ticket.Ticket{}, message.Text{}, fmt.Errorf("read the owner of a card: %w", err)
		}
		view.OwnerName, view.OwnerUsername = owner.Name, owner.Username
	}
	return t, n.Book.Card(n.Language, view), nil
}

// unread is the outcome of a job whose ticket cannot be read: over where it is
// gone, tried again where the store is at fault.
func unread(err error) outbox.Outcome {
	if ticket.IsNotFound(err) {
		return outbox.Dead(err, nil)
	}
	return outbox.Failed(err)
}
