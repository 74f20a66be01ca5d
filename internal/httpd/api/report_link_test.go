package api_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/api"
	"vinbot/internal/report/pdftest"
)

// linker gives links, unless something is wrong.
type linker struct {
	now   func() time.Time
	fault error
	asked []string
}

func (l *linker) Link(_ context.Context, key, name string) (string, time.Time, error) {
	l.asked = append(l.asked, key+" as "+name)
	return "https://s3.example.com/" + key + "?signed", l.now().Add(5 * time.Minute), l.fault
}

func TestAReportHasALinkOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := &linker{now: w.now}
	w.rest.Links = l
	anna, olga, token := w.owner(7, false), w.owner(8, false), w.all()
	k := w.opens(anna, object{"vin": honda})
	assert.Equal(t, 404, w.ask(anna, "GET", path(k, "report", "link"), nil).status, "there is no report yet")
	var sent api.Report
	w.uploads(token, k, string(pdftest.Valid("x"))).into(&sent)
	w.passes(sent)
	stored, err := w.store.Report(t.Context(), sent.ID)
	require.NoError(t, err)

	var link api.ReportLink
	answer := w.ask(anna, "GET", path(k, "report", "link"), nil)
	require.Equal(t, 200, answer.status, "%s", answer.text)
	answer.into(&link)
	assert.Equal(t, api.ReportLink{
		URL: "https://s3.example.com/" + stored.BlobKey + "?signed", ExpiresAt: w.now().Add(5 * time.Minute),
		FileName: "report-1.pdf", SHA256: sent.SHA256,
	}, link)
	assert.Equal(t, "no-store", answer.header.Get("Cache-Control"))
	assert.Equal(t, []string{stored.BlobKey + " as report-1.pdf"}, l.asked)

	assert.Equal(t, 404, w.ask(olga, "GET", path(k, "report", "link"), nil).status, "it is not hers")
	assert.Equal(t, 403, w.ask(w.token(account.ScopeTicketsRead), "GET", path(k, "report", "link"), nil).status)
	assert.Equal(t, 404, w.ask(anna, "GET", path(k, "report", "link")+"?file=2", nil).status)
	assert.Len(t, l.asked, 1, "nobody else was given one")

	l.fault = errors.New("the server is away")
	answer = w.ask(anna, "GET", path(k, "report", "link"), nil)
	assert.Equal(t, 503, answer.status)
	assert.NotEmpty(t, answer.header.Get("Retry-After"))
	assert.NotContains(t, string(answer.text), "s3.example.com")
	w.rest.Links = nil
	assert.Equal(t, 409, w.ask(anna, "GET", path(k, "report", "link"), nil).status, "reports are in a folder")
}
