package ticket

import (
	"context"
	"fmt"
	"strconv"
)

// Overdue is a step that is taken about a ticket whose time is up.
type Overdue struct {
	Ticket int64 `json:"ticket"`
	Cycle  int   `json:"cycle"` // of the ticket, when its time was up
	Step   Step  `json:"step"`
	// User is who had a ticket that is released; 0 for somebody whom nothing
	// may name.
	User int64 `json:"user,omitempty"`
}

// Reminder tells one place of one overdue ticket.
type Reminder struct {
	Overdue

	To Place `json:"to"`
}

// Backlog tells one place of several overdue tickets at once.
type Backlog struct {
	To      Place     `json:"to"`
	Overdue []Overdue `json:"overdue"`
}

// Remind is the effect that tells a place of an overdue ticket, unless the
// ticket has moved on by then. In a group it comes after cards of tickets that
// nobody has seen, and answers about the ticket do not wait for it.
func Remind(o Overdue, to Place) Effect {
	e := Effect{
		Kind: EffectRemind, Lane: "remind:" + strconv.FormatInt(o.Ticket, 10), Chat: to.Chat, Urgency: ForShown, TicketID: o.Ticket,
		Payload: Reminder{Overdue: o, To: to},
	}
	if to.Chat > 0 {
		e.Lane, e.Urgency = ChatLane(to.Chat), ForOwner
	}
	return e
}

// TellBacklog is the effect that tells a place of all overdue tickets at once.
func TellBacklog(overdue []Overdue, to Place) Effect {
	e := Effect{
		Kind: EffectBacklog, Lane: ChatLane(to.Chat), Chat: to.Chat, Urgency: ForShown, Payload: Backlog{To: to, Overdue: overdue},
	}
	if to.Chat > 0 {
		e.Urgency = ForOwner
	}
	return e
}

// NoteOverdue writes into a ticket's history that a step is taken about it. It
// joins the transaction that ctx carries.
func (s *Service) NoteOverdue(ctx context.Context, t Ticket, step Step) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		return tx.AddEvent(ctx, Event{TicketID: t.ID, Kind: EventOverdue, From: t.Status, To: t.Status, Detail: string(step)})
	})
	if err != nil {
		return fmt.Errorf("note that ticket %d is overdue: %w", t.ID, err)
	}
	return nil
}
