package report

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

func TestADeliveredReportIsArchivedByItsContent(t *testing.T) {
	t.Parallel()
	other := pdftest.Valid("another")
	tests := map[string]struct {
		spooled []byte // nil: nothing
		unknown bool   // it was not checked, so nobody knows its sum
		asked   int
	}{
		"from the spool":                         {spooled: pdftest.Valid("a report"), asked: 0},
		"which lost it":                          {asked: 1},
		"which broke it":                         {spooled: pdftest.Valid("a repor"), asked: 1},
		"which never had it, as it is unchecked": {unknown: true, asked: 1},
		"which may have another's":               {spooled: other, unknown: true, asked: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := delivered(t)
			if test.spooled != nil {
				d.spools(test.spooled)
			}
			if test.unknown {
				d.store.report.SHA256 = ""
			}
			assert.Equal(t, "done", d.archives().state)
			want := sum(d.files.content)
			key := "reports/3/" + want + ".pdf"
			assert.Equal(t, []string{"7 " + key + " " + want}, d.archive)
			assert.Equal(t, map[string][]byte{key: d.files.content}, d.kept.blobs, "and nothing else")
			assert.Equal(t, test.asked, d.files.asked)
			assert.Empty(t, d.spool())
			assert.Empty(t, d.log.String())
		})
	}
}

// What the owner has is what Telegram has.
func TestAnotherFileThanWasCheckedIsArchivedAsWhatItIs(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	d.files.content = pdftest.Valid("another")
	assert.Equal(t, "done", d.archives().state)
	assert.Contains(t, d.archive[0], sum(d.files.content))
	assert.Contains(t, d.log.String(), "another file than the one that was checked")
}

func TestAnArchiveThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	breaks := map[string]func(d *desk){
		"the archive refuses":       func(d *desk) { d.kept.fault = errCut },
		"the archive spoils it":     func(d *desk) { d.kept.spoils = true },
		"the download fails":        func(d *desk) { d.files.fault = errCut; require.NoError(d.t, os.Remove(d.spooled(part{report: 7}))) },
		"Telegram does not know it": func(d *desk) { d.files.fault = ErrGone; require.NoError(d.t, os.Remove(d.spooled(part{report: 7}))) },
		"Telegram wants a pause": func(d *desk) {
			d.files.fault = &BusyError{After: time.Second, Err: errCut}
			require.NoError(d.t, os.Remove(d.spooled(part{report: 7})))
		},
	}
	for name, spoil := range breaks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := delivered(t)
			d.spools(d.files.content)
			spoil(d)
			assert.Equal(t, "waiting", d.archives().state)
			assert.Empty(t, d.archive)
			d.kept.fault, d.kept.spoils, d.files.fault = nil, false, nil
			assert.Equal(t, "done", d.archives().state)
			assert.Len(t, d.archive, 1)
		})
	}
}

func TestAFileThatCannotBeArchivedIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{ErrTooBig, ErrOverLimit, ErrGone} {
		t.Run(fault.Error(), func(t *testing.T) {
			t.Parallel()
			d := delivered(t)
			d.files.fault = fmt.Errorf("%w: 400", fault)
			assert.Equal(t, "done", d.carry(d.job(ticket.EffectReportArchive, archivePatience)).state)
			assert.Empty(t, d.archive)
			assert.Contains(t, d.log.String(), "report not archived")
		})
	}
}

func TestWhatIsArchivedIsNotArchivedAgain(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	d.store.report.BlobKey = "reports/3/x.pdf"
	assert.Equal(t, "done", d.archives().state)
	assert.Zero(t, d.files.asked)
	assert.Empty(t, d.kept.blobs)
}

func TestTheSpoolIsSwept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	old := d.now.Add(-spoolAge)
	for name, at := range map[string]time.Time{"1.pdf": old, "download-x": old, "2.pdf": old.Add(time.Second)} {
		path := filepath.Join(d.Spool, name)
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
	}
	folder := filepath.Join(d.Spool, "lost+found")
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "x"), 0o700))
	require.NoError(t, os.Chtimes(folder, old, old))
	require.NoError(t, d.Sweep())
	assert.Equal(t, []string{"2.pdf", "lost+found"}, d.spool())

	require.NoError(t, os.RemoveAll(d.Spool))
	require.ErrorContains(t, d.Sweep(), "read the spool folder")
}
