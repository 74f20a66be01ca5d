package panel_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// axeVersion is the one that scripts/setup-test fetches.
const axeVersion = "4.14.1"

// axe reads the script that looks for what keeps people out who cannot see, or
// not well.
func axe(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	script, err := os.ReadFile(filepath.Join(cache, "vinbot", "axe-core-"+axeVersion, "axe.min.js"))
	require.NoError(t, err, "axe-core is missing; run:\n\tscripts/setup-test")
	return string(script)
}

// notPages are what is got and is no page of ours that somebody reads.
var notPages = []string{"/static/{name}", "/favicon.ico", "/live", "/stats/data", "/stats/tickets.csv", "/tickets/{id}/reports/{report}/{file}"}

// pagesOf gives a path for each page of a furnished world. Whoever adds a page
// adds it here.
func pagesOf(t *testing.T, w *world) map[string]string {
	t.Helper()
	paths := map[string]string{
		"/{$}":                                 "/",
		"/audit":                               "/audit",
		"/bin":                                 "/bin",
		"/health":                              "/health",
		"/login":                               "/login",
		"/login/app":                           "/login/app",
		"/login/{secret}":                      w.link(boris),
		"/managers":                            "/managers",
		"/owners":                              "/owners",
		"/owners/{owner}":                      fmt.Sprintf("/owners/%d", someone+7),
		"/owners/{owner}/erase":                fmt.Sprintf("/owners/%d/erase", someone+7),
		"/sessions":                            "/sessions",
		"/settings":                            "/settings",
		"/sla":                                 "/sla",
		"/stats":                               "/stats",
		"/stuck":                               "/stuck",
		"/tickets/{id}":                        path(w.about, ""),
		"/tokens":                              "/tokens",
		"/webhooks":                            "/webhooks",
		"/webhooks/{id}":                       "/webhooks/1",
		"/webhooks/{id}/deliveries/{delivery}": "/webhooks/1/deliveries/1",
	}
	pages := map[string]string{"nowhere": "/nowhere"}
	for _, rt := range w.panel.Routes() {
		if rt.Method != http.MethodGet || slices.Contains(notPages, rt.Pattern) {
			continue
		}
		require.Contains(t, paths, rt.Pattern, "a page that nobody looked at")
		pages[rt.Pattern] = paths[rt.Pattern]
	}
	return pages
}

// violations has axe look at the page that a tab shows.
func (p *tab) violations() []string {
	p.Helper()
	return value[[]string](p, `axe.run(document, {resultTypes: ["violations"], runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}})
		.then((found) => found.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html.slice(0, 200) + " " + n.failureSummary)))`)
}

func TestNobodyIsKeptOutOfAnyPage(t *testing.T) {
	t.Parallel()
	script := axe(t)
	w := furnished(t)
	pages := pagesOf(t, w)
	darkDesktop, darkPhone := desktop, phone
	darkDesktop.dark, darkPhone.dark = true, true
	// Each page is seen in each language, on each screen, in light and in dark, and
	// so is every two of these together; all three would be twice as many.
	looks := map[string][]look{"ru": {desktop, darkPhone}, "en": {darkDesktop, phone}}
	b := newBrowser(t)
	bad := b.signIn(t, w, admin, desktop)
	bad.do(evaluate(script + `; document.querySelector("main").innerHTML = "<input><p>?</p>"`))
	assert.NotEmpty(t, bad.violations(), "this test can fail")
	for lang, looks := range looks {
		signedIn, stranger := b.signIn(t, w, admin, desktop), b.open(t, w, desktop)
		stranger.goes("/login")
		for _, p := range []*tab{signedIn, stranger} {
			p.forgive("/nowhere")
			if lang == "en" { // the other is theirs
				p.click("button[value=en]")
				p.until(`document.documentElement.lang === "en" && document.readyState === "complete"`)
			}
		}
		for pattern, path := range pages {
			p := signedIn
			if strings.HasPrefix(pattern, "/login") {
				p = stranger
			}
			p.goes(path)
			if lang == "en" {
				p.portrays(pattern)
			}
			p.opensAll()
			p.do(evaluate(script))
			for _, l := range looks {
				p.see(l)
				assert.Empty(t, p.violations(), "%s, %s, %+v", pattern, lang, l)
				assert.True(t, p.fits(), "%s, %s, %+v is wider than the screen", pattern, lang, l)
			}
		}
	}
}

// opensAll opens what can be opened, so that it is looked at, too.
func (p *tab) opensAll() {
	p.Helper()
	p.do(evaluate(`document.querySelectorAll("main details").forEach((d) => { d.open = true; }); undefined`))
}

func evaluate(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[any](script+"; null"))
		return err
	})
}

// TestEverythingIsReachedByTab presses Tab through every page, with all that can
// be opened open: where one is can be seen each time, and nothing is left out.
func TestEverythingIsReachedByTab(t *testing.T) {
	t.Parallel()
	w := furnished(t)
	pages := pagesOf(t, w)
	b := newBrowser(t)
	signedIn, stranger := b.signIn(t, w, admin, desktop), b.open(t, w, desktop)
	signedIn.forgive("/nowhere")
	for pattern, path := range pages {
		p := signedIn
		if strings.HasPrefix(pattern, "/login") {
			p = stranger
		}
		p.goes(path)
		p.opensAll()
		n := value[int](p, watchFocus)
		require.NotZero(t, n, pattern)
		for range 3 * n / 10 { // a field for a time takes several
			p.press(strings.Repeat("\t", 20))
			if value[int](p, `window.unreached().length + window.unseen().length`) == 0 {
				break
			}
		}
		assert.Empty(t, value[[]string](p, `window.unreached()`), "%s: what Tab does not reach", pattern)
		assert.Empty(t, value[[]string](p, `window.unseen()`), "%s: where one is cannot be seen", pattern)
	}
}

// watchFocus notes what Tab reaches and where that cannot be seen; its value is
// how much there is. Of radio buttons with a name one is reached.
const watchFocus = `(() => {
	const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
		.filter((e) => !e.disabled && e.checkVisibility({visibilityProperty: true}) && e.tabIndex >= 0);
	const left = new Set(all);
	const hidden = new Set(), shown = new Set();
	const named = (e) => e.outerHTML.slice(0, 120);
	document.addEventListener("focusin", (event) => {
		const e = event.target;
		left.delete(e);
		if (e.type === "radio") all.filter((o) => o.name === e.name).forEach((o) => left.delete(o));
		const style = getComputedStyle(e);
		if (e !== document.body) (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2 ? hidden : shown).add(e);
	});
	window.unreached = () => [...left].map(named);
	window.unseen = () => [...hidden].filter((e) => !shown.has(e)).map(named); // the window itself comes to the front once
	return all.length;
})()`
