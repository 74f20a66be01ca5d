package ticket

import (
	"context"
	"fmt"
	"time"
)

// Erase removes all that a closed ticket tells about people and their car: the
// VIN, who its owner is, the managers' names, the reports and their files. What
// is left counts in statistics: when it was opened, taken and closed, by which
// manager's id, and how it ended. Its cards in the groups are made to say so.
// One that is open is a [CodeConflict] error; one that is erased stays so.
func (s *Service) Erase(ctx context.Context, id int64, by Actor) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		t, err := tx.Ticket(ctx, id)
		if err != nil || t.Erased() {
			return err
		}
		if t.Status.Open() {
			return NewError(CodeConflict, "the ticket is open: it must be closed first", nil)
		}
		if err := erase(ctx, tx, t, by); err != nil {
			return err
		}
		return s.editCards(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("erase the data of ticket %d: %w", id, err)
	}
	return nil
}

func erase(ctx context.Context, tx Tx, t Ticket, by Actor) error {
	files, err := tx.EraseTicket(ctx, t.ID)
	if err != nil {
		return err
	}
	if by.ID == t.OwnerID { // who that was is erased
		by.ID = 0
	}
	if err := tx.AddEvent(ctx, Event{TicketID: t.ID, Kind: EventErased, From: t.Status, To: t.Status, ActorID: by.ID}); err != nil {
		return err
	}
	return eraseFiles(ctx, tx, t.ID, files)
}

// eraseFiles has the files of reports erased.
func eraseFiles(ctx context.Context, tx Tx, id int64, files []ReportFile) error {
	for _, f := range files {
		if err := tx.Enqueue(ctx, Effect{
			Kind: EffectReportErase, Lane: reportLane(f.Report), Urgency: Background, TicketID: id, Payload: f,
		}); err != nil {
			return err
		}
	}
	return nil
}

// Expiry says how much a step of retention did.
type Expiry struct {
	Erased, Purged int
}

// The steps of retention: how many tickets the first one is of and the largest
// may be, and how long one should take, so that nobody who writes meanwhile
// waits for longer than a tenth of a second.
const (
	FirstStep  = 5
	largeStep  = 25
	stepTime   = 10 * time.Millisecond
	stepChange = 2
)

// NextStep says how many tickets the next step of retention is of, after one of
// so many that took so long.
func NextStep(size int, took time.Duration) int {
	switch {
	case took > stepTime:
		return max(1, size/stepChange)
	case took*stepChange < stepTime:
		return min(largeStep, size*stepChange)
	default:
		return size
	}
}

// Expire is a step of retention: it erases the data of tickets that were closed
// before a time, and removes those that were put into the bin before it, limit
// in all at most. The groups' messages are theirs: old cards stay as they are.
// A step that did less than the limit was the last one.
func (s *Service) Expire(ctx context.Context, before time.Time, limit int) (done Expiry, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		due, err := tx.Expired(ctx, before, limit)
		if err != nil {
			return err
		}
		for _, t := range due.Erase {
			if err := erase(ctx, tx, t, Actor{}); err != nil {
				return err
			}
		}
		for _, id := range due.Purge {
			files, err := tx.PurgeTicket(ctx, id)
			if err != nil {
				return err
			}
			if err := eraseFiles(ctx, tx, 0, files); err != nil {
				return err
			}
		}
		done = Expiry{Erased: len(due.Erase), Purged: len(due.Purge)}
		return nil
	})
	if err != nil {
		return Expiry{}, fmt.Errorf("erase what is too old: %w", err)
	}
	return done, nil
}
