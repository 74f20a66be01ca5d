package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// spoolAge is after how long a file in the spool is nobody's.
const spoolAge = 48 * time.Hour

// archive keeps a delivered report. It is downloaded again where the spool no
// longer has it.
func (d *Desk) archive(ctx context.Context, job outbox.Job) outbox.Outcome {
	r, out := d.report(ctx, job)
	if r.Status != ticket.ReportDelivered || r.BlobKey != "" {
		return out
	}
	if _, err := os.Stat(d.spooled(r.ID)); err != nil {
		found, err := d.download(ctx, r)
		switch {
		case errors.Is(err, ErrTooBig), errors.Is(err, ErrOverLimit), errors.Is(err, ErrGone):
			d.Log.Warn().Err(err).Int64("ticket", r.TicketID).Msg("report not archived")
			return outbox.Done(nil)
		case err != nil:
			return outbox.Later(err, 0)
		}
		r.SHA256 = found.SHA256
	}
	key := Key(r)
	sum, err := d.put(ctx, r, key)
	if err != nil {
		return outbox.Later(err, 0)
	}
	if sum != r.SHA256 {
		_ = os.Remove(d.spooled(r.ID)) // the spool's copy is broken: fetch another
		return outbox.Later(errors.New("the archived file is not the one that was checked"), 0)
	}
	return outbox.Done(func(ctx context.Context) error {
		if err := d.Tickets.Archived(ctx, r.ID, key, sum); err != nil {
			return err
		}
		_ = os.Remove(d.spooled(r.ID))
		return nil
	})
}

// Key is where a report is kept in the archive: by ticket and content, never
// by a name that somebody chose.
func Key(r ticket.Report) string {
	return "reports/" + strconv.FormatInt(r.TicketID, 10) + "/" + r.SHA256 + ".pdf"
}

func (d *Desk) put(ctx context.Context, r ticket.Report, key string) (string, error) {
	file, err := os.Open(d.spooled(r.ID))
	if err != nil {
		return "", fmt.Errorf("open a report to archive it: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("size of a report to archive: %w", err)
	}
	sum, err := d.Archive.Put(ctx, key, file, info.Size())
	if err != nil {
		return "", fmt.Errorf("archive report %d: %w", r.ID, err)
	}
	return sum, nil
}

// Sweep removes files from the spool that nobody will ask for: of reports that
// were refused, and of downloads that a dead process left.
func (d *Desk) Sweep() error {
	entries, err := os.ReadDir(d.Spool)
	if err != nil {
		return fmt.Errorf("read the spool folder: %w", err)
	}
	var faults []error
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || d.Clock().Sub(info.ModTime()) < spoolAge {
			continue // gone meanwhile, or young
		}
		faults = append(faults, os.Remove(d.Spool+string(os.PathSeparator)+e.Name()))
	}
	return errors.Join(faults...)
}
