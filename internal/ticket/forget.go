package ticket

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Erasure is the wish of a person to be forgotten, from their yes until it is
// done. It survives a restart.
type Erasure struct {
	ID    int64
	Owner int64
	// Message is the question in their chat that was answered with yes: it is
	// made to say that it is done. 0 where nobody knows it.
	Message int
	// Language is theirs: what was known of them is gone when they are told.
	Language string
	// Erased says that nothing is left but to tell them.
	Erased      bool
	ConfirmedAt time.Time
	RequestID   string
}

// forgetPause lies between a person's yes and its being carried out: the answer
// to the press is still in their language.
const forgetPause = time.Second

// Erasures is what is forgotten of a person beside their tickets. Every method
// joins the transaction that ctx carries, if it carries one. What does not
// exist is a [CodeNotFound] error.
type Erasures interface {
	// AddErasure stores a wish and sets its ID, and reports whether it is the
	// person's first one.
	AddErasure(ctx context.Context, e *Erasure) (bool, error)
	Erasure(ctx context.Context, id int64) (Erasure, error)
	// TicketsToErase lists a person's tickets that are not erased, in the bin
	// or not, by id.
	TicketsToErase(ctx context.Context, owner int64) ([]Ticket, error)
	// CancelDeleted closes a ticket in the bin.
	CancelDeleted(ctx context.Context, id int64) error
	// InFlight reports whether something is being done at this moment that is
	// for a person, or about one of their tickets.
	InFlight(ctx context.Context, owner int64) (bool, error)
	// DropWaiting removes what waits to be sent to a person, or about one of
	// their tickets.
	DropWaiting(ctx context.Context, owner int64) error
	// CopiesOf lists where in the groups copies of a ticket's answers stand.
	CopiesOf(ctx context.Context, ticket int64) ([]Place, error)
	// ErasePerson removes what is known of a person, and what was set aside
	// that tells of them or of one of their cars. It comes after the last
	// EraseTicket; tickets are those that were erased, as they were.
	ErasePerson(ctx context.Context, e Erasure, tickets []Ticket) error
	// ForgetErasure removes the wish itself, and what was sent to the person.
	ForgetErasure(ctx context.Context, e Erasure) error
}

// Forgetting erases people. A ban outlives it.
type Forgetting struct {
	service  *Service
	store    Store
	erasures Erasures
}

// NewForgetting makes it.
func NewForgetting(service *Service, store Store, erasures Erasures) *Forgetting {
	return &Forgetting{service: service, store: store, erasures: erasures}
}

// Confirm takes a person's yes. What was confirmed is carried out, whatever
// happens to the process; a second yes changes nothing.
func (f *Forgetting) Confirm(ctx context.Context, e Erasure) error {
	err := f.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		e.ConfirmedAt = tx.Now()
		fresh, err := f.erasures.AddErasure(ctx, &e)
		if err != nil || !fresh {
			return err
		}
		return tx.Enqueue(ctx, Effect{
			Kind: EffectForget, Lane: erasureLane(e.ID), Urgency: Background, After: forgetPause,
			Payload: ErasureRef{Erasure: e.ID},
		})
	})
	if err != nil {
		return fmt.Errorf("confirm that a person is to be forgotten: %w", err)
	}
	return nil
}

// erasureLane does not name the person: what was done lives on for a week.
func erasureLane(id int64) string { return "erasure:" + strconv.FormatInt(id, 10) }

// Forget erases all that is known of a person, in one transaction: their open
// tickets are cancelled, all of them are erased, what they answered is taken
// out of the groups, and what waits for them is dropped. While something of
// theirs is in flight it does nothing and reports false: that may arrive,
// nothing comes after it.
func (f *Forgetting) Forget(ctx context.Context, id int64) (done bool, err error) {
	err = f.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		e, err := f.erasures.Erasure(ctx, id)
		if done = IsNotFound(err) || err == nil && e.Erased; done {
			return nil
		}
		if err != nil {
			return err
		}
		busy, err := f.erasures.InFlight(ctx, e.Owner)
		if err != nil || busy {
			return err
		}
		done = true
		return f.forget(ctx, tx, e)
	})
	if err != nil {
		return false, fmt.Errorf("forget a person: %w", err)
	}
	return done, nil
}

