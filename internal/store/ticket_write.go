package store

import (
	"context"
	"time"

	"vinbot/internal/ticket"
)

// Insert stores a new ticket and sets its ID and Version, unless its owner has
// an open one for the VIN. It looks for that first, since the number that a
// refused row was given would be missing; only two processes that insert at once
// leave it to the index.
func (t *tx) Insert(ctx context.Context, k *ticket.Ticket) error {
	if err := t.usable(); err != nil {
		return t.fault("insert a ticket", err)
	}
	k.Version = 1
	if id := ticket.RequestID(ctx); id != "" {
		k.RequestID = id
	}
	k.OpenedAt = timeOr(k.OpenedAt, t.now)
	k.BeganAt, k.QueuedAt, k.Cycle = timeOr(k.BeganAt, k.OpenedAt), timeOr(k.QueuedAt, k.OpenedAt), max(k.Cycle, 1)
	values := []any{
		k.VIN, k.Status, k.Priority, k.OwnerID, k.Confirmed, k.AssigneeID, k.AssigneeName,
		k.Undeliverable, k.Version, instant(k.OpenedAt), instant(k.TakenAt), instant(k.ClosedAt), k.RequestID,
		k.Cycle, instant(k.BeganAt), instant(k.QueuedAt), int64(k.ToTake.Seconds()), int64(k.ToDone.Seconds()), k.Late, k.Fetched, t.lookAt(*k),
	}
	written, err := t.insertLate(k, values)
	if l := t.later(); l != nil {
		delete(l.demands, k.OwnerID)
	}
	if err != nil || written {
		return err
	}
	columns, places := newTicketColumns, repeated("?", len(values))
	if unused := t.writer.unused(); len(unused) > 0 {
		columns, places, values = columns+", id", places+", CAST(? AS BIGINT)", append(values, unused[0])
	}
	id, err := t.insert(ctx, "insert a ticket", t.ofTickets(`
		INSERT INTO tickets (`+columns+`)
		SELECT `+places+`
			WHERE ? OR NOT EXISTS (SELECT 1 FROM tickets WHERE `+openFor+`)
		ON CONFLICT DO NOTHING`,
		append(values, !k.Status.Open(), k.OwnerID, k.VIN)...))
	if k.ID = id; ticket.IsNotFound(err) {
		return secondForVIN()
	}
	t.writer.use(id)
	return err
}

// ofTickets is a statement that is blind where no ticket is to be written late.
func (t *tx) ofTickets(text string, values ...any) statement {
	s := sqlf(text, values...)
	if l := t.later(); l != nil && len(l.ticketRows) > 0 {
		return s
	}
	return s.blind()
}

// newTicketColumns are those that a new ticket is stored with.
const newTicketColumns = `vin, status, priority, owner_id, confirmed, assignee_id, assignee_name,
	undeliverable, version, opened_at, taken_at, closed_at, request_id,
	cycle, began_at, queued_at, take_seconds, done_seconds, late, fetched, look_at`

// timeOr gives a time, or another where it is none.
func timeOr(at, otherwise time.Time) time.Time {
	if at.IsZero() {
		return otherwise
	}
	return at
}

// Update writes the ticket if its Version is still the stored one.
func (t *tx) Update(ctx context.Context, k *ticket.Ticket) error {
	n, err := t.exec(ctx, "update a ticket", `
		UPDATE tickets SET vin = ?, status = ?, priority = ?, owner_id = ?, confirmed = ?, assignee_id = ?,
			assignee_name = ?, undeliverable = ?, rejection = ?, rejection_text = ?, rejected_by = ?, taken_at = ?, closed_at = ?,
			cycle = ?, began_at = ?, queued_at = ?, take_seconds = ?, done_seconds = ?, late = ?, look_at = ?, version = version + 1
		WHERE id = ? AND version = ? AND `+visible,
		k.VIN, k.Status, k.Priority, k.OwnerID, k.Confirmed, k.AssigneeID,
		k.AssigneeName, k.Undeliverable, k.Rejection, k.RejectionText, k.RejectedBy, instant(k.TakenAt), instant(k.ClosedAt),
		k.Cycle, instant(k.BeganAt), instant(k.QueuedAt), int64(k.ToTake.Seconds()), int64(k.ToDone.Seconds()), k.Late, t.lookAt(*k),
		k.ID, k.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		if _, err := t.Ticket(ctx, k.ID); err != nil {
			return err
		}
		return ticket.NewError(ticket.CodeConflict, "update a ticket: it has changed meanwhile", nil)
	}
	k.Version++
	return nil
}

// Hold has whoever else would change a ticket, in the bin or not, wait until the
// transaction ends that ctx carries.
func (s *Store) Hold(ctx context.Context, id int64) error {
	return s.do(ctx, func(ctx context.Context, t *tx) error {
		question := t.writer.dialect.hold()
		if question == "" {
			return nil
		}
		err := t.scan(ctx, "hold a ticket", sqlf(`SELECT id FROM tickets WHERE id = ?`+question, id), &id)
		if ticket.IsNotFound(err) {
			return nil // who looks for it will say so
		}
		return err
	})
}

