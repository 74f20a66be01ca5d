package e2e

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob/s3test"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/telegramtest"
)

// wayIn is the link in an answer to /panel, without where it leads to.
var wayIn = regexp.MustCompile(`/login/(vbl_[A-Za-z0-9_-]{43})`)

// panelLink sends /panel and gives the answer with its link's path.
func (w *world) panelLink(who *telegramtest.User) (telegramtest.Message, string) {
	w.Helper()
	sent := who.Send("/panel")
	answer := w.sees(who, func(m telegramtest.Message) bool { return m.ID > sent.ID && wayIn.MatchString(m.Text) })
	return answer, wayIn.FindString(answer.Text)
}

// visitor is a browser without scripts.
type visitor struct {
	*world
	client *http.Client
}

func (w *world) visitor() *visitor {
	w.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(w, err)
	v := &visitor{w, &http.Client{Jar: jar}}
	w.Cleanup(v.client.CloseIdleConnections)
	return v
}

// asks gives the status and the text of a page, after redirects.
func (v *visitor) asks(method, path string) (int, string) {
	v.Helper()
	request, err := http.NewRequestWithContext(v.Context(), method, "http://"+v.app.HTTPAddr()+path, http.NoBody)
	require.NoError(v, err)
	answer, err := v.client.Do(request)
	require.NoError(v, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(v, err)
	return answer.StatusCode, string(text)
}

func TestThePanelIsOpenedByALinkInTheChat(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		w := begin(t, append(settings, served)...)
		w.anna.Send(honda)
		w.card(honda)
		answer, link := w.panelLink(w.boris)
		assert.Contains(t, answer.Text, "http://"+w.app.HTTPAddr()+"/login/")
		assert.Nil(t, answer.Keyboard, "Telegram opens no http inside itself")
		v := w.visitor()
		status, page := v.asks(http.MethodGet, link)
		assert.Equal(t, http.StatusOK, status)
		assert.Contains(t, page, "Борис")
		status, page = v.asks(http.MethodPost, link)
		assert.Equal(t, http.StatusOK, status)
		assert.Contains(t, page, honda)
		status, _ = w.visitor().asks(http.MethodPost, link)
		assert.Equal(t, http.StatusGone, status)
		w.settled()

		secret := wayIn.FindStringSubmatch(answer.Text)[1]
		assert.NotContains(t, w.log.all(), secret)
		assert.Zero(t, w.look(`SELECT count(*) FROM outbox WHERE CAST(payload AS TEXT) LIKE '%vbl_%'`))
		menu := w.sim.Commands(telegramtest.CommandScope{Type: "chat", Chat: w.boris.Chat()})
		require.NotEmpty(t, menu)
		assert.Equal(t, "panel", menu[0].Command)

		w.group.Leave(w.boris)
		w.settled()
		status, page = v.asks(http.MethodGet, "/")
		assert.Equal(t, http.StatusForbidden, status)
		assert.NotContains(t, page, honda)
		sent := w.boris.Send("/panel")
		w.sees(w.boris, func(m telegramtest.Message) bool { return m.ID > sent.ID && m.FromBot })
		assert.Equal(t, 1, w.told(w.boris, "/login/"))
		w.group.Join(w.boris)
		w.settled()
		status, _ = v.asks(http.MethodGet, "/")
		assert.Equal(t, http.StatusOK, status, "the session was not ended")
	})
}

func TestToOwnersThereIsNoPanel(t *testing.T) {
	t.Parallel()
	w := begin(t, served)
	w.anna.Send("/nonsense")
	w.anna.Send("/panel")
	w.settled()
	answers := w.fromBot(w.anna)
	require.Len(t, answers, 2)
	assert.Equal(t, answers[0].Text, answers[1].Text, "as any command that there is not")
	assert.Empty(t, w.sim.Commands(telegramtest.CommandScope{Type: "chat", Chat: w.anna.Chat()}))
}

func TestBehindHTTPSThePanelOpensInsideTelegram(t *testing.T) {
	t.Parallel()
	w := begin(t, served, func(w *world, _ *telegramtest.Options) { w.cfg.PublicURL = "https://vin.example.org" })
	answer, _ := w.panelLink(w.boris)
	assert.Contains(t, answer.Text, "https://vin.example.org/login/vbl_")
	require.Len(t, answer.Keyboard, 1)
	assert.Equal(t, []telegramtest.Button{{Text: "Открыть здесь", WebApp: "https://vin.example.org/login/app"}}, answer.Keyboard[0])
}

func TestAnAdminIsOneWhereverTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t, served)
	ada := w.sim.User("Ада", "en")
	require.NoError(t, w.cfg.AdminIDs.UnmarshalText([]byte(strconv.FormatInt(ada.ID, 10))))
	w.start()
	answer, link := w.panelLink(ada)
	assert.Contains(t, answer.Text, "Your way into the panel")
	status, _ := w.visitor().asks(http.MethodPost, link)
	assert.Equal(t, http.StatusOK, status)
}

// signsIn is a browser in which somebody has signed in by the bot's link.
func (w *world) signsIn(who *telegramtest.User) *visitor {
	w.Helper()
	_, link := w.panelLink(who)
	v := w.visitor()
	status, _ := v.asks(http.MethodPost, link)
	require.Equal(w, http.StatusOK, status)
	return v
}

