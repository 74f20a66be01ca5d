package crm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"vinbot/internal/ticket"
)

const (
	// syncStep is how many tickets are looked at in one transaction, and
	// dealsAtOnce about how many deals the CRM is asked with one question: its
	// shortest page.
	syncStep, dealsAtOnce = 200, 50
	// askTries is how often it is asked that wants a pause.
	askTries = 6
)

// SyncOptions are those of filling gaps.
type SyncOptions struct {
	Store Store
	Work  work
	// CRM is asked which deals are still there.
	CRM   CRM
	Since time.Time
	// Look only looks: nothing is queued.
	Look bool
}

// Synced counts what filling gaps found.
type Synced struct {
	Tickets int // looked at
	Whole   int // whose deals are there and tell all
	Queued  int // that are brought over now
	Waiting int // that wait to be brought over already
	// Deleted are the tickets whose deals people deleted in the CRM; they are
	// among those that are brought over.
	Deleted []int64
	// Unasked is why the CRM was not asked which deals are still there.
	Unasked error
}

// Sync queues jobs for the tickets opened since a time whose deals lack
// something, also those whose deals were deleted in the CRM or whose jobs were
// given up. What it did it does not do again: a job that waits stays one. A CRM
// that cannot be asked keeps nothing else from being done.
func Sync(ctx context.Context, o SyncOptions) (found Synced, err error) {
	for after, more := int64(0), true; more; {
		gaps, err := o.Store.Gaps(ctx, o.Since, after, syncStep)
		if err != nil {
			return Synced{}, fmt.Errorf("look for gaps in the CRM: %w", err)
		}
		missing := map[int64]bool{}
		if found.Unasked == nil {
			missing, found.Unasked = deleted(ctx, o.CRM, gaps)
		}
		if ctx.Err() != nil {
			return Synced{}, ctx.Err() //nolint:wrapcheck // the caller knows its own context
		}
		err = o.Work.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
			for _, g := range gaps {
				if err := o.fill(ctx, g, missing[g.Ticket], &found); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return Synced{}, fmt.Errorf("fill gaps in the CRM: %w", err)
		}
		if more = len(gaps) == syncStep; more {
			after = gaps[syncStep-1].Ticket
		}
	}
	return found, nil
}

// fill fills one gap, if it is any.
func (o SyncOptions) fill(ctx context.Context, g Gap, missing bool, found *Synced) error {
	found.Tickets++
	gone := missing || g.Link.Gone
	if gone {
		found.Deleted = append(found.Deleted, g.Ticket)
	}
	switch {
	case g.Queued && !gone:
		found.Waiting++
		return nil
	case g.Link.ID != "" && !gone && g.Link.Told >= g.Last:
		found.Whole++
		return nil
	}
	found.Queued++
	if o.Look {
		return nil
	}
	return o.Store.Again(ctx, g.Ticket, missing)
}

// deleted finds the tickets whose deals the CRM has no more.
func deleted(ctx context.Context, c CRM, gaps []Gap) (map[int64]bool, error) {
	missing := map[int64]bool{}
	known := slices.DeleteFunc(slices.Clone(gaps), func(g Gap) bool { return g.Link.ID == "" || g.Link.Gone })
	for some := range slices.Chunk(known, dealsAtOnce) {
		ids := make([]string, len(some))
		for i, g := range some {
			ids[i] = g.Link.ID
		}
		there, err := patiently(ctx, c, ids)
		if err != nil {
			return nil, err
		}
		for _, g := range some {
			if !slices.Contains(there, g.Link.ID) {
				missing[g.Ticket] = true
			}
		}
	}
	return missing, nil
}

// patiently asks which deals are there, and gives the CRM the pause that it wants.
func patiently(ctx context.Context, c CRM, ids []string) (there []string, err error) {
	for range askTries {
		there, err = c.There(ctx, ids)
		f, ok := AsFault(err)
		if !ok || f.Kind != Busy {
			return there, err
		}
		timer := time.NewTimer(cmp.Or(f.Pause, overLimit))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err() //nolint:wrapcheck // the caller knows its own context
		case <-timer.C:
		}
	}
	return nil, err
}
