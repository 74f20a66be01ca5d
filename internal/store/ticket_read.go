package store

import (
	"context"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// Ticket finds a ticket.
func (q queries) Ticket(ctx context.Context, id int64) (ticket.Ticket, error) {
	return q.ticket(ctx, "find a ticket", sqlf(`SELECT `+ticketColumns+` FROM tickets
		WHERE id = ? AND `+visible, id))
}

// OpenTicket finds the open ticket of an owner for a VIN.
func (q queries) OpenTicket(ctx context.Context, owner int64, vin string) (ticket.Ticket, error) {
	return q.ticket(ctx, "find an open ticket", sqlf(`SELECT `+ticketColumns+` FROM tickets
		WHERE `+openFor, owner, vin))
}

// openFor chooses the open ticket of an owner for a VIN, in the words of its
// index.
const openFor = `owner_id = ? AND vin = ? AND owner_id <> 0 AND ` + openStatuses + ` AND ` + visible

// ticket reads one ticket, column by column.
func (q queries) ticket(ctx context.Context, doing string, s statement) (ticket.Ticket, error) {
	var r ticketRow
	err := q.scan(ctx, doing, s, r.columns()...)
	if err != nil {
		return ticket.Ticket{}, err
	}
	return r.domain(), nil
}

// TicketsOf lists an owner's tickets in the given statuses, oldest first.
func (q queries) TicketsOf(ctx context.Context, owner int64, in ...ticket.Status) ([]ticket.Ticket, error) {
	return all[ticketRow](ctx, q, "list an owner's tickets", func(db *gorm.DB) *gorm.DB {
		return db.Where("owner_id = ? AND status IN ?", owner, in).Order("id")
	})
}

// OpenTickets lists the open tickets after an id, by id, limit at most.
func (q queries) OpenTickets(ctx context.Context, after int64, limit int) ([]ticket.Ticket, error) {
	return all[ticketRow](ctx, q, "list the open tickets", func(db *gorm.DB) *gorm.DB {
		return db.Where("id > ? AND "+openStatuses, after).Order("id").Limit(limit)
	})
}

// CardAt finds what ticket a message of a group stands for: a card, or the
// source message of a report; of a digest no ticket.
func (q queries) CardAt(ctx context.Context, chat int64, message int) (ticket.Card, error) {
	card, err := one[cardRow](ctx, q, "find a card", func(db *gorm.DB) *gorm.DB {
		return db.Where("chat_id = ? AND message_id = ?", chat, message).Where(ofVisible)
	})
	if card.Kind == ticket.CardDigest { // which of its tickets is meant, only a number says
		card.TicketID, card.Rendered = 0, 0
	}
	if !ticket.IsNotFound(err) {
		return card, err
	}
	r, err := q.ReportAt(ctx, chat, message)
	if err != nil {
		return ticket.Card{}, err
	}
	return ticket.Card{TicketID: r.TicketID, Place: r.Source, Kind: ticket.CardNote, PostedAt: r.ReceivedAt}, nil
}

// Digest lists what a digest shows, by ticket; nothing for any other message.
func (q queries) Digest(ctx context.Context, chat int64, message int) ([]ticket.Card, error) {
	return all[cardRow](ctx, q, "read a digest", func(db *gorm.DB) *gorm.DB {
		return db.Where("chat_id = ? AND message_id = ? AND kind = 'digest'", chat, message).Where(ofVisible).Order("ticket_id")
	})
}

// PromptAt finds the prompt that a message of ours is.
func (q queries) PromptAt(ctx context.Context, chat int64, message int) (ticket.Prompt, error) {
	return one[promptRow](ctx, q, "find a prompt", func(db *gorm.DB) *gorm.DB {
		return db.Where("chat_id = ? AND message_id = ?", chat, message).Where(ofVisible)
	})
}

// Cards lists the ticket's cards in every chat, oldest first. They are asked
// for before each card is posted, and read by hand as a ticket is.
func (q queries) Cards(ctx context.Context, id int64) ([]ticket.Card, error) {
	const doing = "list a ticket's cards"
	l, ctx, err := q.by(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := l.list(ctx, `SELECT chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at FROM cards
		WHERE ticket_id = ? AND `+ofVisible+` ORDER BY posted_at, chat_id, message_id`, []any{id})
	if err != nil {
		return nil, q.fault(doing, err)
	}
	defer rows.Close()
	cards := []ticket.Card{}
	for rows.Next() {
		var r cardRow
		err := rows.Scan(&r.ChatID, &r.MessageID, &r.TopicID, &r.TicketID, &r.Kind, &r.Rendered, &r.PostedAt)
		if err != nil {
			return nil, q.fault(doing, err)
		}
		cards = append(cards, r.domain())
	}
	return cards, q.fault(doing, rows.Err())
}

// Events lists a ticket's history, oldest first.
func (q queries) Events(ctx context.Context, id int64) ([]ticket.Event, error) {
	return all[eventRow](ctx, q, "list a ticket's events", func(db *gorm.DB) *gorm.DB {
		return db.Where("ticket_id = ?", id).Where(ofVisible).Order("id")
	})
}
