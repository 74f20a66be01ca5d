package ticket

import (
	"context"
	"fmt"
)

// CancelOutcome says what became of an owner's wish to cancel a ticket.
type CancelOutcome int

// The outcomes.
const (
	CancelledNow    CancelOutcome = iota // by this call
	CancelledBefore                      // it was cancelled already
	CancelTooLate                        // its report is on its way, or it is closed
)

// Cancel closes a ticket for its owner, who no longer needs it. Of one that is
// somebody else's it is a [CodeNotFound] error, as of one that does not exist.
func (s *Service) Cancel(ctx context.Context, id, owner int64) (t Ticket, outcome CancelOutcome, err error) {
	return s.cancelIf(ctx, id, Actor{ID: owner}, func(t Ticket) bool { return t.OwnerID == owner })
}

// CancelFor closes a ticket on behalf of its owner, by a program that speaks for
// them, and tells them. Who does it for themselves knows.
func (s *Service) CancelFor(ctx context.Context, id int64, by Actor) (Ticket, CancelOutcome, error) {
	return s.cancelIf(ctx, id, by, func(Ticket) bool { return true })
}

// cancelIf closes a ticket for somebody who may see it.
func (s *Service) cancelIf(
	ctx context.Context, id int64, by Actor, may func(Ticket) bool,
) (t Ticket, outcome CancelOutcome, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		if t, err = tx.Ticket(ctx, id); err != nil {
			return err
		}
		if !may(t) {
			return NewError(CodeNotFound, "the ticket is somebody else's", nil)
		}
		switch {
		case t.Status.May(Cancelled):
			return s.cancel(ctx, tx, &t, by)
		case t.Status == Cancelled:
			outcome = CancelledBefore
		default:
			outcome = CancelTooLate
		}
		return nil
	})
	if err != nil {
		return Ticket{}, CancelTooLate, fmt.Errorf("cancel ticket %d: %w", id, err)
	}
	return t, outcome, nil
}

// cancel closes an open ticket, shows it on the cards, and tells who works on it.
func (s *Service) cancel(ctx context.Context, tx Tx, t *Ticket, by Actor) error {
	from := t.Status
	t.ClosedAt, t.Undeliverable = tx.Now(), ""
	if err := s.move(ctx, tx, t, Cancelled); err != nil {
		return err
	}
	if err := tx.AddEvent(ctx, Event{
		TicketID: t.ID, Kind: EventCancelled, From: from, To: Cancelled, ActorID: by.ID,
	}); err != nil {
		return err
	}
	if err := s.editCards(ctx, tx, t.ID); err != nil {
		return err
	}
	if from == Taken {
		if err := s.tellAssignee(ctx, tx, *t); err != nil {
			return err
		}
	}
	if by.ID != t.OwnerID {
		if err := s.tellOwner(ctx, tx, *t, TextOwnerCancelled); err != nil {
			return err
		}
	}
	return s.closeReports(ctx, tx, *t, by.ID)
}

// tellAssignee says below the cards of a ticket that somebody works on that
// they need not: an edit of a card is seen by nobody who does not look.
func (s *Service) tellAssignee(ctx context.Context, tx Tx, t Ticket) error {
	cards, err := tx.Cards(ctx, t.ID)
	if err != nil {
		return err
	}
	for _, c := range Standing(cards) {
		if s.groups.Now(c.Place.Chat) != c.Place.Chat {
			continue
		}
		if err := tx.Enqueue(ctx, Effect{
			Kind: EffectSay, Lane: Lane(t.ID), Chat: c.Place.Chat, Urgency: ForGroup, TicketID: t.ID,
			Payload: Say{Text: TextGroupCancelled, To: c.Place, Ticket: t.ID, Name: t.AssigneeName},
		}); err != nil {
			return err
		}
	}
	return nil
}

// closeReports refuses the report of a ticket that was closed without one,
// where it waits for somebody: for its owner's return, or for a manager's
// answer. One that is being checked is refused when that has ended.
func (s *Service) closeReports(ctx context.Context, tx Tx, t Ticket, by int64) error {
	r, err := tx.LiveReport(ctx, t.ID)
	if IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.Status != ReportUndelivered && r.Status != ReportNeedsConfirmation {
		return nil
	}
	return s.refuseBy(ctx, tx, t, &r, refusal{reason: ReasonClosed, by: by})
}
