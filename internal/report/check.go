package report

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// Why a file cannot be downloaded. Any other error is worth another try, and
// so is ErrGone for a while: Telegram's words for it are "wrong file_id or the
// file is temporarily unavailable".
var (
	// ErrTooBig is a file that Telegram does not hand out to a bot.
	ErrTooBig = errors.New("the file is too big to be downloaded")
	// ErrOverLimit is a file longer than it was said to be, and than allowed.
	ErrOverLimit = errors.New("the file is longer than allowed")
	// ErrGone is a file that Telegram does not know.
	ErrGone = errors.New("the file is not known")
)

// BusyError says that Telegram wants a pause before it hands out a file.
type BusyError struct {
	After time.Duration
	Err   error
}

// Error says what was refused.
func (e *BusyError) Error() string { return e.Err.Error() }

// Unwrap gives the refusal.
func (e *BusyError) Unwrap() error { return e.Err }

// patience is how long a failing download is tried before a manager is asked
// whether the report is to be sent without a check.
const patience = 2 * time.Minute

// Files downloads what managers sent. Its errors wrap those above.
type Files interface {
	Download(ctx context.Context, fileID string, w io.Writer, maxBytes int64) (int64, error)
}

// archive is where delivered reports are kept. It gives the SHA-256 of what it
// stored, in hex.
type archive interface {
	Put(ctx context.Context, key string, r io.Reader, size int64) (sha256 string, err error)
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete forgets a key; forgetting one that is not there is no error.
	Delete(ctx context.Context, key string) error
}

// store answers what a report is, and what it is for.
type store interface {
	Ticket(ctx context.Context, id int64) (ticket.Ticket, error)
	Report(ctx context.Context, id int64) (ticket.Report, error)
}

// tickets notes what became of a report.
type tickets interface {
	Checked(ctx context.Context, report int64, found ...ticket.Finding) error
	Archived(ctx context.Context, file ticket.ReportFile, sha256 string) error
	StoredFor(ctx context.Context, report int64, kept []ticket.KeptFile) error
	FileRefused(ctx context.Context, report int64) error
	// Copying says that a file is about to be stored, Claimed whether a report
	// names one.
	Copying(ctx context.Context, c ticket.Copy) error
	Claimed(ctx context.Context, c ticket.Copy) (bool, error)
}

// meter counts.
type meter interface {
	// ReportChecked counts a file by the result of its check and its size in
	// bytes.
	ReportChecked(result string, size int64)
}

// Options of a desk.
type Options struct {
	Store   store
	Tickets tickets
	Files   Files
	Archive archive
	Checker *Checker
	Meter   meter
	Log     zerolog.Logger
	Clock   func() time.Time
	// Spool is a folder for the files between their check and their archive.
	Spool string
	// MaxSize is the largest report, in bytes.
	MaxSize int64
}

// Desk carries out the outbox kinds that look at the files of reports: the
// check before delivery, and the archive after it.
type Desk struct {
	Options

	mu      sync.Mutex
	failing map[int64]time.Time // since when a report cannot be looked at
	busy    map[string]struct{} // keys of the archive at which something is stored or erased
}

// NewDesk makes a desk and its spool folder.
func NewDesk(o Options) (*Desk, error) {
	if err := os.MkdirAll(o.Spool, 0o700); err != nil {
		return nil, fmt.Errorf("make the spool folder: %w", err)
	}
	return &Desk{Options: o, failing: map[int64]time.Time{}, busy: map[string]struct{}{}}, nil
}

// Kinds lists the kinds that the desk carries out.
func (d *Desk) Kinds() map[ticket.EffectKind]outbox.Kind {
	return map[ticket.EffectKind]outbox.Kind{
		ticket.EffectReportCheck:   {Handler: outbox.HandlerFunc(d.check), Parallel: 4},
		ticket.EffectReportStore:   {Handler: outbox.HandlerFunc(d.store), Parallel: 2},
		ticket.EffectReportArchive: {Handler: outbox.HandlerFunc(d.archive), Parallel: 2},
		ticket.EffectReportErase:   {Handler: outbox.HandlerFunc(d.erase), Parallel: 2},
		ticket.EffectCopyUnclaimed: {Handler: outbox.HandlerFunc(d.unclaimed), Parallel: 2},
	}
}