// uploads sends files for a ticket as the form on its page does, and gives what
// the page says then.
func (v *visitor) uploads(id int64, files ...[]byte) (int, string) {
	v.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, content := range files {
		part, err := form.CreateFormFile("report", "отчёт.pdf")
		require.NoError(v, err)
		_, err = part.Write(content)
		require.NoError(v, err)
	}
	require.NoError(v, form.Close())
	return v.sends(ticketPath(id)+"/reports", form.FormDataContentType(), &body)
}

// sends posts a form.
func (v *visitor) sends(path, kind string, body io.Reader) (int, string) {
	v.Helper()
	request, err := http.NewRequestWithContext(v.Context(), http.MethodPost, "http://"+v.app.HTTPAddr()+path, body)
	require.NoError(v, err)
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := v.client.Do(request)
	require.NoError(v, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(v, err)
	return answer.StatusCode, string(text)
}

func ticketPath(id int64) string { return "/tickets/" + strconv.FormatInt(id, 10) }

// reads waits until a page says something.
func (v *visitor) reads(path, words string) {
	v.Helper()
	page := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if _, page = v.asks(http.MethodGet, path); strings.Contains(page, words) {
			return
		}
	}
	require.Fail(v, "never says that", "%s: %q: %s", path, words, page)
}

// TestAReportIsUploadedInThePanelCheckedAndReachesItsOwner: it is checked by the
// child process that checks those of the group, and only what is sound is sent.
func TestAReportIsUploadedInThePanelCheckedAndReachesItsOwner(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		w := begin(t, append(settings, served)...)
		w.anna.Send(honda)
		card := w.card(honda)
		v := w.signsIn(w.boris)

		for broken, why := range map[string]string{
			string(pdftest.Truncated()):              "PDF повреждён",
			"a letter that is called a report":       "это не PDF",
			string(pdftest.Encrypted("x", "u", "o")): "PDF защищён паролем",
		} {
			status, page := v.uploads(1, []byte(broken))
			require.Equal(t, http.StatusOK, status, page)
			assert.Contains(t, page, "Файл получен и проверяется.")
			v.reads(ticketPath(1), why)
		}
		w.settled()
		assert.Zero(t, w.documents(w.anna))

		other := pdftest.Valid("Report about VIN " + bmw)
		status, page := v.uploads(1, other)
		require.Equal(t, http.StatusOK, status, page)
		v.reads(ticketPath(1), "в файле VIN "+bmw)
		assert.Zero(t, w.documents(w.anna), "the page asks first")
		status, page = v.uploads(1, pdf(), pdf())
		require.Equal(t, http.StatusOK, status, page)
		v.reads(ticketPath(1), "ждёт очереди")
		asked := w.look(`SELECT max(id) FROM reports WHERE status = 'needs_confirmation'`)
		status, page = v.sends(ticketPath(1)+"/reports/"+strconv.Itoa(asked)+"/confirm", "application/x-www-form-urlencoded", strings.NewReader("send=no"))
		require.Equal(t, http.StatusOK, status, page)
		v.reads(ticketPath(1), "доставлен")
		w.settled()
		assert.Equal(t, 2, w.documents(w.anna))
		content, _ := w.sim.Bytes(w.sees(w.anna, telegramtest.WithDocument()).Document.ID)
		assert.Equal(t, pdf(), content)
		w.shows(card, "Доставлено")
		live := w.look(`SELECT max(id) FROM reports`)
		for _, how := range []string{"", "?download=1"} {
			status, page = v.asks(http.MethodGet, ticketPath(1)+"/reports/"+strconv.Itoa(live)+"/2"+how)
			assert.Equal(t, http.StatusOK, status)
			assert.Equal(t, string(pdf()), page)
		}
	})
}

// TestAReportIsFetchedFromABucketThroughThePanel: browsers never come to the
// bucket themselves.
func TestAReportIsFetchedFromABucketThroughThePanel(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	w := begin(t, served, inBucket(server))
	w.anna.Send(honda)
	card := w.card(honda)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.objects(server, 1)
	w.settled()
	v := w.signsIn(w.boris)
	_, page := v.asks(http.MethodGet, ticketPath(1))
	const file = "/tickets/1/reports/1/1"
	assert.Contains(t, page, file+"?download=1")
	assert.NotContains(t, page, server.URL())
	for _, how := range []string{"", "?download=1"} {
		status, text := v.asks(http.MethodGet, file+how)
		assert.Equal(t, http.StatusOK, status, how)
		assert.Equal(t, string(pdf()), text, how)
	}

	w.anna.Send(bmw)
	w.card(bmw)
	status, page := v.uploads(2, pdf())
	require.Equal(t, http.StatusOK, status, page)
	v.reads(ticketPath(2), "доставлен")
	w.objects(server, 2)
	server.Kill()
	status, page = v.asks(http.MethodGet, file+"?download=1")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, page, "Сейчас не получается")
	server.Run()
	status, page = v.asks(http.MethodGet, "/tickets/2/reports/2/1")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, string(pdf()), page)
}
