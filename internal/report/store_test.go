package report

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

// toFetch makes the desk's report one that its owner will fetch.
func toFetch(t *testing.T) *desk {
	t.Helper()
	d := delivered(t)
	d.store.report.Status = ticket.ReportDelivering
	return d
}

func (d *desk) keepsFor(age time.Duration) ending {
	d.t.Helper()
	return d.carry(d.job(ticket.EffectReportStore, age))
}

func TestAReportThatIsFetchedIsDoneWhenItIsInTheArchive(t *testing.T) {
	t.Parallel()
	d := toFetch(t)
	d.store.report.More = []ticket.File{{FileID: "another"}}
	assert.Equal(t, "done", d.keepsFor(0).state)
	want := sum(d.files.content)
	key := "reports/3/" + want + ".pdf"
	assert.Equal(t, []string{"for its owner: 7 " + key + " " + want, "for its owner: 7 " + key + " " + want}, d.archive, "each file")
	assert.Equal(t, map[string][]byte{key: d.files.content}, d.kept.blobs)
	assert.Empty(t, d.spool())
}

func TestAnUploadIsInTheArchiveAlready(t *testing.T) {
	t.Parallel()
	d := toFetch(t)
	d.store.report.FileID, d.store.report.BlobKey = ticket.StoredFile, "reports/3/upload.pdf"
	assert.Equal(t, "done", d.keepsFor(0).state)
	assert.Equal(t, []string{"for its owner: 7 reports/3/upload.pdf " + d.store.report.SHA256}, d.archive)
	assert.Zero(t, d.files.asked)
}

func TestAnUploadIsCheckedAsItIsInTheArchive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.store.report.FileID, d.store.report.BlobKey = ticket.StoredFile, "reports/3/upload.pdf"
	d.kept.blobs["reports/3/upload.pdf"] = pdftest.Valid("an upload")
	assert.Equal(t, "done", d.carries(ticket.EffectReportCheck, `{"report":7}`).state)
	require.Len(t, d.checked, 1)
	assert.Empty(t, d.checked[0].Reason)
	assert.Equal(t, sum(pdftest.Valid("an upload")), d.checked[0].SHA256)
	assert.Zero(t, d.files.asked)
	d.kept.fault = errCut
	assert.Equal(t, "waiting", d.carries(ticket.EffectReportCheck, `{"report":7}`).state, "an archive that fails is tried again")
}

func TestAReportThatCannotBeStoredIsTheManagersAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault error
		age   time.Duration
		state string
		said  []string
	}{
		"too big":                   {ErrTooBig, 0, "done", []string{"refused: 7"}},
		"gone for a moment":         {ErrGone, time.Second, "waiting", nil},
		"gone for good":             {ErrGone, patience, "done", []string{"refused: 7"}},
		"the network is in trouble": {errCut, time.Hour, "waiting", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := toFetch(t)
			d.files.fault = tt.fault
			_ = os.Remove(d.spooled(parts(d.store.report)[0]))
			assert.Equal(t, tt.state, d.keepsFor(tt.age).state)
			assert.Equal(t, tt.said, d.archive)
		})
	}
}
