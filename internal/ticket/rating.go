package ticket

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// The stars that an owner can give.
const (
	MinStars = 1
	MaxStars = 5
)

// changeOfMind is how long after their rating an owner may give another.
const changeOfMind = 24 * time.Hour

// Rating is what an owner thinks of how they were served. There is one for a
// ticket.
type Rating struct {
	Ticket    int64
	Stars     int
	RatedAt   time.Time
	ChangedAt time.Time // of the last change of mind; equal to RatedAt while there was none
}

// RateOutcome says what became of a rating.
type RateOutcome int

// The outcomes.
const (
	RatedNow     RateOutcome = iota // it counts
	RatedBefore                     // it was the same already
	RatedTooLate                    // the time to change one's mind is over
	NotRated                        // not the owner's, or not done: there is nothing to be rated
)

// Rate notes what the owner thinks of a ticket that is done. They may change
// their mind for a day; after a ticket was reopened and done again they are
// asked anew.
func (s *Service) Rate(ctx context.Context, id, owner int64, stars int) (outcome RateOutcome, err error) {
	if stars < MinStars || stars > MaxStars {
		return NotRated, NewError(CodeInvalid, "a rating is of one to five stars", nil)
	}
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		t, err := tx.Ticket(ctx, id)
		if IsNotFound(err) || err == nil && (t.OwnerID != owner || t.Status != Done) {
			outcome = NotRated
			return nil
		}
		if err != nil {
			return err
		}
		r, err := tx.Rating(ctx, id)
		switch {
		case IsNotFound(err), err == nil && t.ClosedAt.After(r.RatedAt):
			r = Rating{Ticket: id, Stars: stars, RatedAt: tx.Now()}
		case err != nil:
			return err
		case tx.Now().Sub(r.RatedAt) > changeOfMind:
			outcome = RatedTooLate
			return nil
		case r.Stars == stars:
			outcome = RatedBefore
			return nil
		}
		r.Stars, r.ChangedAt = stars, tx.Now()
		if err := tx.SetRating(ctx, r); err != nil {
			return err
		}
		return tx.AddEvent(ctx, Event{
			TicketID: id, Kind: EventRated, From: Done, To: Done, ActorID: owner, Detail: strconv.Itoa(stars),
		})
	})
	if err != nil {
		return NotRated, fmt.Errorf("rate ticket %d: %w", id, err)
	}
	return outcome, nil
}
