package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/api"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

// uploads sends a report for a ticket.
func (w *world) uploads(secret string, t api.Ticket, content string, headers ...string) reply {
	w.Helper()
	return w.ask(secret, "POST", path(t, "reports"), content, append([]string{"Content-Type", "application/pdf"}, headers...)...)
}

// passes has an upload pass its check, as the desk does, and be stored.
func (w *world) passes(r api.Report) {
	w.Helper()
	require.NoError(w, w.tickets.Checked(w.Context(), r.ID, ticket.Finding{SHA256: r.SHA256}))
	stored, err := w.store.Report(w.Context(), r.ID)
	require.NoError(w, err)
	require.NoError(w, w.tickets.StoredFor(w.Context(), r.ID, []ticket.KeptFile{{Key: stored.BlobKey, SHA256: stored.SHA256}}))
}

func TestAReportIsUploadedCheckedAndFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	assert.Equal(t, 404, w.ask(token, "GET", path(k, "report"), nil).status, "there is none yet")
	content := string(pdftest.Valid("Vehicle history report"))
	answer := w.uploads(token, k, content)
	require.Equal(t, 202, answer.status, "%s", answer.text)
	var sent, read api.Report
	answer.into(&sent)
	sum := sha256.Sum256([]byte(content))
	assert.Equal(t, hex.EncodeToString(sum[:]), sent.SHA256)
	assert.Equal(t, "checking", sent.Status)
	assert.EqualValues(t, len(content), sent.Size)
	w.ask(token, "GET", answer.header.Get("Location"), nil).into(&read)
	assert.Equal(t, sent, read)
	assert.Equal(t, 404, w.ask(token, "GET", path(api.Ticket{ID: 9}, "reports", "1"), nil).status, "of another ticket")

	w.passes(sent)
	var done api.Ticket
	w.ask(token, "GET", path(k), nil).into(&done)
	assert.Equal(t, "done", done.Status)
	assert.Equal(t, &api.Assignee{ID: -1, Name: "tests"}, done.Assignee, "who sends it takes the ticket")
	got := w.ask(token, "GET", path(k, "report"), nil)
	assert.Equal(t, 200, got.status)
	assert.Equal(t, content, string(got.text))
	assert.Equal(t, "application/pdf", got.header.Get("Content-Type"))
	assert.Equal(t, `attachment; filename="report-1.pdf"`, got.header.Get("Content-Disposition"))
	part := w.ask(token, "GET", path(k, "report"), nil, "Range", "bytes=5-9")
	assert.Equal(t, 206, part.status)
	assert.Equal(t, content[5:10], string(part.text))
	assert.Equal(t, fmt.Sprintf("bytes 5-9/%d", len(content)), part.header.Get("Content-Range"))
	assert.Equal(t, 416, w.ask(token, "GET", path(k, "report"), nil, "Range", fmt.Sprintf("bytes=%d-", len(content))).status)
	assert.Equal(t, 304, w.ask(token, "GET", path(k, "report"), nil, "If-None-Match", got.header.Get("ETag")).status)
	assert.Equal(t, 404, w.ask(token, "GET", path(k, "report")+"?file=2", nil).status)
	spool, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	assert.Len(t, spool, 1, "nothing is left beside the archive")
}

func TestAnUploadThatIsRefusedIsErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	var sent api.Report
	w.uploads(token, k, "no pdf").into(&sent)
	require.NoError(t, w.tickets.Checked(t.Context(), sent.ID, ticket.Finding{Reason: ticket.ReasonNotPDF}))
	w.ask(token, "GET", path(k, "reports", "1"), nil).into(&sent)
	assert.Equal(t, "refused", sent.Status)
	assert.Equal(t, "not_pdf", sent.Reason)
	waiting, err := w.store.Outbox().Waiting(t.Context(), 0, 10)
	require.NoError(t, err)
	assert.Equal(t, "report.erase", waiting[len(waiting)-1].Kind)
	for _, h := range waiting {
		assert.NotEqual(t, "say", h.Kind, "there is no message to reply to")
	}
}

func TestAReportThatNeedsConfirmationIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	confirm := func(r api.Report, send bool) reply {
		return w.ask(token, "POST", path(k, "reports", strconv.FormatInt(r.ID, 10), "confirm"), object{"send": send})
	}
	for _, send := range []bool{false, true} {
		var sent api.Report
		w.uploads(token, k, string(pdftest.Valid("x"))).into(&sent)
		assert.Equal(t, 409, confirm(sent, true).status, "nothing is asked yet")
		require.NoError(t, w.tickets.Checked(t.Context(), sent.ID, ticket.Finding{Reason: ticket.ReasonOtherVIN, FoundVIN: vinNumber(1)}))
		answer := confirm(sent, send)
		require.Equal(t, 200, answer.status, "%s", answer.text)
		answer.into(&sent)
		assert.Equal(t, map[bool]string{false: "refused", true: "delivering"}[send], sent.Status)
	}
	assert.Equal(t, 404, w.ask(token, "POST", path(k, "reports", "77", "confirm"), object{"send": true}).status)
}

func TestWhatIsNoUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	assert.Equal(t, 415, w.ask(token, "POST", path(k, "reports"), object{}).status)
	assert.Equal(t, 413, w.uploads(token, k, strings.Repeat("x", 1<<20+1)).status)
	assert.Equal(t, 404, w.uploads(token, api.Ticket{ID: 77}, "x").status)
	request := httptest.NewRequest(http.MethodPost, path(k, "reports"), io.MultiReader(strings.NewReader("%PDF-"), brokenBody{}))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/pdf")
	recorder := httptest.NewRecorder()
	w.web.ServeHTTP(recorder, request)
	assert.Equal(t, http.StatusBadRequest, recorder.Code, "it did not arrive whole")
	require.Equal(t, 200, w.ask(token, "POST", path(k, "cancel"), nil).status)
	assert.Equal(t, 409, w.uploads(token, k, "x").status)
	_, err := w.store.Report(t.Context(), 1)
	assert.True(t, ticket.IsNotFound(err))
	assert.Empty(t, w.kept(), "nothing is kept of any")
}

// brokenBody is a connection that was cut.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAnUploadThatComesAgainIsOneReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	first := w.uploads(token, k, "one", "Idempotency-Key", "u")
	again := w.uploads(token, k, "one", "Idempotency-Key", "u")
	require.Equal(t, 202, first.status, "%s", first.text)
	assert.Equal(t, string(first.text), string(again.text))
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	assert.Equal(t, 422, w.uploads(token, k, "two", "Idempotency-Key", "u").status)
	assert.Len(t, w.kept(), 1)
}

func TestAnOwnerFetchesTheirReportAndNobodyElses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, anna, olga := w.all(), w.owner(7, false), w.owner(8, false)
	k := w.opens(anna, object{"vin": honda})
	var sent api.Report
	w.uploads(token, k, string(pdftest.Valid("x"))).into(&sent)
	w.passes(sent)
	assert.Equal(t, 200, w.ask(anna, "GET", path(k, "report"), nil).status)
	assert.Equal(t, 404, w.ask(olga, "GET", path(k, "report"), nil).status)
	assert.Equal(t, 403, w.ask(w.token(account.ScopeTicketsRead), "GET", path(k, "report"), nil).status)
}

func TestAReportOfTheGroupIsFetchedOnceItIsInTheArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	w.owner(7, true)
	k := w.opens(token, object{"vin": honda, "owner_id": 7})
	r, err := w.tickets.ReceiveReport(t.Context(), ticket.Incoming{
		Ticket: k.ID, FileID: "file", Size: 1, Source: ticket.Place{Chat: -100, Message: 5}, By: ticket.Actor{ID: 1},
	})
	require.NoError(t, err)
	require.NoError(t, w.tickets.Checked(t.Context(), r.ID, ticket.Finding{SHA256: "00"}))
	require.NoError(t, w.tickets.Delivered(t.Context(), r.ID, 9))
	answer := w.ask(token, "GET", path(k, "report"), nil)
	assert.Equal(t, 503, answer.status)
	assert.Equal(t, "1", answer.header.Get("Retry-After"))
	sum, err := w.archive.Put(t.Context(), "reports/1/x.pdf", strings.NewReader("%PDF-"), 5)
	require.NoError(t, err)
	require.NoError(t, w.tickets.Archived(t.Context(), ticket.ReportFile{Report: r.ID, Key: "reports/1/x.pdf"}, sum))
	assert.Equal(t, "%PDF-", string(w.ask(token, "GET", path(k, "report"), nil).text))
}

