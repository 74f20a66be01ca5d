package panel_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// uploads sends files for a ticket, as a form does.
func (b *browser) uploads(k ticket.Ticket, files ...string) reply {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, content := range files {
		part, err := form.CreateFormFile("report", "отчёт.pdf")
		require.NoError(b, err)
		_, err = io.WriteString(part, content)
		require.NoError(b, err)
	}
	require.NoError(b, form.Close())
	return b.sends(k, form.FormDataContentType(), body.String())
}

func (b *browser) sends(k ticket.Ticket, kind, body string) reply {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.url+path(k, "/reports"), strings.NewReader(body))
	require.NoError(b, err)
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.htmx {
		request.Header.Set("HX-Request", "true")
	}
	return b.answer(request)
}

// kept counts the files in the archive.
func (w *world) kept() int {
	w.Helper()
	n := 0
	require.NoError(w, filepathWalk(w.archiveDir, func() { n++ }))
	return n
}

func TestAnUploadGoesTheWayOfAReportFromTheGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(boris)
	answer := b.uploads(k, "%PDF-one", "%PDF-two")
	require.Equal(t, http.StatusSeeOther, answer.status, answer.text)
	assert.Contains(t, b.gets(path(k, "")).text, "Получено 2 файла, они проверяются.")
	r, err := w.store.LiveReport(t.Context(), k.ID)
	require.NoError(t, err)
	assert.Equal(t, ticket.ReportChecking, r.Status, "it is checked before anything is sent")
	assert.EqualValues(t, boris, r.SenderID)
	require.Len(t, r.Files(), 2, "several files are one report")
	for i, content := range []string{"%PDF-one", "%PDF-two"} {
		at := path(k, "/reports/1/"+string(rune('1'+i)))
		shown := b.gets(at)
		assert.Equal(t, content, shown.text)
		assert.Equal(t, "application/pdf", shown.header.Get("Content-Type"))
		assert.Regexp(t, `^inline; filename="report-1-\d\.pdf"$`, shown.header.Get("Content-Disposition"))
		assert.Contains(t, shown.header.Get("Content-Security-Policy"), "sandbox")
		assert.Equal(t, "nosniff", shown.header.Get("X-Content-Type-Options"))
		assert.Regexp(t, `^attachment; `, b.gets(at+"?download=1").header.Get("Content-Disposition"))
		part := b.gets(at, "Range", "bytes=1-3")
		assert.Equal(t, http.StatusPartialContent, part.status)
		assert.Equal(t, "PDF", part.text)
	}
	deeds, err := w.store.Audit().Deeds(t.Context(), account.DeedFilter{Ticket: k.ID, Limit: 10})
	require.NoError(t, err)
	require.Len(t, deeds, 1)
	assert.Equal(t, "ticket.report", deeds[0].Action)

	require.NoError(t, w.tickets.Checked(t.Context(), r.ID, ticket.Finding{}, ticket.Finding{}))
	text := b.gets(path(k, "")).text
	assert.Contains(t, text, `<span class="status delivering">отправляется</span>`)
	require.NoError(t, w.tickets.Delivered(t.Context(), r.ID, 901))
	require.NoError(t, w.tickets.Delivered(t.Context(), r.ID, 902))
	assert.Contains(t, b.gets(path(k, "")).text, "доставлен")
	assert.Equal(t, ticket.Done, w.reads(k.ID).Status)
	assert.Equal(t, http.StatusNotFound, b.gets(path(k, "/reports/1/3")).status)
	other := w.opens(8, bmw)
	assert.Equal(t, http.StatusNotFound, b.gets(path(other, "/reports/1/1")).status, "it is no other ticket's")
	assert.Equal(t, "/login", w.stranger().gets(path(k, "/reports/1/1")).header.Get("Location"))
}

func TestAnUploadThatWillNotDoLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	closed := w.stands(w.opens(8, bmw), ticket.Cancelled)
	b := w.as(boris)
	b.htmx = true
	large := strings.Repeat("x", 1<<20+1)
	for want, send := range map[string]func() reply{
		"больше 1 МБ":           func() reply { return b.uploads(k, "%PDF-", large) },
		"Выберите PDF":          func() reply { return b.uploads(k) },
		"Выберите PDF, который": func() reply { return b.sends(k, "text/plain", "x") },
		"не больше 10 файлов":   func() reply { return b.uploads(k, strings.Split(strings.Repeat("x", 11), "")...) },
		"пришёл не целиком": func() reply {
			return b.sends(k, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"report\"; filename=\"a\"\r\n\r\n%PDF")
		},
		"владелец её отменил": func() reply { return b.uploads(closed, "%PDF-") },
		"Такой страницы нет":  func() reply { return b.uploads(ticket.Ticket{ID: 99}, "%PDF-") },
	} {
		answer := send()
		assert.GreaterOrEqual(t, answer.status, http.StatusBadRequest, want)
		assert.Contains(t, answer.text, want)
	}
	assert.Zero(t, w.kept())
	for _, id := range []int64{k.ID, closed.ID} {
		reports, err := w.store.Reports(t.Context(), id, 10)
		require.NoError(t, err)
		assert.Empty(t, reports)
	}
}

func TestAReportAboutAnotherCarIsSentOnlyWhenSomebodySaysSo(t *testing.T) {
	t.Parallel()
	for send, want := range map[string]ticket.ReportStatus{"yes": ticket.ReportDelivering, "no": ticket.ReportRefused} {
		w := newWorld(t)
		k := w.opens(7, honda)
		b := w.as(boris)
		b.uploads(k, "%PDF-one")
		require.NoError(t, w.tickets.Checked(t.Context(), 1, ticket.Finding{Reason: ticket.ReasonOtherVIN, FoundVIN: bmw}))
		text := b.gets(path(k, "")).text
		assert.Contains(t, text, "в файле другой VIN")
		assert.Contains(t, text, "в файле VIN "+bmw)
		b.htmx = true
		assert.Equal(t, http.StatusOK, b.posts(path(k, "/reports/1/confirm"), "send", send).status)
		r, err := w.store.Report(t.Context(), 1)
		require.NoError(t, err)
		assert.Equal(t, want, r.Status)
		answer := b.posts(path(k, "/reports/1/confirm"), "send", send)
		assert.Equal(t, http.StatusConflict, answer.status, "somebody answered before")
		assert.Contains(t, answer.text, "уже ответили")
	}
}

func TestAReportThatDidNotArriveIsSentOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(boris)
	b.uploads(k, "%PDF-one")
	require.NoError(t, w.tickets.Checked(t.Context(), 1, ticket.Finding{}))
	require.NoError(t, w.tickets.Undelivered(t.Context(), 1, ticket.UndeliveredBlocked))
	text := b.gets(path(k, "")).text
	assert.Contains(t, text, "Отчёт не доставлен: владелец заблокировал бота")
	assert.Contains(t, text, "Отправить ещё раз")
	b.htmx = true
	assert.Equal(t, http.StatusOK, b.posts(path(k, "/retry")).status)
	assert.Equal(t, ticket.Delivering, w.reads(k.ID).Status)
}
