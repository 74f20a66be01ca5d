package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
