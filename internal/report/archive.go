package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

const (
	// spoolAge is after how long a file in the spool is nobody's.
	spoolAge = 48 * time.Hour
	// archivePatience is how long a file is asked for that Telegram says it
	// does not know.
	archivePatience = 24 * time.Hour
)

// archive keeps a file of a report that was delivered, or waits for its owner.
func (d *Desk) archive(ctx context.Context, job outbox.Job) outbox.Outcome {
	r, number, out := d.report(ctx, job)
	all := parts(r)
	if number > len(all) {
		return outbox.Dead(fmt.Errorf("report %d has no file %d", r.ID, number), nil)
	}
	f := all[max(number, 1)-1]
	sent := r.Status == ticket.ReportDelivered || r.Status == ticket.ReportUndelivered
	if !sent || f.BlobKey != "" || f.FileID == "" { // erased meanwhile
		return out
	}
	sum, err := d.fetched(ctx, f)
	switch {
	case errors.Is(err, ErrTooBig), errors.Is(err, ErrOverLimit),
		errors.Is(err, ErrGone) && d.Clock().Sub(job.CreatedAt) >= archivePatience:
		d.Log.Warn().Str("request_id", ticket.RequestID(ctx)).Err(err).Int64("ticket", r.TicketID).Msg("report not archived")
		return outbox.Done(nil)
	case err != nil:
		return again(err)
	case f.SHA256 != "" && sum != f.SHA256:
		d.Log.Warn().Str("request_id", ticket.RequestID(ctx)).Int64("ticket", r.TicketID).Msg("Telegram hands out another file than the one that was checked")
	}
	key := Key(r.TicketID, sum)
	stored, err := d.put(ctx, f, key)
	if err != nil {
		return again(err)
	}
	if stored != sum {
		return again(errors.New("the archived file is not the one that was sent"))
	}
	return outbox.Done(func(ctx context.Context) error {
		kept := ticket.ReportFile{Report: r.ID, File: f.number, Key: key}
		if err := d.Tickets.Archived(ctx, kept, sum); err != nil {
			return err
		}
		_ = os.Remove(d.spooled(f)) // what is left is swept
		return nil
	})
}

// erase removes what is kept of a report's file. Nothing else is done about the
// report meanwhile, since it shares a lane with its check and its archive.
func (d *Desk) erase(ctx context.Context, job outbox.Job) outbox.Outcome {
	var file ticket.ReportFile
	if err := json.Unmarshal(job.Payload, &file); err != nil {
		return outbox.Dead(fmt.Errorf("read the payload of %s: %w", job.Kind, err), nil)
	}
	if err := os.Remove(d.spooled(part{report: file.Report, number: file.File})); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return again(fmt.Errorf("erase a report from the spool: %w", err))
	}
	if file.Key != "" {
		if err := d.Archive.Delete(ctx, file.Key); err != nil {
			return again(fmt.Errorf("erase report %d from the archive: %w", file.Report, err))
		}
	}
	return outbox.Done(nil)
}

// Key is where a file is kept in the archive: by ticket and content, never by a
// name that somebody chose.
func Key(id int64, sha256 string) string {
	return "reports/" + strconv.FormatInt(id, 10) + "/" + sha256 + ".pdf"
}

func (d *Desk) put(ctx context.Context, f part, key string) (string, error) {
	file, err := os.Open(d.spooled(f))
	if err != nil {
		return "", fmt.Errorf("open a report to archive it: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("size of a report to archive: %w", err)
	}
	done, ok := d.hold(key)
	if !ok {
		return "", errBusy
	}
	defer done()
	if err := d.Tickets.Copying(ctx, ticket.Copy{Ticket: f.ticket, Key: key}); err != nil {
		return "", err
	}
	sum, err := d.Archive.Put(ctx, key, file, info.Size())
	if err != nil {
		return "", fmt.Errorf("archive report %d: %w", f.report, err)
	}
	return sum, nil
}