// HoldOwner has whoever else would note that a person wrote, or open a ticket for
// them, wait until the transaction ends that ctx carries. One whom nobody ever met
// is not held.
func (s *Store) HoldOwner(ctx context.Context, owner int64) error {
	return s.do(ctx, func(ctx context.Context, t *tx) error {
		question := t.writer.dialect.hold()
		if question == "" {
			return nil
		}
		err := t.scan(ctx, "hold an owner", sqlf(`SELECT id FROM users WHERE id = ?`+question, owner), &owner)
		if ticket.IsNotFound(err) {
			return nil
		}
		return err
	})
}

// Take sets the assignee of a ticket that is still New, notes how long it
// waited, and reports whether this call did it. Where the ticket has changed since
// it was read its deadlines are looked at at once, as it is by then: a time in the
// past says so.
func (t *tx) Take(ctx context.Context, k ticket.Ticket, by ticket.Actor) (bool, error) {
	taken := k
	taken.Status, taken.TakenAt = ticket.Taken, t.now
	n, err := t.exec(ctx, "take a ticket", `
		UPDATE tickets SET status = 'taken', assignee_id = ?, assignee_name = ?, taken_at = ?,
			take_seconds = ?, late = ?, look_at = CASE WHEN version = ? THEN ? ELSE opened_at END, version = version + 1
		WHERE id = ? AND status = 'new' AND `+visible,
		by.ID, by.Name, instant(t.now), int64(k.ToTake.Seconds()), k.Late, k.Version, t.lookAt(taken), k.ID)
	return n == 1, err
}

// AddEvent adds a line to a ticket's history.
func (t *tx) AddEvent(ctx context.Context, e ticket.Event) error {
	if id := ticket.RequestID(ctx); id != "" {
		e.RequestID = id
	}
	if e.At.IsZero() {
		e.At = t.now
	}
	values := []any{e.TicketID, e.Kind, e.From, e.To, e.ActorID, e.ReportID, e.Detail, instant(e.At), e.RequestID}
	if l := t.later(); l != nil {
		l.eventRows = append(l.eventRows, values...)
	} else if err := t.insertOne(ctx, newEvents(), values); err != nil {
		return err
	}
	t.left.events = append(t.left.events, e)
	return nil
}

// AddCard stores a card, or what it shows now where it is known already: one
// of a message, or of a digest one for each of its tickets.
func (t *tx) AddCard(ctx context.Context, c ticket.Card) error {
	if c.PostedAt.IsZero() {
		c.PostedAt = t.now
	}
	values := []any{c.Place.Chat, c.Place.Message, c.Place.Topic, c.TicketID, c.Kind, c.Rendered, instant(c.PostedAt)}
	if c.Kind == ticket.CardDigest {
		return t.insertOne(ctx, newCards(byMessageAndTicket), values)
	}
	if l := t.later(); l != nil {
		l.cardRows = append(l.cardRows, values...)
		return nil
	}
	return t.insertOne(ctx, newCards(byMessage), values)
}

// PostCard is AddCard for a card of a ticket, in the bin or not, whose version it
// gives, since the ticket may have moved on while the card was under way. Whoever
// changes the ticket now waits, and so sees the card.
func (t *tx) PostCard(ctx context.Context, c ticket.Card) (version int64, err error) {
	if version, known := t.version(c.TicketID); known {
		return version, t.AddCard(ctx, c)
	}
	err = t.scan(ctx, "look whether a card is stale", sqlf(`SELECT version FROM tickets WHERE id = ?`+t.writer.dialect.hold(), c.TicketID), &version)
	if err != nil {
		return 0, err
	}
	return version, t.AddCard(ctx, c)
}

// DropCard forgets a card, or all of a digest, whose message is gone.
func (t *tx) DropCard(ctx context.Context, chat int64, message int) error {
	_, err := t.exec(ctx, "drop a card", `DELETE FROM cards WHERE chat_id = ? AND message_id = ?`, chat, message)
	return err
}

// AddPrompt stores that a message of ours is a prompt, once.
func (t *tx) AddPrompt(ctx context.Context, p ticket.Prompt) error {
	if p.AskedAt.IsZero() {
		p.AskedAt = t.now
	}
	_, err := t.exec(ctx, "add a prompt", `
		INSERT INTO prompts (chat_id, message_id, ticket_id, kind, asked_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (chat_id, message_id) DO NOTHING`,
		p.Place.Chat, p.Place.Message, p.TicketID, p.Kind, instant(p.AskedAt))
	return err
}

// DropPrompts forgets the prompts of a ticket.
func (t *tx) DropPrompts(ctx context.Context, id int64) error {
	_, err := t.exec(ctx, "drop prompts", `DELETE FROM prompts WHERE ticket_id = ?`, id)
	return err
}
