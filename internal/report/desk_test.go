package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/outbox"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

// desk is a desk over fakes, and what it did.
type desk struct {
	*Desk
	t     *testing.T
	now   time.Time
	log   bytes.Buffer
	store fakeStore
	files fakeFiles
	kept  fakeArchive

	mu      sync.Mutex
	checked []ticket.Finding
	archive []string // key and sum
	counted []string
	sizes   []int64
	copying []ticket.Copy // said before they were stored
	claimed []string      // keys that reports name
	fault   error         // of the domain
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), kept: fakeArchive{blobs: map[string][]byte{}}}
	d.store.report = ticket.Report{ID: 7, TicketID: 3, FileID: "file", Status: ticket.ReportChecking}
	d.files.content = pdftest.Valid("a report")
	var err error
	d.Desk, err = NewDesk(Options{
		Store: &d.store, Tickets: d, Files: &d.files, Archive: &d.kept, Checker: NewChecker(DefaultLimits()), Meter: d,
		Log: zerolog.New(&d.log), Clock: func() time.Time { return d.now },
		Spool: filepath.Join(t.TempDir(), "spool"), MaxSize: 1 << 20,
	})
	require.NoError(t, err)
	return d
}

// delivered makes the desk's report one that was checked and delivered.
func delivered(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.store.report.Status = ticket.ReportDelivered
	d.store.report.SHA256 = sum(d.files.content)
	return d
}

func (d *desk) Checked(_ context.Context, _ int64, found ...ticket.Finding) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault != nil {
		return d.fault
	}
	d.checked = append(d.checked, found...)
	return nil
}

func (d *desk) Archived(_ context.Context, file ticket.ReportFile, sum string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault != nil {
		return d.fault
	}
	d.archive = append(d.archive, strings.TrimPrefix(fmt.Sprintf("%d:%d %s %s", file.File, file.Report, file.Key, sum), "0:"))
	return nil
}

func (d *desk) StoredFor(_ context.Context, report int64, kept []ticket.KeptFile) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, k := range kept {
		d.archive = append(d.archive, fmt.Sprintf("for its owner: %d %s %s", report, k.Key, k.SHA256))
	}
	return d.fault
}

func (d *desk) FileRefused(_ context.Context, report int64) error {
	d.archive = append(d.archive, fmt.Sprintf("refused: %d", report))
	return nil
}

func (d *desk) Copying(_ context.Context, c ticket.Copy) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault == nil && d.kept.blobs[c.Key] == nil {
		d.copying = append(d.copying, c)
	}
	return d.fault
}

func (d *desk) Claimed(_ context.Context, c ticket.Copy) (bool, error) {
	return slices.Contains(d.claimed, c.Key), d.fault
}

func (d *desk) ReportChecked(result string, size int64) {
	d.counted, d.sizes = append(d.counted, result), append(d.sizes, size)
}