// check downloads a report and has each of its files looked at.
func (d *Desk) check(ctx context.Context, job outbox.Job) outbox.Outcome {
	r, _, out := d.report(ctx, job)
	if r.Status != ticket.ReportChecking {
		d.forget(r.ID)
		return out
	}
	begun := d.Clock()
	var found []ticket.Finding
	for _, f := range parts(r) {
		one, err := d.look(ctx, f)
		if err != nil {
			if ctx.Err() != nil || d.Clock().Sub(d.since(r.ID, begun)) < f.patience() {
				return again(err)
			}
			d.Log.Warn().Str("request_id", ticket.RequestID(ctx)).Err(err).Int64("ticket", r.TicketID).Msg("a report cannot be looked at, the manager is asked")
			one = ticket.Finding{Reason: ticket.ReasonUnchecked}
		}
		found = append(found, one)
	}
	return outbox.Done(func(ctx context.Context) error {
		if err := d.Tickets.Checked(ctx, r.ID, found...); err != nil {
			return err
		}
		d.forget(r.ID)
		return nil
	}).Then(func() {
		for i, f := range parts(r) {
			d.checked(f, found[i])
		}
	})
}

// checked counts a verdict, and lets go of what is not needed after it.
func (d *Desk) checked(f part, found ticket.Finding) {
	reason := found.Reason
	switch reason {
	case "":
		reason = "ok"
	case ticket.ReasonUnchecked, ticket.ReasonOtherVIN: // it may be sent all the same
	default:
		_ = os.Remove(d.spooled(f)) // what is left is swept
	}
	d.Meter.ReportChecked(reason, cmp.Or(found.Size, f.Size))
}

// since gives when a report could not be looked at for the first time, which
// is now unless it was before.
func (d *Desk) since(report int64, now time.Time) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if first, ok := d.failing[report]; ok {
		return first
	}
	d.failing[report] = now
	return now
}

func (d *Desk) forget(report int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.failing, report)
}

// again is the outcome of a job that another try may help, when Telegram says.
func again(err error) outbox.Outcome {
	if busy, ok := errors.AsType[*BusyError](err); ok {
		return outbox.Paused(err, busy.After)
	}
	return outbox.Later(err, 0)
}

// look gives the finding of one file; an error is worth another try.
func (d *Desk) look(ctx context.Context, f part) (ticket.Finding, error) {
	if f.Size > d.MaxSize {
		return ticket.Finding{Reason: ticket.ReasonTooLarge}, nil
	}
	found, err := d.download(ctx, f)
	switch {
	case errors.Is(err, ErrTooBig):
		return ticket.Finding{Reason: ticket.ReasonUnchecked}, nil
	case errors.Is(err, ErrOverLimit):
		return ticket.Finding{Reason: ticket.ReasonTooLarge}, nil
	case err != nil:
		return ticket.Finding{}, err
	}
	seen, err := d.Checker.Check(ctx, d.spooled(f), d.MaxSize)
	if err != nil {
		return ticket.Finding{}, err
	}
	if !seen.OK() {
		d.Log.Info().Str("request_id", ticket.RequestID(ctx)).Int64("ticket", f.ticket).Str("reason", seen.Reason).Str("detail", seen.Detail).Msg("report not accepted")
	}
	found.Reason, found.NoText = seen.Reason, seen.Searched && !seen.Text
	if !seen.OK() {
		return found, nil
	}
	return d.compare(ctx, f, seen, found)
}

// compare holds the VINs of a good PDF against the ticket's.
func (d *Desk) compare(ctx context.Context, f part, seen Finding, found ticket.Finding) (ticket.Finding, error) {
	t, err := d.Store.Ticket(ctx, f.ticket)
	if err != nil {
		return ticket.Finding{}, fmt.Errorf("read the ticket of a report: %w", err)
	}
	if other, ok := seen.about(t.VIN); !ok {
		d.Log.Info().Str("request_id", ticket.RequestID(ctx)).Int64("ticket", f.ticket).Int("vins", len(seen.VINs)).Msg("a report seems to be about another car, the manager is asked")
		found.Reason, found.FoundVIN = ticket.ReasonOtherVIN, other
	}
	return found, nil
}

// report reads the report that a job is about, and the number of the file that
// it names. Where it cannot be read, the outcome says what becomes of the job;
// otherwise it is Done, and so it is where there is none any more.
func (d *Desk) report(ctx context.Context, job outbox.Job) (ticket.Report, int, outbox.Outcome) {
	var ref ticket.ReportRef
	if err := json.Unmarshal(job.Payload, &ref); err != nil {
		return ticket.Report{}, 0, outbox.Dead(fmt.Errorf("read the payload of %s: %w", job.Kind, err), nil)
	}
	r, err := d.Store.Report(ctx, ref.Report)
	switch {
	case ticket.IsNotFound(err): // deleted meanwhile
		return ticket.Report{}, 0, outbox.Done(nil)
	case errors.Is(err, outbox.ErrStoreAway), ctx.Err() != nil: // no fault of the job
		return ticket.Report{}, 0, outbox.Later(err, 0)
	case err != nil:
		return ticket.Report{}, 0, outbox.Failed(fmt.Errorf("read report %d: %w", ref.Report, err))
	}
	return r, ref.File, outbox.Done(nil)
}
