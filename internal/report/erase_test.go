package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestAnErasedReportIsNowhere(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	require.Equal(t, "done", d.archives().state)
	d.spools(d.files.content)
	require.Len(t, d.kept.blobs, 1)
	payload := `{"report":7,"key":"reports/3/` + sum(d.files.content) + `.pdf"}`
	for range 2 { // a job may be carried out twice
		assert.Equal(t, "done", d.carries(ticket.EffectReportErase, payload).state)
		assert.Empty(t, d.kept.blobs)
		assert.Empty(t, d.spool())
	}
	assert.Equal(t, "done", d.carries(ticket.EffectReportErase, `{"report":8}`).state, "one that was never archived")
	assert.Equal(t, "dead", d.carries(ticket.EffectReportErase, `[`).state)
}

func TestErasingWaitsForAnArchiveThatIsAway(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	d.kept.fault = errCut
	assert.Equal(t, "waiting", d.carries(ticket.EffectReportErase, `{"report":7,"key":"reports/3/a.pdf"}`).state)
}

func TestAReportThatWasErasedIsNotArchived(t *testing.T) {
	t.Parallel()
	d := delivered(t)
	d.store.report.FileID = ""
	assert.Equal(t, "done", d.archives().state)
	assert.Zero(t, d.files.asked)
	assert.Empty(t, d.kept.blobs)
}
