package panel_test

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/store"
)

func TestAStrangerIsShownTheWayIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.stranger()
	assert.Equal(t, "/login", b.gets("/").header.Get("Location"))
	answer := b.gets("/login")
	assert.Equal(t, http.StatusOK, answer.status)
	assert.Contains(t, answer.text, "<title>Вход / Sign in — ")
	assert.Contains(t, answer.text, "/panel")
	assert.NotContains(t, answer.text, "<nav", "nothing of what is inside")
	assert.Contains(t, b.gets("/login", "Accept-Language", "en-GB,en;q=0.9").text, "One comes in by a one-time link")
	b.htmx = true
	answer = b.gets("/")
	assert.Equal(t, http.StatusUnauthorized, answer.status)
	assert.Equal(t, "/login", answer.header.Get("HX-Redirect"))
}

func TestALinkIsSpentByTheButtonOnlyAndOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(boris)
	b := w.stranger()
	for range 3 { // a preview, and another
		answer := b.gets(link)
		assert.Equal(t, http.StatusOK, answer.status)
		assert.Contains(t, answer.text, "Эта ссылка для пользователя Борис.")
		assert.Empty(t, answer.header.Values("Set-Cookie"))
	}
	assert.Equal(t, http.StatusOK, b.asks(http.MethodHead, link, nil).status)
	answer := b.posts(link)
	assert.Equal(t, http.StatusSeeOther, answer.status)
	assert.Equal(t, "/", answer.header.Get("Location"))
	cookie := answer.header.Get("Set-Cookie")
	assert.Regexp(t, `^vinbot_session=vbp_[A-Za-z0-9_-]{43}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax$`, cookie)
	assert.Equal(t, http.StatusOK, b.gets("/").status)
	for _, answer := range []reply{w.stranger().gets(link), w.stranger().posts(link)} {
		assert.Equal(t, http.StatusGone, answer.status)
		assert.Contains(t, answer.text, "Новую даст команда /panel")
	}
	assert.Equal(t, "/", b.gets("/login").header.Get("Location"), "who is in need not sign in")
}

func TestWhoSignsInComesToThePageThatWasAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := []string{"Accept", "text/html,application/xhtml+xml"}
	for asked, reached := range map[string]string{
		"/tickets/12?part=history": "/tickets/12?part=history", "/sessions": "/sessions",
		"/sessions?" + strings.Repeat("x", 500): "/",
	} {
		b := w.stranger()
		assert.Equal(t, "/login", b.gets(asked, page...).header.Get("Location"))
		assert.Equal(t, reached, b.posts(w.link(boris)).header.Get("Location"))
		b.posts("/logout")
		assert.Equal(t, "/", b.posts(w.link(boris)).header.Get("Location"), "it is forgotten")
	}
	b := w.stranger()
	b.gets("/live") // by a script
	assert.Equal(t, "/", b.posts(w.link(boris)).header.Get("Location"))
	elsewhere := base64.RawURLEncoding.EncodeToString([]byte("//example.org/"))
	answer := w.stranger().asks(http.MethodPost, w.link(boris), nil, "Cookie", "vinbot_wanted="+elsewhere)
	assert.Equal(t, "/", answer.header.Get("Location"))
}

func TestOfManyWhoPressOneIsLetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(boris)
	var in, gone atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		b := w.stranger()
		all.Go(func() {
			switch b.posts(link).status {
			case http.StatusSeeOther:
				in.Add(1)
			case http.StatusGone:
				gone.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, []int64{1, 15}, []int64{in.Load(), gone.Load()})
	sessions, err := w.store.PanelSessions().List(t.Context(), boris, w.now())
	require.NoError(t, err)
	assert.Len(t, sessions, 1)
}

func TestALinkWorksForFiveMinutesAndForWhoItIsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(boris)
	w.later(5 * time.Minute)
	w.joins(boris)
	assert.Equal(t, http.StatusGone, w.stranger().posts(link).status)
	answer := w.stranger().posts(w.link(outsider))
	assert.Equal(t, http.StatusForbidden, answer.status)
	assert.Contains(t, answer.text, "состоит в группе менеджеров")
	w.leaves(boris)
	assert.Equal(t, http.StatusForbidden, w.stranger().posts(w.link(boris)).status)
	for _, link := range []string{"/login/vbl_" + strings.Repeat("x", 43), "/login/x", "/login/" + strings.Repeat("x", 4000)} {
		answer := w.stranger().gets(link)
		assert.Equal(t, http.StatusNotFound, answer.status)
		assert.Contains(t, answer.text, "Такой ссылки нет")
	}
}

func TestBehindHTTPSCookiesKeepToIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *panel.Options) { o.PublicURL = "https://vin.example.org" })
	answer := w.stranger().posts(w.link(boris))
	require.Equal(t, http.StatusSeeOther, answer.status)
	assert.Regexp(t, `^__Host-vinbot_session=vbp_.*; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax$`, answer.header.Get("Set-Cookie"))
	answer = w.stranger().asks(http.MethodPost, w.link(boris), nil, "Origin", "https://vin.example.org")
	assert.Equal(t, http.StatusSeeOther, answer.status, "a proxy that changes the host is no other site")
}

func TestASessionEndsAfterTwelveHoursOrWhenItIsRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, other, boss := w.as(boris), w.as(boris), w.as(admin)
	assert.Equal(t, 2, strings.Count(one.gets("/sessions").text, "/revoke"), "one's own")
	assert.Equal(t, 3, strings.Count(boss.gets("/sessions").text, "/revoke"), "an admin sees everybody's")
	assert.Equal(t, http.StatusNotFound, one.posts("/sessions/3/revoke").status, "an admin's is nothing to a manager")
	answer := boss.posts("/sessions/2/revoke")
	assert.Equal(t, "/sessions", answer.header.Get("Location"))
	assert.Contains(t, boss.gets("/sessions").text, "Сеанс закончен.")
	assert.NotContains(t, boss.gets("/sessions").text, "Сеанс закончен.", "it is said once")
	assert.Equal(t, "/login", other.gets("/").header.Get("Location"))

	assert.Equal(t, "/login", one.posts("/logout").header.Get("Location"))
	assert.Contains(t, one.gets("/login").text, "Вы вышли.")
	assert.Equal(t, "/login", one.gets("/").header.Get("Location"))

	w.later(12*time.Hour - time.Second)
	assert.Equal(t, http.StatusOK, boss.gets("/").status)
	w.later(time.Second)
	assert.Equal(t, "/login", boss.gets("/").header.Get("Location"))

	deeds, err := w.store.Audit().Deeds(t.Context(), account.DeedFilter{Limit: 10})
	require.NoError(t, err)
	var done []string
	for _, d := range deeds {
		done = append(done, d.Action)
	}
	assert.Equal(t, []string{"session.end", "session.revoke", "session.begin", "session.begin", "session.begin"}, done)
}

func TestWhoLeftTheGroupHasNoAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	assert.Equal(t, http.StatusOK, b.gets("/").status)
	w.leaves(boris)
	answer := b.gets("/")
	assert.Equal(t, http.StatusForbidden, answer.status)
	assert.NotContains(t, answer.text, "<nav")
	w.joins(boris)
	assert.Equal(t, http.StatusOK, b.gets("/").status)
	w.later(10 * time.Minute) // and nobody could be asked
	assert.Equal(t, http.StatusForbidden, b.gets("/").status)
	assert.Equal(t, http.StatusOK, w.as(admin).gets("/").status, "an admin is one by the settings")
}

func TestWhoGuessesLinksIsSoonRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *panel.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	b := w.stranger()
	from := func(address, path string) int { return b.gets(path, "X-Forwarded-For", address).status }
	for range 10 {
		assert.Equal(t, http.StatusNotFound, from("203.0.113.7", "/login/vbl_guess"))
	}
	answer := b.gets("/login/vbl_guess", "X-Forwarded-For", "203.0.113.7")
	assert.Equal(t, http.StatusTooManyRequests, answer.status)
	assert.Equal(t, "60", answer.header.Get("Retry-After"))
	assert.Equal(t, http.StatusTooManyRequests, from("203.0.113.7", w.link(boris)), "a right one is a guess, too")
	assert.Equal(t, http.StatusOK, from("203.0.113.8", w.link(boris)), "others are not held up")
	for i := range 10 {
		assert.Equal(t, http.StatusNotFound, from("2001:db8::"+string(rune('1'+i%9)), "/login/vbl_guess"))
	}
	assert.Equal(t, http.StatusTooManyRequests, from("2001:db8::ffff", "/login/vbl_guess"), "a network is one guesser")
	w.later(time.Minute)
	assert.Equal(t, http.StatusOK, from("203.0.113.7", w.link(boris)))
}

func TestNoSecretIsLoggedOrStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(boris)
	answer := w.stranger().posts(link)
	cookie, _, _ := strings.Cut(strings.TrimPrefix(answer.header.Get("Set-Cookie"), "vinbot_session="), ";")
	require.True(t, strings.HasPrefix(cookie, "vbp_"))
	assert.NotContains(t, w.log.String(), strings.TrimPrefix(link, "/login/"))
	file := t.TempDir() + "/copy.db"
	_, err := store.Backup(t.Context(), w.file, file)
	require.NoError(t, err)
	assert.Contains(t, contents(t, file), "Борис", "this test can fail")
	assert.NotContains(t, contents(t, file), strings.TrimPrefix(link, "/login/"))
	assert.NotContains(t, contents(t, file), cookie)
}
