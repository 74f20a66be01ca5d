package crm

import (
	"context"
	"fmt"
	"time"

	"vinbot/internal/ticket"
)

// syncStep is how many tickets are looked at in one transaction.
const syncStep = 200

// Synced counts what filling gaps found.
type Synced struct {
	Tickets int // looked at
	Whole   int // whose deals tell all
	Queued  int // that are brought over now
	Waiting int // that wait to be brought over already
}

// Sync queues jobs for the tickets opened since a time whose deals lack
// something, also those whose deals were deleted in the CRM or whose jobs were
// given up. What it did it does not do again: a job that waits stays one.
func Sync(ctx context.Context, s Store, w work, since time.Time) (found Synced, err error) {
	for after, more := int64(0), true; more; {
		err = w.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
			gaps, err := s.Gaps(ctx, since, after, syncStep)
			if err != nil {
				return err
			}
			more = len(gaps) == syncStep
			for _, g := range gaps {
				after = g.Ticket
				found.Tickets++
				switch {
				case g.Queued:
					found.Waiting++
				case g.Link.ID != "" && !g.Link.Gone && g.Link.Told >= g.Last:
					found.Whole++
				default:
					found.Queued++
					if err := s.Again(ctx, g.Ticket); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return Synced{}, fmt.Errorf("look for gaps in the CRM: %w", err)
		}
	}
	return found, nil
}
