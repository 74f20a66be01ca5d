package user

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// request is a VIN, or what was meant as one, that an owner sent.
type request struct {
	found vin.Result
	text  string // as it was sent
	owner int64
	at    ticket.Place // the owner's message
}

// say begins the answer to the request.
func (r request) say(text string) ticket.Say {
	s := ticket.Say{
		Text: text, To: r.at, User: r.owner, VIN: r.found.VIN, Reason: r.found.Reason.String(), Spot: r.found.Spot(),
	}
	for _, c := range r.found.ShownChanges() {
		s.Changes = append(s.Changes, ticket.Swap{From: c.From, To: c.To})
	}
	return s
}

// judged goes on by the verdict: a ticket, a question, or a refusal.
func (h *Handler) judged(ctx context.Context, tx ticket.Tx, r request) error {
	switch r.found.Verdict {
	case vin.VerdictOK:
		return h.open(ctx, tx, r)
	case vin.VerdictConfirm:
		return h.ask(ctx, tx, r)
	default:
		zerolog.Ctx(ctx).Info().Int64("user", r.owner).Stringer("reason", r.found.Reason).Msg("no VIN")
		return refuse(ctx, tx, r)
	}
}

// open opens a ticket, or shows the one that there is.
func (h *Handler) open(ctx context.Context, tx ticket.Tx, r request) error {
	t, fresh, err := h.Tickets.Open(ctx, ticket.Opening{Owner: r.owner, VIN: r.found.VIN})
	if err != nil {
		return fmt.Errorf("open a ticket: %w", err)
	}
	noteOpened(ctx, t, fresh)
	return say(ctx, tx, opened(r, t, fresh))
}

func noteOpened(ctx context.Context, t ticket.Ticket, fresh bool) {
	zerolog.Ctx(ctx).Info().Int64("user", t.OwnerID).Int64("ticket", t.ID).Str("vin", vin.Mask(t.VIN)).Bool("fresh", fresh).
		Msg("a VIN came")
}

// opened is what the owner reads about the ticket.
func opened(r request, t ticket.Ticket, fresh bool) ticket.Say {
	s := r.say(message.TextOpened)
	if !fresh {
		s = ticket.Say{Text: message.TextExists, To: r.at, User: r.owner, VIN: t.VIN}
	}
	s.Ticket = t.ID
	return s
}

// ask has the owner confirm what looks like a typo. No ticket is opened until
// then; one that was confirmed before is not asked about again.
func (h *Handler) ask(ctx context.Context, tx ticket.Tx, r request) error {
	t, err := tx.OpenTicket(ctx, r.owner, r.found.VIN)
	if err == nil {
		return say(ctx, tx, opened(r, t, false))
	}
	if !ticket.IsNotFound(err) {
		return fmt.Errorf("look for an open ticket: %w", err)
	}
	zerolog.Ctx(ctx).Info().Int64("user", r.owner).Str("vin", vin.Mask(r.found.VIN)).Msg("a VIN looks like a typo")
	return say(ctx, tx, r.say(message.TextConfirm))
}

// refuse says why this is no VIN.
func refuse(ctx context.Context, tx ticket.Tx, r request) error {
	s := r.say(message.TextRefused)
	if r.found.Reason == vin.ReasonFrameNumber {
		s.Input = r.text
	}
	return say(ctx, tx, s)
}
