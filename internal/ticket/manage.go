package ticket

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Release puts a taken ticket back into the queue. It reports whether it did:
// one that is not taken stays as it is.
func (s *Service) Release(ctx context.Context, id int64, by Actor) (t Ticket, done bool, err error) {
	t, done, err = s.manage(ctx, id, func(ctx context.Context, tx Tx, t *Ticket) (bool, error) {
		if t.Status != Taken {
			return false, nil
		}
		return true, s.moved(ctx, tx, t, New, Event{Kind: EventReleased, ActorID: by.ID})
	})
	if err != nil {
		return Ticket{}, false, fmt.Errorf("release ticket %d: %w", id, err)
	}
	return t, done, nil
}

// Assign gives a ticket that waits or is in work to a manager, whoever had it.
// It reports whether that changed anything.
func (s *Service) Assign(ctx context.Context, id int64, to, by Actor) (t Ticket, done bool, err error) {
	t, done, err = s.manage(ctx, id, func(ctx context.Context, tx Tx, t *Ticket) (bool, error) {
		if t.Status != New && t.Status != Taken || t.AssigneeID == to.ID {
			return false, nil
		}
		t.AssigneeID, t.AssigneeName = to.ID, to.Name
		e := Event{Kind: EventAssigned, ActorID: by.ID, Detail: strconv.FormatInt(to.ID, 10)}
		if t.Status == Taken { // its owner waits no shorter for the change
			return true, s.changed(ctx, tx, t, e)
		}
		t.TakenAt = tx.Now()
		told, err := wasTaken(ctx, tx, t.ID)
		if err != nil {
			return false, err
		}
		if err := s.moved(ctx, tx, t, Taken, e); err != nil || told {
			return true, err
		}
		return true, s.tellOwner(ctx, tx, *t, TextOwnerTaken)
	})
	if err != nil {
		return Ticket{}, false, fmt.Errorf("assign ticket %d: %w", id, err)
	}
	return t, done, nil
}

// Prioritize sets an open ticket's priority. It reports whether that changed
// anything.
func (s *Service) Prioritize(ctx context.Context, id int64, p Priority, by Actor) (t Ticket, done bool, err error) {
	t, done, err = s.manage(ctx, id, func(ctx context.Context, tx Tx, t *Ticket) (bool, error) {
		if !t.Status.Open() || t.Priority == p {
			return false, nil
		}
		t.Priority = p
		return true, s.changed(ctx, tx, t, Event{Kind: EventPriority, ActorID: by.ID, Detail: string(p)})
	})
	if err != nil {
		return Ticket{}, false, fmt.Errorf("set the priority of ticket %d: %w", id, err)
	}
	return t, done, nil
}

// Rejection is why a manager closes a ticket without a report.
type Rejection struct {
	Reason string // a Reject… code
	Text   string // with [RejectOther]: what the owner is told
}

// Reject closes a ticket without a report and tells its owner why, in the
// owner's language. It reports whether it did: one whose report is on its way,
// or that is closed, stays as it is. Reports of it that wait are refused.
func (s *Service) Reject(ctx context.Context, id int64, why Rejection, by Actor) (t Ticket, done bool, err error) {
	t, done, err = s.manage(ctx, id, func(ctx context.Context, tx Tx, t *Ticket) (bool, error) {
		if !t.Status.May(Rejected) {
			return false, nil
		}
		t.Rejection, t.RejectionText, t.RejectedBy, t.ClosedAt, t.Undeliverable = why.Reason, why.Text, by.Name, tx.Now(), ""
		if err := s.moved(ctx, tx, t, Rejected, Event{Kind: EventRejected, ActorID: by.ID, Detail: why.Reason}); err != nil {
			return false, err
		}
		if err := tx.DropPrompts(ctx, t.ID); err != nil {
			return false, err
		}
		if err := s.closeReports(ctx, tx, *t, by.ID); err != nil {
			return false, err
		}
		return true, s.tellOwner(ctx, tx, *t, TextOwnerRejected)
	})
	if err != nil {
		return Ticket{}, false, fmt.Errorf("reject ticket %d: %w", id, err)
	}
	return t, done, nil
}

