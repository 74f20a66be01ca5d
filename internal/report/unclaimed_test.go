package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

const unclaimedCopy = `{"ticket":3,"key":"reports/3/a.pdf"}`

func TestAFileThatNoReportNamesIsErased(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	keep := func() { d.kept.blobs["reports/3/a.pdf"] = []byte("x") }
	keep()
	d.claimed = []string{"reports/3/a.pdf"}
	assert.Equal(t, "done", d.carries(ticket.EffectCopyUnclaimed, unclaimedCopy).state)
	assert.Len(t, d.kept.blobs, 1, "a report names it")

	d.claimed, d.fault = nil, errCut
	assert.Equal(t, "waiting", d.carries(ticket.EffectCopyUnclaimed, unclaimedCopy).state)
	assert.Len(t, d.kept.blobs, 1, "nobody knows whether one does")

	d.fault, d.kept.fault = nil, errCut
	assert.Equal(t, "waiting", d.carries(ticket.EffectCopyUnclaimed, unclaimedCopy).state)
	d.kept.fault = nil
	done, ok := d.hold("reports/3/a.pdf")
	require.True(t, ok)
	assert.Equal(t, "waiting", d.carries(ticket.EffectCopyUnclaimed, unclaimedCopy).state)
	assert.Len(t, d.kept.blobs, 1, "it is being stored once more")
	done()

	assert.Equal(t, "done", d.carries(ticket.EffectCopyUnclaimed, unclaimedCopy).state)
	assert.Empty(t, d.kept.blobs)
	assert.Equal(t, "done", d.carries(ticket.EffectCopyUnclaimed, unclaimedCopy).state, "once is twice")
	assert.Equal(t, "dead", d.carries(ticket.EffectCopyUnclaimed, `[`).state)
}

func TestItIsSaidBeforeAReportIsStored(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]func(d *desk) ending{
		"in the archive": (*desk).archives,
		"to be fetched": func(d *desk) ending {
			d.store.report.Status = ticket.ReportDelivering
			return d.carries(ticket.EffectReportStore, `{"report":7}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := delivered(t)
			d.kept.fault = errCut
			assert.Equal(t, "waiting", store(d).state)
			assert.Equal(t, []ticket.Copy{{Ticket: 3, Key: Key(3, sum(d.files.content))}}, d.copying)
			d.fault, d.kept.fault = errCut, nil
			assert.Equal(t, "waiting", store(d).state)
			assert.Empty(t, d.kept.blobs, "where it cannot be said, nothing is stored")
		})
	}
}
