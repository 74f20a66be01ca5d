package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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

// archive keeps a delivered report.
func (d *Desk) archive(ctx context.Context, job outbox.Job) outbox.Outcome {
	r, out := d.report(ctx, job)
	if r.Status != ticket.ReportDelivered || r.BlobKey != "" || r.FileID == "" { // erased meanwhile
		return out
	}
	sum, err := d.fetched(ctx, r)
	switch {
	case errors.Is(err, ErrTooBig), errors.Is(err, ErrOverLimit),
		errors.Is(err, ErrGone) && d.Clock().Sub(job.CreatedAt) >= archivePatience:
		d.Log.Warn().Err(err).Int64("ticket", r.TicketID).Msg("report not archived")
		return outbox.Done(nil)
	case err != nil:
		return again(err)
	case r.SHA256 != "" && sum != r.SHA256:
		d.Log.Warn().Int64("ticket", r.TicketID).Msg("Telegram hands out another file than the one that was checked")
	}
	r.SHA256 = sum
	key := Key(r)
	stored, err := d.put(ctx, r, key)
	if err != nil {
		return again(err)
	}
	if stored != sum {
		return again(errors.New("the archived file is not the one that was sent"))
	}
	return outbox.Done(func(ctx context.Context) error {
		if err := d.Tickets.Archived(ctx, r.ID, key, sum); err != nil {
			return err
		}
		_ = os.Remove(d.spooled(r.ID)) // what is left is swept
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
	if err := os.Remove(d.spooled(file.Report)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return again(fmt.Errorf("erase a report from the spool: %w", err))
	}
	if file.Key != "" {
		if err := d.Archive.Delete(ctx, file.Key); err != nil {
			return again(fmt.Errorf("erase report %d from the archive: %w", file.Report, err))
		}
	}
	return outbox.Done(nil)
}

// fetched has a report's file in the spool and gives its SHA-256. It is
// downloaded again where the spool lost it, broke it or never had it whole.
func (d *Desk) fetched(ctx context.Context, r ticket.Report) (string, error) {
	if r.SHA256 != "" {
		if sum, err := sumOf(d.spooled(r.ID)); err == nil && sum == r.SHA256 {
			return sum, nil
		}
	}
	found, err := d.download(ctx, r)
	return found.SHA256, err
}

// sumOf gives the SHA-256 of a file, in hex.
func sumOf(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // a path of our own
	if err != nil {
		return "", fmt.Errorf("open a report to sum it up: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("sum up a report: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
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
	defer file.Close()
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
		if err != nil || !info.Mode().IsRegular() || d.Clock().Sub(info.ModTime()) < spoolAge {
			continue // gone meanwhile, not ours, or young
		}
		if err := os.Remove(filepath.Join(d.Spool, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, fmt.Errorf("sweep the spool: %w", err))
		}
	}
	return errors.Join(faults...)
}
