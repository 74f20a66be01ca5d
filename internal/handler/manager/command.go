package manager

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// order is a command of a manager's about a ticket, or about none.
type order struct {
	errand
	by ticket.Actor
	// id is the ticket's number as it was given, else that of the card that
	// the command replies to; 0 for none.
	id   int64
	rest string // what stands behind the number
}

// verb does what a command says. What it gives is said in reply.
type verb func(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error)

// verb gives what a command does, besides /done and /help; nil for none of ours.
func (h *Handler) verb(name string) verb {
	switch name {
	case message.CommandQueue:
		return h.queue
	case message.CommandInHand:
		return h.inHand
	case message.CommandFind:
		return h.find
	case message.CommandTicket:
		return h.ticketCard
	case message.CommandPriority:
		return h.priority
	case message.CommandAssign:
		return h.assign
	case message.CommandReopen:
		return h.reopen
	case message.CommandStats:
		return h.stats
	}
	return nil
}

// onlyShows tells whether a command changes nothing and is the same whoever gives
// it, so that an anonymous admin may.
func onlyShows(name string) bool {
	switch name {
	case message.CommandQueue, message.CommandFind, message.CommandTicket:
		return true
	}
	return false
}

// obey carries out a command for those who may give one, or says what is wrong.
// An edited message is no new command.
func (h *Handler) obey(ctx context.Context, tx ticket.Tx, e errand, do verb) error {
	if e.edited {
		return nil
	}
	o := order{errand: e}
	if !onlyShows(e.command.Name) || !asGroup(e.m) {
		if no := h.objectionToSender(e); no != nil {
			return h.reply(ctx, tx, e.m, *no)
		}
		by, err := h.author(ctx, e)
		if err != nil {
			return err
		}
		o.by = by
	}
	var err error
	number, rest := e.command.Number()
	o.id, o.rest = number.ID, rest
	if !number.HasID {
		if o.id, err = h.linked(ctx, tx, e.m); err != nil {
			return err
		}
	}
	say, err := do(ctx, tx, o)
	if err != nil {
		return fmt.Errorf("obey /%s: %w", e.command.Name, err)
	}
	zerolog.Ctx(ctx).Debug().Str("command", e.command.Name).Int64("ticket", o.id).Int64("user", o.by.ID).Msg("a manager's command")
	if say == nil {
		return nil
	}
	return h.reply(ctx, tx, e.m, *say)
}

// usage says how the command is written.
func (o order) usage() *ticket.Say {
	return &ticket.Say{Text: message.TextUsage, Reason: o.command.Name}
}

// unknown says that there is no such ticket, or how the number is given.
func (o order) unknown() *ticket.Say {
	if number, _ := o.command.Number(); o.id == 0 && !number.HasID {
		return o.usage()
	}
	return &ticket.Say{Text: message.TextNoSuchTicket, Count: int(o.id)}
}

// stands says how a ticket stands about which the command can do nothing.
func stillStands(t ticket.Ticket) *ticket.Say {
	return &ticket.Say{Text: message.TextStands, Ticket: t.ID}
}

// ticketCard posts the ticket's card again, below the command.
func (h *Handler) ticketCard(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error) {
	t, err := tx.Ticket(ctx, o.id)
	if ticket.IsNotFound(err) {
		return o.unknown(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the ticket: %w", err)
	}
	return nil, enqueue(ctx, tx, ticket.CardAgain(t.ID, message.PlaceOf(o.m)))
}

// priority sets the ticket's priority.
func (h *Handler) priority(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error) {
	p, ok := message.ParsePriority(o.rest)
	if !ok {
		return o.usage(), nil
	}
	t, done, err := h.Tickets.Prioritize(ctx, o.id, p, o.by)
	switch {
	case ticket.IsNotFound(err):
		return o.unknown(), nil
	case err != nil:
		return nil, fmt.Errorf("set a ticket's priority: %w", err)
	case done:
		return nil, h.nod(ctx, tx, o.errand, t.ID)
	case t.Status.Open():
		return &ticket.Say{Text: message.TextPriorityIs, Ticket: t.ID}, nil
	}
	return stillStands(t), nil
}

// reopen puts a closed ticket back into the queue; its card comes anew.
func (h *Handler) reopen(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error) {
	t, done, err := h.Tickets.Reopen(ctx, o.id, o.by)
	switch {
	case ticket.IsNotFound(err):
		return o.unknown(), nil
	case ticket.CodeOf(err) == ticket.CodeConflict && err != nil:
		return h.otherOpen(ctx, tx, o.id)
	case err != nil:
		return nil, fmt.Errorf("reopen a ticket: %w", err)
	case done:
		return nil, h.nod(ctx, tx, o.errand, t.ID)
	}
	return stillStands(t), nil
}

// otherOpen names the open ticket that keeps another from being reopened.
func (h *Handler) otherOpen(ctx context.Context, tx ticket.Tx, id int64) (*ticket.Say, error) {
	t, err := tx.Ticket(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look for the ticket: %w", err)
	}
	other, err := tx.OpenTicket(ctx, t.OwnerID, t.VIN)
	if err != nil {
		return nil, fmt.Errorf("look for the other ticket: %w", err)
	}
	return &ticket.Say{Text: message.TextReopenTwice, Ticket: id, Count: int(other.ID)}, nil
}
