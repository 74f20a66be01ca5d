package ticket

import (
	"context"
	"fmt"
)

// Delete puts a ticket into the bin: from now on it is nowhere but there, and
// its cards say so. Only an admin may, which the caller has seen to. A file of
// it that is being looked at or waits is refused; while a report is on its way
// to the owner it is a [CodeConflict] error, since nobody can call that back.
func (s *Service) Delete(ctx context.Context, id int64, by Actor) (t Ticket, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		if t, err = tx.Ticket(ctx, id); err != nil {
			return err
		}
		if err = s.dropReports(ctx, tx, t, by); err != nil {
			return err
		}
		if err = s.editCards(ctx, tx, id); err != nil { // they are hidden with the ticket
			return err
		}
		if _, err = tx.Delete(ctx, id); err != nil {
			return err
		}
		if err = tx.AddEvent(ctx, Event{TicketID: id, Kind: EventDeleted, From: t.Status, To: t.Status, ActorID: by.ID}); err != nil {
			return err
		}
		t, err = tx.DeletedTicket(ctx, id)
		return err
	})
	if err != nil {
		return Ticket{}, fmt.Errorf("delete ticket %d: %w", id, err)
	}
	return t, nil
}

// dropReports refuses what a ticket has of reports that are not decided yet.
// One that waits for its owner's return waits on.
func (s *Service) dropReports(ctx context.Context, tx Tx, t Ticket, by Actor) error {
	why := refusal{reason: ReasonDeleted, by: by.ID}
	live, err := tx.LiveReport(ctx, t.ID)
	switch {
	case IsNotFound(err):
	case err != nil:
		return err
	case live.Status == ReportAccepted || live.Status == ReportDelivering:
		return NewError(CodeConflict, "a report of the ticket is on its way to the owner: try again in a moment", nil)
	case live.Status != ReportUndelivered:
		if err := s.endReport(ctx, tx, t, &live, why); err != nil {
			return err
		}
	}
	return s.endWaiting(ctx, tx, t, why)
}

// Restore takes a ticket out of the bin, as it was, and its cards come back.
// Only an admin may, which the caller has seen to. Where its owner has another
// open ticket for the same VIN by now it is a [CodeConflict] error.
func (s *Service) Restore(ctx context.Context, id int64, by Actor) (t Ticket, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		if _, err := tx.DeletedTicket(ctx, id); err != nil {
			return err
		}
		restored, err := tx.Restore(ctx, id)
		if err != nil {
			return err
		}
		if !restored {
			return NewError(CodeConflict, "the owner has another open ticket for the same VIN: close that one first", nil)
		}
		if t, err = tx.Ticket(ctx, id); err != nil {
			return err
		}
		if err = tx.AddEvent(ctx, Event{TicketID: id, Kind: EventRestored, From: t.Status, To: t.Status, ActorID: by.ID}); err != nil {
			return err
		}
		if err = s.bringBack(ctx, tx, t); err != nil {
			return err
		}
		t, err = tx.Ticket(ctx, id)
		return err
	})
	if err != nil {
		return Ticket{}, fmt.Errorf("restore ticket %d: %w", id, err)
	}
	return t, nil
}

// bringBack does what could not be done for a ticket while it was in the bin.
func (s *Service) bringBack(ctx context.Context, tx Tx, t Ticket) error {
	if err := s.editCards(ctx, tx, t.ID); err != nil {
		return err
	}
	if t.Status.Open() {
		for _, place := range s.groups.Current() { // where it stands none is posted
			if err := tx.Enqueue(ctx, CardPost(t.ID, place)); err != nil {
				return err
			}
		}
	}
	live, err := tx.LiveReport(ctx, t.ID)
	if err == nil && live.Status == ReportUndelivered { // the owner may have come back
		return s.redeliver(ctx, tx, &live)
	}
	if err != nil && !IsNotFound(err) {
		return err
	}
	last, err := tx.LastReport(ctx, t.ID)
	if err == nil && !t.Erased() {
		return archive(ctx, tx, last)
	}
	if IsNotFound(err) {
		return nil
	}
	return err
}
