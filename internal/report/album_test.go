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

// album makes the desk's report one of three files.
func (d *desk) album() {
	d.store.report.More = []ticket.File{{FileID: "two"}, {FileID: "three"}}
	d.files.others = map[string][]byte{"two": pdftest.Valid("VIN: " + another), "three": pdftest.Valid("")}
}

func TestEveryFileOfAnAlbumIsChecked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.album()
	require.Equal(t, "done", d.check().state)
	require.Len(t, d.checked, 3)
	assert.Empty(t, d.checked[0].Reason)
	assert.Equal(t, ticket.ReasonOtherVIN, d.checked[1].Reason)
	assert.True(t, d.checked[2].NoText)
	assert.NotEqual(t, d.checked[0].SHA256, d.checked[2].SHA256)
	assert.Equal(t, []string{"ok", ticket.ReasonOtherVIN, "ok"}, d.counted)
	assert.Equal(t, []string{"7-2.pdf", "7-3.pdf", "7.pdf"}, d.spool())
}

func TestAFileOfAnAlbumThatIsTooLargeIsFoundOutWithoutADownload(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.album()
	d.store.report.More[1].Size = d.MaxSize + 1
	require.Equal(t, "done", d.check().state)
	assert.Equal(t, ticket.ReasonTooLarge, d.checked[2].Reason)
	assert.Equal(t, 2, d.files.asked)
}

func TestOneFileOfAnAlbumThatCannotBeDownloadedIsAskedAboutAfterAWhile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.album()
	d.files.fault, d.files.broken = errCut, "two"
	assert.Equal(t, "waiting", d.check().state)
	d.now = d.now.Add(patience + time.Second)
	assert.Equal(t, "done", d.check().state)
	require.Len(t, d.checked, 3)
	assert.Equal(t, []string{"ok", ticket.ReasonUnchecked, "ok"}, d.counted)
}

func TestEachFileOfAnAlbumIsArchivedAndErased(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	d.album()
	for payload, want := range map[string]string{
		`{"report":7,"file":1}`: string(d.files.content), `{"report":7,"file":3}`: string(d.files.others["three"]),
	} {
		require.Equal(t, "done", d.carries(ticket.EffectReportArchive, payload).state)
		assert.Contains(t, d.kept.blobs, Key(3, sum([]byte(want))))
	}
	assert.Len(t, d.kept.blobs, 2)
	assert.Equal(t, "dead", d.carries(ticket.EffectReportArchive, `{"report":7,"file":4}`).state)

	key := Key(3, sum(d.files.others["three"]))
	require.NoError(t, os.WriteFile(d.spooled(part{report: 7, number: 3}), nil, 0o600))
	require.Equal(t, "done", d.carries(ticket.EffectReportErase, `{"report":7,"file":3,"key":"`+key+`"}`).state)
	assert.NotContains(t, d.kept.blobs, key)
	assert.Empty(t, d.spool())
}
