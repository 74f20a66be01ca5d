package report

import (
	"context"
	"errors"
	"os"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// store keeps an accepted report for an owner whom nothing is sent to: once it
// is in the archive they can fetch it, and the ticket is done. Where Telegram
// does not hand out a file the ticket is the manager's again, who must send
// another.
func (d *Desk) store(ctx context.Context, job outbox.Job) outbox.Outcome {
	r, _, out := d.report(ctx, job)
	if r.Status != ticket.ReportDelivering {
		return out
	}
	all := parts(r)
	kept := make([]ticket.KeptFile, 0, len(all))
	for _, f := range all {
		one, err := d.keep(ctx, f)
		switch {
		case errors.Is(err, ErrTooBig), errors.Is(err, ErrOverLimit),
			errors.Is(err, ErrGone) && d.Clock().Sub(job.CreatedAt) >= patience:
			d.Log.Warn().Str("request_id", ticket.RequestID(ctx)).Err(err).Int64("ticket", r.TicketID).Msg("a report that is to be fetched cannot be stored")
			return outbox.Done(func(ctx context.Context) error { return d.Tickets.FileRefused(ctx, r.ID) })
		case err != nil:
			return again(err)
		}
		kept = append(kept, one)
	}
	return outbox.Done(func(ctx context.Context) error {
		if err := d.Tickets.StoredFor(ctx, r.ID, kept); err != nil {
			return err
		}
		for _, f := range all {
			_ = os.Remove(d.spooled(f)) // what is left is swept
		}
		return nil
	})
}

// keep has a file in the archive.
func (d *Desk) keep(ctx context.Context, f part) (ticket.KeptFile, error) {
	if f.BlobKey != "" {
		return ticket.KeptFile{Key: f.BlobKey, SHA256: f.SHA256}, nil
	}
	sum, err := d.fetched(ctx, f)
	if err != nil {
		return ticket.KeptFile{}, err
	}
	key := Key(f.ticket, sum)
	stored, err := d.put(ctx, f, key)
	if err == nil && stored != sum {
		err = errors.New("the archived file is not the one that was sent")
	}
	return ticket.KeptFile{Key: key, SHA256: sum}, err
}
