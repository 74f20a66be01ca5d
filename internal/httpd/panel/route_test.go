package panel_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/panel"
)

// forAll are the routes that strangers may use; adminsOnly those that managers
// may not. All others are for managers and admins. A new route that lets more
// people in than it should is found here, not in the table that it is in.
var (
	forAll = []string{
		"GET /static/{name}", "GET /favicon.ico", "GET /login", "GET /login/app", "POST /login/app", "GET /login/{secret}", "POST /login/{secret}", "POST /logout", "POST /language", "POST /theme",
	}
	adminsOnly = []string{
		"POST /tickets/{id}/delete",
		"GET /webhooks", "POST /webhooks", "GET /webhooks/{id}", "POST /webhooks/{id}", "POST /webhooks/{id}/on", "POST /webhooks/{id}/off",
		"POST /webhooks/{id}/rotate", "POST /webhooks/{id}/test", "POST /webhooks/{id}/delete", "POST /webhooks/{id}/redeliver",
		"GET /webhooks/{id}/deliveries/{delivery}", "POST /webhooks/{id}/deliveries/{delivery}/redeliver",
		"GET /settings", "GET /tokens", "POST /tokens", "POST /tokens/{id}/revoke",
		"GET /stuck", "POST /stuck/updates/{id}/retry", "POST /stuck/updates/{id}/drop", "POST /stuck/updates/retry", "POST /stuck/updates/drop",
		"POST /stuck/effects/{id}/retry", "POST /stuck/effects/{id}/drop", "POST /stuck/effects/retry", "POST /stuck/effects/drop",
		"POST /stuck/crm/{id}/retry", "POST /stuck/crm/{id}/drop", "POST /stuck/crm/retry", "POST /stuck/crm/drop",
		"GET /owners/{owner}/erase", "POST /owners/{owner}/erase", "GET /audit", "GET /bin", "POST /bin/{id}/restore",
	}
)

func TestEveryRouteByEveryRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	require.NoError(t, w.hub.Stop(t.Context())) // so that a stream ends at once
	everybody := map[string]*browser{"stranger": w.stranger(), "manager": w.as(boris), "admin": w.as(admin)}
	w.joins(outsider)
	everybody["outsider"] = w.as(outsider)
	w.leaves(outsider)
	roles := map[string]account.Role{"manager": account.Manager, "admin": account.Admin}
	open, closed := 0, 0
	for i, rt := range w.panel.Routes() {
		name := strings.TrimSpace(rt.Method + " " + rt.Pattern)
		assert.Equal(t, contains(forAll, name), w.panel.Lets(i, account.Nobody), "%s: strangers", name)
		assert.Equal(t, !contains(adminsOnly, name), w.panel.Lets(i, account.Manager), "%s: managers", name)
		assert.True(t, w.panel.Lets(i, account.Admin), "%s: admins", name)
		if name == "POST /logout" {
			continue // it would end the sessions
		}
		target := strings.NewReplacer("{$}", "", "{id}", "999999", "{delivery}", "999999", "{owner}", "999999", "{report}", "999999", "{file}", "1", "{secret}", "vbl_x", "{name}", "x.css").Replace(rt.Pattern)
		for who, b := range everybody {
			method := rt.Method
			if method == "" {
				method = http.MethodGet
			}
			answer := b.asks(method, target, url.Values{}, "Origin", w.url, "Sec-Fetch-Site", "same-origin")
			switch {
			case w.panel.Lets(i, roles[who]):
				open++
				assert.Equal(t, name == "POST /login/app", answer.status == http.StatusForbidden, "%s by %s", name, who) // Telegram signed nothing
				assert.NotEqual(t, "/login", loginOf(answer, name), "%s by %s", name, who)
			case who == "stranger":
				closed++
				assert.Equal(t, http.StatusSeeOther, answer.status, "%s by %s", name, who)
				assert.Equal(t, "/login", answer.header.Get("Location"), "%s by %s", name, who)
			default:
				closed++
				assert.Equal(t, http.StatusForbidden, answer.status, "%s by %s", name, who)
			}
		}
	}
	assert.Greater(t, open, 20)
	assert.Greater(t, closed, 8)
	assert.True(t, panel.NobodyIsLet(), "a route that does not say whom it is for is refused to all")
}

// loginOf is where an answer leads, but for those routes that lead to the way in
// by themselves.
func loginOf(answer reply, name string) string {
	if strings.Contains(name, "login") || strings.Contains(name, "logout") {
		return ""
	}
	return answer.header.Get("Location")
}

func contains(list []string, name string) bool {
	for _, one := range list {
		if one == name {
			return true
		}
	}
	return false
}

func TestWhatBrowsersAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	for _, path := range []string{"/", "/login", "/nowhere", "/sessions"} {
		header := b.gets(path).header
		assert.Equal(t, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'", header.Get("Content-Security-Policy"), path)
		assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
		assert.Equal(t, "DENY", header.Get("X-Frame-Options"))
		assert.Equal(t, "same-origin", header.Get("Referrer-Policy"))
		assert.Equal(t, "same-origin", header.Get("Cross-Origin-Opener-Policy"))
		assert.Contains(t, header.Get("Permissions-Policy"), "camera=()")
		assert.Equal(t, "no-store", header.Get("Cache-Control"))
	}
}

func TestNoPageHoldsScriptsOrStylesOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(admin)
	for _, page := range []string{"/", "/sla", "/sessions", "/nowhere", "/owners", "/owners/7", "/owners/7/erase", "/managers", "/stats", "/audit", "/bin", path(k, ""), w.link(boris)} {
		text := b.gets(page).text
		assert.NotRegexp(t, `<style|<script>|\sstyle=|\son[a-z]+=|javascript:|https?://`, text, page)
		assert.Contains(t, text, "<main", page)
	}
}

func TestAPageOfAnotherSiteChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	for name, headers := range map[string][]string{
		"a modern browser": {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
		"an older one":     {"Origin", "https://evil.example"},
		"a neighbour":      {"Sec-Fetch-Site", "same-site", "Origin", "https://other.example"},
	} {
		answer := b.asks(http.MethodPost, "/logout", url.Values{}, headers...)
		assert.Equal(t, http.StatusForbidden, answer.status, name)
		assert.Contains(t, answer.text, "с чужой страницы", name)
		link := w.link(boris)
		assert.Equal(t, http.StatusForbidden, w.stranger().asks(http.MethodPost, link, url.Values{}, headers...).status, name)
		assert.Equal(t, http.StatusSeeOther, w.stranger().posts(link).status, "%s: nothing was spent", name)
	}
	require.Equal(t, http.StatusOK, b.gets("/").status, "the session goes on")
}