func (f *Forgetting) forget(ctx context.Context, tx Tx, e Erasure) error {
	tickets, err := f.erasures.TicketsToErase(ctx, e.Owner)
	if err != nil {
		return err
	}
	if err := f.erasures.DropWaiting(ctx, e.Owner); err != nil {
		return err
	}
	for _, t := range tickets {
		if err := f.forgetTicket(ctx, tx, t); err != nil {
			return err
		}
	}
	if err := f.erasures.ErasePerson(ctx, e, tickets); err != nil {
		return err
	}
	return tx.Enqueue(ctx, Effect{
		Kind: EffectFarewell, Lane: ChatLane(e.Owner), Chat: e.Owner, Urgency: ForOwner, Payload: ErasureRef{Erasure: e.ID},
	})
}

// forgetTicket closes a ticket where it is open, and erases it.
func (f *Forgetting) forgetTicket(ctx context.Context, tx Tx, t Ticket) error {
	copies, err := f.erasures.CopiesOf(ctx, t.ID)
	if err != nil {
		return err
	}
	for _, at := range copies {
		if err := tx.Enqueue(ctx, unsay(at)); err != nil {
			return err
		}
	}
	if t.Deleted() {
		err = f.closeDeleted(ctx, tx, &t)
	} else {
		err = f.service.abandon(ctx, tx, &t)
	}
	if err != nil {
		return err
	}
	if err := erase(ctx, tx, t, Actor{ID: t.OwnerID}); err != nil {
		return err
	}
	return f.service.editCards(ctx, tx, t.ID)
}

// closeDeleted cancels a ticket that is in the bin, so that it is closed should
// an admin take it out again.
func (f *Forgetting) closeDeleted(ctx context.Context, tx Tx, t *Ticket) error {
	if !t.Status.Open() {
		return nil
	}
	from := t.Status
	t.Status = Cancelled
	if err := f.erasures.CancelDeleted(ctx, t.ID); err != nil {
		return err
	}
	return tx.AddEvent(ctx, Event{TicketID: t.ID, Kind: EventCancelled, From: from, To: Cancelled, ActorID: t.OwnerID})
}

// abandon cancels an open ticket whose owner is being forgotten, whatever its
// report is doing, and refuses the reports that are not delivered.
func (s *Service) abandon(ctx context.Context, tx Tx, t *Ticket) error {
	if t.Status == Delivering { // nothing of it is in flight: the report waits
		if err := s.move(ctx, tx, t, Undelivered); err != nil {
			return err
		}
		if err := tx.AddEvent(ctx, Event{
			TicketID: t.ID, Kind: EventWithheld, From: Delivering, To: Undelivered, ActorID: t.OwnerID,
		}); err != nil {
			return err
		}
	}
	if err := s.dropForErasure(ctx, tx, *t); err != nil {
		return err
	}
	if !t.Status.Open() {
		return nil
	}
	return s.cancel(ctx, tx, t, Actor{ID: t.OwnerID})
}

// dropForErasure refuses every report of a ticket that has not been delivered,
// and tells who sent it.
func (s *Service) dropForErasure(ctx context.Context, tx Tx, t Ticket) error {
	why := refusal{reason: ReasonErased, by: t.OwnerID}
	live, err := tx.LiveReport(ctx, t.ID)
	if err == nil {
		err = s.endReport(ctx, tx, t, &live, why)
	}
	if err != nil && !IsNotFound(err) {
		return err
	}
	return s.endWaiting(ctx, tx, t, why)
}

// Erasure finds a wish to be forgotten.
func (f *Forgetting) Erasure(ctx context.Context, id int64) (Erasure, error) {
	e, err := f.erasures.Erasure(ctx, id)
	if err != nil {
		return Erasure{}, fmt.Errorf("read whom to forget: %w", err)
	}
	return e, nil
}

// Forgotten notes that a person was told: now the wish itself is forgotten,
// and what was erased is taken out of the database's files, too.
func (f *Forgetting) Forgotten(ctx context.Context, id int64) error {
	err := f.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		e, err := f.erasures.Erasure(ctx, id)
		if err != nil {
			return err
		}
		if err := f.erasures.ForgetErasure(ctx, e); err != nil {
			return err
		}
		return tx.Enqueue(ctx, Effect{Kind: EffectScrub, Lane: "scrub", Urgency: Background, Merge: "all", Payload: struct{}{}})
	})
	if err != nil {
		return fmt.Errorf("forget that a person was forgotten: %w", err)
	}
	return nil
}
