package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/outbox"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

var errCut = errors.New("the connection was cut")

func TestAGoodReportIsAccepted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	assert.Equal(t, ending{state: "done"}, d.check())
	size := int64(len(d.files.content))
	assert.Equal(t, []ticket.Finding{{SHA256: sum(d.files.content), Size: size}}, d.checked)
	assert.Equal(t, []string{"ok"}, d.counted)
	assert.Positive(t, d.sizes[0])
	assert.Equal(t, []string{"7.pdf"}, d.spool(), "kept for the archive")
}

func TestAReportThatWillNotDoIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content []byte
		size    int64
		want    string
		asked   int
	}{
		"not a PDF":               {content: []byte("<html>"), want: ticket.ReasonNotPDF, asked: 1},
		"damaged":                 {content: pdftest.Truncated(), want: ticket.ReasonDamaged, asked: 1},
		"too large, as it is":     {content: make([]byte, 1<<20+1), want: ticket.ReasonTooLarge, asked: 1},
		"too large, as it claims": {size: 1<<20 + 1, want: ticket.ReasonTooLarge, asked: 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.files.content, d.store.report.Size = test.content, test.size
			assert.Equal(t, "done", d.check().state)
			require.Len(t, d.checked, 1)
			assert.Equal(t, test.want, d.checked[0].Reason)
			assert.Equal(t, []string{test.want}, d.counted)
			assert.Empty(t, d.spool(), "nobody needs it any more")
			assert.Equal(t, test.asked, d.files.asked)
		})
	}
}

func TestAFileThatTelegramGivesNoBotIsForAManagerToDecide(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.files.fault = fmt.Errorf("%w: 400", ErrTooBig)
	assert.Equal(t, "done", d.check().state)
	assert.Equal(t, []ticket.Finding{{Reason: ticket.ReasonUnchecked}}, d.checked, "at once")
	assert.Empty(t, d.spool(), "no half of it is left")
}

// A download is tried for two minutes from its first failure, however long the
// bot did not run before; then the manager is asked.
func TestADownloadThatFailsIsTriedForTwoMinutes(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]error{"cut": errCut, "not known": fmt.Errorf("%w: 400", ErrGone)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.files.fault = fault
			end := d.carry(d.job(ticket.EffectReportCheck, time.Hour))
			assert.Equal(t, "waiting", end.state)
			assert.Positive(t, end.in)
			assert.Contains(t, end.fault, fault.Error())
			d.now = d.now.Add(2*time.Minute - time.Second)
			assert.Equal(t, "waiting", d.check().state)
			assert.Empty(t, d.checked)
			d.now = d.now.Add(time.Second)
			assert.Equal(t, "done", d.check().state)
			assert.Equal(t, []ticket.Finding{{Reason: ticket.ReasonUnchecked}}, d.checked)
			assert.Equal(t, []string{ticket.ReasonUnchecked}, d.counted)
			assert.Empty(t, d.spool())
			assert.Empty(t, d.failing)
		})
	}
}

func TestTheTwoMinutesBeginAnewAfterASuccess(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.files.fault = errCut
	assert.Equal(t, "waiting", d.check().state)
	d.files.fault = nil
	assert.Equal(t, "done", d.check().state)
	d.now = d.now.Add(time.Hour)
	d.files.fault = errCut
	assert.Equal(t, "waiting", d.check().state)
}

func TestAPauseThatTelegramWantsIsObeyed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.files.fault = &BusyError{After: 17 * time.Second, Err: errCut}
	assert.Equal(t, ending{state: "waiting", fault: "download report 7: the connection was cut", in: 17 * time.Second}, d.check())
	require.ErrorIs(t, d.files.fault, errCut)
}

func TestTheEndOfTheProcessIsNoFailureOfADownload(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.files.fault = context.Canceled
	d.failing[7] = d.now.Add(-time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.Desk.check(ctx, d.job(ticket.EffectReportCheck, 0).job)
	assert.Empty(t, d.log.String(), "nobody is asked")
}

func TestJobsThatAreOver(t *testing.T) {
	t.Parallel()
	for _, status := range []ticket.ReportStatus{ticket.ReportRefused, ticket.ReportDelivering, ticket.ReportNeedsConfirmation} {
		d := newDesk(t)
		d.store.report.Status = status
		assert.Equal(t, "done", d.check().state)
		assert.Equal(t, "done", d.archives().state)
		assert.Zero(t, d.files.asked)
		assert.Empty(t, d.checked)
	}
}

func TestJobsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		payload string
		fault   error
		state   string
	}{
		"no such report":    {payload: `{"report":8}`, state: "done"},
		"broken":            {payload: `[`, state: "dead"},
		"the store is away": {payload: `{"report":7}`, fault: fmt.Errorf("read: %w", outbox.ErrStoreAway), state: "waiting"},
		"a fault of ours":   {payload: `{"report":7}`, fault: errCut, state: "waiting"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range []ticket.EffectKind{ticket.EffectReportCheck, ticket.EffectReportArchive} {
				d := newDesk(t)
				d.store.fault = test.fault
				assert.Equal(t, test.state, d.carries(kind, test.payload).state)
				assert.Zero(t, d.files.asked)
			}
		})
	}
}

func TestASpoolThatCannotBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := NewDesk(Options{Spool: filepath.Join(file, "spool")})
	require.ErrorContains(t, err, "make the spool folder")
}

func TestASpoolThatIsGone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	require.NoError(t, os.RemoveAll(d.Spool))
	assert.Equal(t, "waiting", d.check().state, "it may come back")
	assert.Zero(t, d.files.asked)
}

func TestAReportAboutAnotherCarIsAskedAbout(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.files.content = pdftest.Valid("VIN: " + another)
	require.Equal(t, "done", d.check().state)
	require.Len(t, d.checked, 1)
	assert.Equal(t, ticket.ReasonOtherVIN, d.checked[0].Reason)
	assert.Equal(t, another, d.checked[0].FoundVIN)
	assert.Equal(t, []string{ticket.ReasonOtherVIN}, d.counted)
	assert.Len(t, d.spool(), 1, "it may be sent all the same")
	assert.NotContains(t, d.log.String(), another)

	d = newDesk(t)
	d.files.content = pdftest.Valid("VIN: " + another + ", formerly " + wanted)
	require.Equal(t, "done", d.check().state)
	assert.Empty(t, d.checked[0].Reason)
}

func TestAScanIsSentAndSaidToBeOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.files.content = pdftest.Valid("")
	require.Equal(t, "done", d.check().state)
	require.Len(t, d.checked, 1)
	assert.Empty(t, d.checked[0].Reason)
	assert.True(t, d.checked[0].NoText)
}