// spool lists what lies in the spool.
func (d *desk) spool() []string {
	d.t.Helper()
	entries, err := os.ReadDir(d.Spool)
	require.NoError(d.t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// spools puts a file into the spool as the report's.
func (d *desk) spools(content []byte) {
	d.t.Helper()
	require.NoError(d.t, os.WriteFile(d.spooled(part{report: 7}), content, 0o600))
}

// carries has a job carried out as the outbox does, and gives how it ended.
func (d *desk) carries(kind ticket.EffectKind, payload string) ending {
	d.t.Helper()
	o := &oneJob{end: make(chan ending, 1), clock: d.Clock, job: outbox.Job{
		Head: outbox.Head{ID: 1, Kind: string(kind), Lane: "x"}, Payload: []byte(payload), Attempt: 1, CreatedAt: d.now,
	}}
	return d.carry(o)
}

// carry is carries for a job of the test's own making.
func (d *desk) carry(o *oneJob) ending {
	d.t.Helper()
	kinds := map[string]outbox.Kind{}
	for kind, k := range d.Kinds() {
		kinds[string(kind)] = k
	}
	relay := outbox.New(outbox.Options{
		Store: o, Kinds: kinds, Meter: uncounted{}, Log: zerolog.Nop(), Clock: d.Clock,
		Context: func(ctx context.Context, _ outbox.Job) context.Context { return ctx },
	})
	require.NoError(d.t, relay.Start(d.t.Context()))
	end := <-o.end
	require.NoError(d.t, relay.Stop(context.WithoutCancel(d.t.Context())))
	return end
}

func (d *desk) check() ending {
	d.t.Helper()
	return d.carries(ticket.EffectReportCheck, `{"report":7}`)
}

func (d *desk) archives() ending {
	d.t.Helper()
	return d.carries(ticket.EffectReportArchive, `{"report":7}`)
}

// ending is what became of a job.
type ending struct {
	state string // done, waiting or dead
	fault string
	in    time.Duration // until the next try
}

// oneJob is an outbox that holds one job. What it does not have nobody asks.
type oneJob struct {
	outbox.Store
	job   outbox.Job
	end   chan ending
	clock func() time.Time
}

func (o *oneJob) Waiting(_ context.Context, after int64, _ int) ([]outbox.Head, error) {
	if after > 0 {
		return nil, nil
	}
	return []outbox.Head{o.job.Head}, nil
}

func (o *oneJob) Claim(context.Context, []int64, time.Duration) ([]outbox.Job, error) {
	return []outbox.Job{o.job}, nil
}

func (o *oneJob) Renew(context.Context, int64, int, time.Duration) error { return nil }

func (o *oneJob) Finish(ctx context.Context, _ outbox.Job, record func(ctx context.Context) error) error {
	if record != nil {
		if err := record(ctx); err != nil {
			return err
		}
	}
	o.ends(ending{state: "done"})
	return nil
}

func (o *oneJob) Retry(_ context.Context, _ outbox.Job, at time.Time, reason string) (bool, error) {
	o.ends(ending{state: "waiting", fault: reason, in: at.Sub(o.clock())})
	return false, nil
}

func (o *oneJob) Bury(_ context.Context, _ outbox.Job, reason string, _ func(ctx context.Context) error) error {
	o.ends(ending{state: "dead", fault: reason})
	return nil
}

// ends tells the first ending; the row is read again after it, since the fake
// forgets nothing.
func (o *oneJob) ends(e ending) {
	select {
	case o.end <- e:
	default:
	}
}

func (o *oneJob) Reclaim(context.Context, time.Time) ([]outbox.Head, error) { return nil, nil }
func (o *oneJob) Prune(context.Context, time.Time) (int, error)             { return 0, nil }
func (o *oneJob) Depths(context.Context) ([]outbox.Depth, error)            { return nil, nil }

type uncounted struct{}

func (uncounted) JobEnded(string, string, time.Duration) {}
func (uncounted) JobResent(string)                       {}

// fakeStore knows one report.
type fakeStore struct {
	ticket.Reader
	report ticket.Report
	fault  error
}

func (s *fakeStore) Ticket(_ context.Context, id int64) (ticket.Ticket, error) {
	return ticket.Ticket{ID: id, VIN: wanted}, nil
}

func (s *fakeStore) Report(_ context.Context, id int64) (ticket.Report, error) {
	switch {
	case s.fault != nil:
		return ticket.Report{}, s.fault
	case id != s.report.ID:
		return ticket.Report{}, ticket.NewError(ticket.CodeNotFound, "no such report", nil)
	}
	return s.report, nil
}

// fakeFiles hands out one file, or half of it and an error.
type fakeFiles struct {
	content []byte
	others  map[string][]byte // by file id
	broken  string            // the file id that the fault is about; empty: any
	fault   error
	asked   int
}

func (f *fakeFiles) Download(_ context.Context, id string, w io.Writer, most int64) (int64, error) {
	f.asked++
	content := f.content
	if other, ok := f.others[id]; ok {
		content = other
	}
	if f.broken != "" && f.broken != id {
		n, err := w.Write(content)
		return int64(n), err
	}
	if f.fault != nil {
		content = content[:len(content)/2]
	}
	n, err := w.Write(content)
	if err != nil {
		return 0, err
	}
	if int64(n) > most {
		return int64(n), ErrOverLimit
	}
	return int64(n), f.fault
}

// fakeArchive keeps blobs in memory.
type fakeArchive struct {
	blobs  map[string][]byte
	fault  error
	spoils bool
}

func (a *fakeArchive) Put(_ context.Context, key string, r io.Reader, size int64) (string, error) {
	if a.fault != nil {
		return "", a.fault
	}
	content, err := io.ReadAll(r)
	if err != nil || int64(len(content)) != size {
		return "", errors.Join(err, errors.New("not what was announced"))
	}
	if a.spoils {
		content = append(content, '!')
	}
	a.blobs[key] = content
	return sum(content), nil
}

func (a *fakeArchive) Open(_ context.Context, key string) (io.ReadCloser, error) {
	content, ok := a.blobs[key]
	if a.fault != nil || !ok {
		return nil, errors.Join(a.fault, errors.New("not there"))
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

func (a *fakeArchive) Delete(_ context.Context, key string) error {
	if a.fault != nil {
		return a.fault
	}
	delete(a.blobs, key)
	return nil
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

// job is a report's job, with its age.
func (d *desk) job(kind ticket.EffectKind, age time.Duration) *oneJob {
	d.t.Helper()
	payload, err := json.Marshal(ticket.ReportRef{Report: 7})
	require.NoError(d.t, err)
	return &oneJob{end: make(chan ending, 1), clock: d.Clock, job: outbox.Job{
		Head: outbox.Head{ID: 1, Kind: string(kind), Lane: "x"}, Payload: payload, Attempt: 1, CreatedAt: d.now.Add(-age),
	}}
}