// connection is a recorder of an answer that notes until when it may last.
type connection struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (c *connection) SetReadDeadline(at time.Time) error { c.read = at; return nil }

func (c *connection) SetWriteDeadline(at time.Time) error { c.write = at; return nil }

func TestAnUploadIsAnsweredHoweverLongItTook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path(w.opens(token, object{"vin": honda}), "reports"), strings.NewReader("%PDF-"))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/pdf")
	c := &connection{ResponseRecorder: httptest.NewRecorder()}
	w.web.ServeHTTP(c, request)
	require.Equal(t, http.StatusAccepted, c.Code)
	assert.False(t, c.read.IsZero(), "it may take longer than any other request")
	assert.True(t, c.write.After(c.read), "the answer comes after the last of it")
}

func TestAnOwnerWhoBlockedTheBotFetchesTheirReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna, token := w.owner(7, true), w.all()
	k := w.opens(anna, object{"vin": honda})
	var r api.Report
	w.uploads(token, k, "%PDF-new").into(&r)
	assert.Equal(t, 404, w.ask(anna, "GET", path(k, "report"), nil).status, "it is not checked yet")
	require.NoError(t, w.tickets.Checked(t.Context(), r.ID, ticket.Finding{SHA256: r.SHA256}))
	assert.Equal(t, "%PDF-new", string(w.ask(anna, "GET", path(k, "report"), nil).text), "on its way")
	require.NoError(t, w.tickets.Undelivered(t.Context(), r.ID, "blocked"))
	assert.Equal(t, "%PDF-new", string(w.ask(anna, "GET", path(k, "report"), nil).text))
}

func TestEachFileOfAnAlbumIsFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna, token := w.owner(7, true), w.all()
	k := w.opens(anna, object{"vin": honda})
	r, err := w.tickets.ReceiveReport(t.Context(), ticket.Incoming{
		Ticket: k.ID, FileID: "one", Size: 1, Source: ticket.Place{Chat: -100, Message: 5}, By: ticket.Actor{ID: 1},
		More: []ticket.File{{FileID: "two", Size: 1}},
	})
	require.NoError(t, err)
	require.NoError(t, w.tickets.Checked(t.Context(), r.ID, ticket.Finding{SHA256: "00"}, ticket.Finding{SHA256: "01"}))
	require.NoError(t, w.tickets.Undelivered(t.Context(), r.ID, "blocked"))
	for i, content := range []string{"%PDF-1", "%PDF-2"} {
		assert.Equal(t, 404, w.ask(anna, "GET", path(k, "report"), nil).status, "not all is in the archive")
		key := fmt.Sprintf("reports/%d/%d.pdf", k.ID, i)
		sum, err := w.archive.Put(t.Context(), key, strings.NewReader(content), int64(len(content)))
		require.NoError(t, err)
		require.NoError(t, w.tickets.Archived(t.Context(), ticket.ReportFile{Report: r.ID, File: i + 1, Key: key}, sum))
	}
	for file, content := range map[string]string{"": "%PDF-1", "?file=1": "%PDF-1", "?file=2": "%PDF-2"} {
		assert.Equal(t, content, string(w.ask(anna, "GET", path(k, "report")+file, nil).text), file)
	}
	assert.Equal(t, 404, w.ask(anna, "GET", path(k, "report")+"?file=3", nil).status)
	var said api.Report
	w.ask(token, "GET", path(k, "reports", "1"), nil).into(&said)
	assert.Equal(t, 2, said.Files)
}

func TestAFullDiskIsNotTheClientsFault(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	_, err = api.Received(full, strings.NewReader("%PDF-"))
	assert.Equal(t, ticket.CodeUnavailable, ticket.CodeOf(err), "%v", err)
	_, err = api.Received(io.Discard, io.MultiReader(strings.NewReader("%PDF-"), brokenBody{}))
	var wrong *api.Problem
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, http.StatusBadRequest, wrong.Status)
}
