package ticket

import (
	"context"
	"fmt"
	"time"
)

// Offered finds a report that was delivered not long ago for the VIN of a
// ticket that still waits for one; a [CodeNotFound] error where there is none.
func (s *Service) Offered(ctx context.Context, t Ticket, now time.Time) (Report, error) {
	if s.reuse == 0 || t.Status != New && t.Status != Taken {
		return Report{}, NewError(CodeNotFound, "no report is offered again", nil)
	}
	r, err := s.store.Reusable(ctx, t.VIN, now.Add(-s.reuse))
	if err != nil {
		return Report{}, fmt.Errorf("look for a report for the same VIN: %w", err)
	}
	return r, nil
}

// ReuseReport sends the report that is offered for a ticket as if a manager had
// sent its file, from the card that was pressed: it is checked, delivered and
// archived like any other. Where none is offered any more it is a
// [CodeNotFound] error.
func (s *Service) ReuseReport(ctx context.Context, id int64, by Actor, at Place) (r Report, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		t, err := tx.Ticket(ctx, id)
		if err != nil {
			return err
		}
		earlier, err := s.Offered(ctx, t, tx.Now())
		if err != nil {
			return err
		}
		in := Incoming{Ticket: id, FileID: earlier.FileID, UniqueID: earlier.UniqueID, Size: earlier.Size, Source: at, By: by}
		for _, f := range earlier.More {
			in.More = append(in.More, File{FileID: f.FileID, UniqueID: f.UniqueID, Size: f.Size})
		}
		r, err = s.ReceiveReport(ctx, in)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("reuse a report for ticket %d: %w", id, err)
	}
	return r, nil
}
