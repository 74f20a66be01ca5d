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
	vin.Found

	judged vin.Result
	owner  int64
	at     ticket.Place // the owner's message
	year   int          // in which it came
}

// say begins the answer to the request.
func (r request) say(text string) ticket.Say {
	s := ticket.Say{
		Text: text, To: r.at, User: r.owner, VIN: r.judged.VIN, Reason: r.judged.Reason.String(), Spot: r.judged.Spot(),
		Year: r.year,
	}
	for _, c := range r.judged.ShownChanges() {
		s.Changes = append(s.Changes, ticket.Swap{From: c.From, To: c.To})
	}
	return s
}

// judge goes on by the verdict: a ticket, a question, or a refusal. It gives what
// the owner is to read.
func (h *Handler) judge(ctx context.Context, tx ticket.Tx, r request) (ticket.Say, error) {
	switch r.judged.Verdict {
	case vin.VerdictOK:
		return h.open(ctx, tx, r)
	case vin.VerdictConfirm:
		s := r.say(message.TextConfirm)
		s.Repairs = h.repairs(r)
		return h.ask(ctx, tx, s)
	default:
		return h.refuse(ctx, tx, r)
	}
}

// open opens a ticket, or shows the one that there is, or says that it would be
// one too many.
func (h *Handler) open(ctx context.Context, tx ticket.Tx, r request) (ticket.Say, error) {
	t, fresh, over, err := h.openOne(ctx, tx, ticket.Opening{Owner: r.owner, VIN: r.judged.VIN})
	switch {
	case err != nil:
		return ticket.Say{}, err
	case over != nil:
		return r.limited(*over), nil
	case !fresh:
		return exists(t, r.at, r.year), nil
	}
	s := r.say(message.TextOpened)
	s.Ticket = t.ID
	return s, nil
}

// openOne opens a ticket unless its owner has reached a limit. One that is open
// already counts against none.
func (h *Handler) openOne(
	ctx context.Context, tx ticket.Tx, o ticket.Opening,
) (t ticket.Ticket, fresh bool, over *tooMuch, err error) {
	if over, err = h.ticketLimit(ctx, tx, o.Owner); err != nil {
		return t, false, nil, err
	}
	if over != nil {
		t, err = tx.OpenTicket(ctx, o.Owner, o.VIN)
		if ticket.IsNotFound(err) {
			tx.After(func() { h.Meter.OwnerLimited(over.limit) })
			return t, false, over, nil
		}
		if err != nil {
			return t, false, nil, fmt.Errorf("look for an open ticket: %w", err)
		}
	} else if t, fresh, err = h.Tickets.Open(ctx, o); err != nil {
		return t, false, nil, fmt.Errorf("open a ticket: %w", err)
	}
	noteOpened(ctx, t, fresh)
	if fresh {
		h.reminders.forget(o.Owner)
	}
	return t, fresh, nil, nil
}

func noteOpened(ctx context.Context, t ticket.Ticket, fresh bool) {
	zerolog.Ctx(ctx).Debug().Int64("user", t.OwnerID).Int64("ticket", t.ID).Str("vin", vin.Mask(t.VIN)).Bool("fresh", fresh).
		Msg("a VIN came")
}

// exists is what the owner reads about a ticket that was open before.
func exists(t ticket.Ticket, at ticket.Place, year int) ticket.Say {
	return ticket.Say{Text: message.TextExists, To: at, User: t.OwnerID, VIN: t.VIN, Ticket: t.ID, Year: year}
}

// ask has the owner confirm a VIN that is not sure. No ticket is opened until
// then; one that is open already is not asked about again.
func (h *Handler) ask(ctx context.Context, tx ticket.Tx, question ticket.Say) (ticket.Say, error) {
	t, err := tx.OpenTicket(ctx, question.User, question.VIN)
	if err == nil {
		return exists(t, question.To, question.Year), nil
	}
	if !ticket.IsNotFound(err) {
		return ticket.Say{}, fmt.Errorf("look for an open ticket: %w", err)
	}
	zerolog.Ctx(ctx).Info().Int64("user", question.User).Str("vin", vin.Mask(question.VIN)).Str("question", question.Text).
		Msg("a VIN is not sure")
	return question, nil
}

// refuse says why this is no VIN, and what may have been meant.
func (h *Handler) refuse(ctx context.Context, tx ticket.Tx, r request) (ticket.Say, error) {
	repairs := h.repairs(r)
	if r.Kind == vin.FoundLayout && len(repairs) > 0 && repairs[0].Kind == vin.RepairLayout {
		s := ticket.Say{
			Text: message.TextLayout, To: r.at, User: r.owner, VIN: repairs[0].VIN, Input: r.Raw, Year: r.year, Repairs: repairs[:1],
		}
		return h.ask(ctx, tx, s)
	}
	zerolog.Ctx(ctx).Info().Int64("user", r.owner).Stringer("reason", r.judged.Reason).Int("repairs", len(repairs)).Msg("no VIN")
	s := r.say(message.TextRefused)
	s.Repairs = repairs
	if r.judged.Reason == vin.ReasonFrameNumber {
		s.Input = r.Raw
	}
	return s, nil
}

// repairs is what may have been meant, as far as it would be accepted.
func (h *Handler) repairs(r request) []vin.Candidate {
	var sound []vin.Candidate
	for _, c := range vin.Repair(r.Raw) {
		if vin.Check(c.VIN, h.Policy).Verdict == vin.VerdictOK {
			sound = append(sound, c)
		}
	}
	return sound
}