// Reopen puts a closed ticket back into the queue, tells its owner, and posts
// its card anew in every group. It reports whether it did: an open one stays as
// it is, and so does one whose owner has another open ticket for the VIN, which
// is a [CodeConflict] error.
func (s *Service) Reopen(ctx context.Context, id int64, by Actor) (t Ticket, done bool, err error) {
	t, done, err = s.manage(ctx, id, func(ctx context.Context, tx Tx, t *Ticket) (bool, error) {
		if t.Status.Open() || t.Erased() { // nobody knows any more whose it was
			return false, nil
		}
		_, err := tx.OpenTicket(ctx, t.OwnerID, t.VIN)
		if err == nil {
			return false, NewError(CodeConflict, "the owner has another open ticket for this VIN", nil)
		}
		if !IsNotFound(err) {
			return false, err
		}
		t.Rejection, t.RejectionText, t.RejectedBy, t.ClosedAt = "", "", "", time.Time{}
		if err := s.moved(ctx, tx, t, New, Event{Kind: EventReopened, ActorID: by.ID}); err != nil {
			return false, err
		}
		for _, place := range s.groups.Current() {
			if err := tx.Enqueue(ctx, CardAgain(t.ID, place)); err != nil {
				return false, err
			}
		}
		return true, s.tellOwner(ctx, tx, *t, TextOwnerReopened)
	})
	if err != nil {
		return Ticket{}, false, fmt.Errorf("reopen ticket %d: %w", id, err)
	}
	return t, done, nil
}

// Prompted remembers a message that is answered by a text in reply. A PDF in
// reply to it counts like one to the card.
func (s *Service) Prompted(ctx context.Context, p Prompt) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		p.AskedAt = tx.Now()
		if err := tx.AddCard(ctx, Card{TicketID: p.TicketID, Place: p.Place, Kind: CardNote, PostedAt: p.AskedAt}); err != nil {
			return err
		}
		return tx.AddPrompt(ctx, p)
	})
	if err != nil {
		return fmt.Errorf("remember a question about ticket %d: %w", p.TicketID, err)
	}
	return nil
}

// manage runs what a manager does to a ticket, and reports whether it changed
// anything.
func (s *Service) manage(
	ctx context.Context, id int64, do func(ctx context.Context, tx Tx, t *Ticket) (bool, error),
) (t Ticket, done bool, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		if t, err = tx.Ticket(ctx, id); err != nil {
			return err
		}
		done, err = do(ctx, tx, &t)
		return err
	})
	return t, done && err == nil, err
}

// moved takes a ticket to another status, with the event of it.
func (s *Service) moved(ctx context.Context, tx Tx, t *Ticket, to Status, e Event) error {
	e.From = t.Status
	if err := s.move(ctx, tx, t, to); err != nil {
		return err
	}
	return s.noted(ctx, tx, *t, e)
}

// changed writes what changed of a ticket that stays where it is.
func (s *Service) changed(ctx context.Context, tx Tx, t *Ticket, e Event) error {
	e.From = t.Status
	if err := tx.Update(ctx, t); err != nil {
		return err
	}
	return s.noted(ctx, tx, *t, e)
}

func (s *Service) noted(ctx context.Context, tx Tx, t Ticket, e Event) error {
	e.TicketID, e.To = t.ID, t.Status
	if e.From == New {
		e.Took = t.ToTake
	}
	if err := tx.AddEvent(ctx, e); err != nil {
		return err
	}
	return s.editCards(ctx, tx, t.ID)
}

// wasTaken reports whether somebody had the ticket before: since it was opened,
// or opened again, its owner has been told that somebody works on it.
func wasTaken(ctx context.Context, tx Tx, id int64) (bool, error) {
	events, err := tx.Events(ctx, id)
	if err != nil {
		return false, err
	}
	taken := false
	for _, e := range events {
		switch {
		case e.Kind == EventReopened:
			taken = false
		case e.To == Taken && e.From == New:
			taken = true
		}
	}
	return taken, nil
}
