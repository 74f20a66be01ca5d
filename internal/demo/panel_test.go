package demo

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// opens clicks on what opens another tab, which is none of some earlier ones, and
// gives it. Once in some dozens of runs nobody told of the tab: then it is clicked on
// again.
func (p *tab) opens(selector string, earlier ...target.ID) (*tab, target.ID) {
	p.Helper()
	var id target.ID
	for try := 0; id == ""; try++ {
		require.Less(p, try, 3, "no tab opens")
		wait, stop := context.WithTimeout(p.ctx, patience/9)
		opened := chromedp.WaitNewTarget(wait, func(i *target.Info) bool {
			return strings.HasPrefix(i.URL, "http://") && !slices.Contains(earlier, i.TargetID)
		})
		p.click(selector)
		select {
		case id = <-opened:
		case <-wait.Done():
		}
		stop()
	}
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(id))
	p.Cleanup(cancel)
	require.NoError(p, chromedp.Do(ctx), "look at the other tab")
	return &tab{T: p.T, ctx: ctx, demo: p.demo}, id
}

// panelOpened takes a ticket in the panel, which is opened with one press: by the
// link on the page, and by that which the bot sends.
func panelOpened(p *tab) {
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", "№1", honda)
	panel, first := p.opens(`#managers .panel-link`)
	panel.until(`document.body.innerText.includes("Борис") && document.getElementById("row-1").innerText.includes("` + honda + `")`)
	panel.click(`#take-1`)
	panel.until(`document.body.innerText.includes("Заявка №1 ваша.")`)
	p.closes(first)
	p.sees("managers", taken, "Борис")
	p.until(`document.querySelectorAll("#owner .message.in").length === 2`) // accepted, taken
	p.until(`document.querySelectorAll("#guide-list li")[8].classList.contains("done")`)

	p.click(`#managers [data-person="vera"]`)
	p.click(`#managers .bot-chat`)
	p.do(chromedp.SendKeys(chromedp.CSS("#managers textarea"), "/panel\r", chromedp.NodeVisible))
	const link = `#managers .message.in .text a`
	p.until(`document.querySelector("` + link + `")`)
	panel, second := p.opens(link, first)
	panel.until(`document.querySelector("header .who").innerText.includes("Вера") && document.getElementById("row-1").innerText.includes("Борис")`)
	p.closes(second)
	panel, third := p.opens(link, first, second)
	panel.until(`document.body.innerText.includes("уже использована")`) // it was spent
	p.closes(third)
}

// TestThePanelIsOpenedWithOnePress, under whatever name of loopback, and by
// managers on the demo's page only.
func TestThePanelIsOpenedWithOnePress(t *testing.T) {
	t.Parallel()
	d := begin(t)
	port := d.URL()[strings.LastIndex(d.URL(), ":"):]
	for _, w := range d.worlds {
		lang := string(w.lang)
		of := w.app.HTTPAddr()[strings.LastIndex(w.app.HTTPAddr(), ":"):]
		for _, name := range []string{"127.0.0.1", "localhost", "[::1]"} {
			answer := get(t, d, "/panel/"+lang+"/boris", host(name+port), with("Sec-Fetch-Site", "same-origin"))
			require.Equal(t, http.StatusSeeOther, answer.status, answer.body)
			assert.Equal(t, "http://"+name+of+"/", answer.header.Get("Location"))
			assert.Contains(t, answer.header.Get("Set-Cookie"), "vinbot_session=")
			assert.NotContains(t, answer.header.Get("Set-Cookie"), "Domain")
		}
		for name, c := range map[string]struct {
			path   string
			change func(*http.Request)
			want   int
		}{
			"an owner":              {"anna", nil, 403},
			"nobody":                {"mallory", nil, 404},
			"another site's page":   {"boris", with("Sec-Fetch-Site", "cross-site"), 403},
			"another port's page":   {"boris", with("Sec-Fetch-Site", "same-site"), 403},
			"a rebound name":        {"boris", host("evil.example" + port), 403},
			"what is no link":       {"link/x", nil, 404},
			"a link of nobody's":    {"link/vbl_" + strings.Repeat("a", 43), nil, 303},
			"a link of another way": {"link/..%2f..%2flogout", nil, 404},
		} {
			change := c.change
			if change == nil {
				change = func(*http.Request) {}
			}
			answer := get(t, d, "/panel/"+lang+"/"+c.path, change)
			assert.Equal(t, c.want, answer.status, name)
			assert.Empty(t, answer.header.Get("Set-Cookie"), name)
		}
	}
}

// TestThePanelAndTheAPIAreForLoopbackOnly as the demo's page is.
func TestThePanelAndTheAPIAreForLoopbackOnly(t *testing.T) {
	t.Parallel()
	d := begin(t)
	for _, w := range d.worlds {
		for path, open := range map[string]int{"/login": 200, "/api/docs": 200} {
			for name, want := range map[string]int{w.app.HTTPAddr(): open, "evil.example:80": 403, "localhost": 403} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.app.HTTPAddr()+path, http.NoBody)
				require.NoError(t, err)
				r.Host, r.Close = name, true
				answer, err := http.DefaultTransport.RoundTrip(r)
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				assert.Equal(t, want, answer.StatusCode, "%s of %s", path, name)
			}
		}
	}
}

// TestTheLinkThatTheBotSendsIsThatOfThisPanel, and works once.
func TestTheLinkThatTheBotSendsIsThatOfThisPanel(t *testing.T) {
	t.Parallel()
	d := begin(t)
	w := d.worlds[0]
	assert.Equal(t, 204, post(t, d, "ru/text", `{"as":"vera","chat":"vera","text":"/panel"}`).status)
	vera, err := w.person("vera")
	require.NoError(t, err)
	said := sent(t, w, vera.user, telegramtest.Containing("/login/vbl_"))
	link, err := url.Parse(regexp.MustCompile(`http://\S+`).FindString(said.Text))
	require.NoError(t, err)
	assert.Equal(t, w.app.HTTPAddr(), link.Host)
	to := "/panel/ru/link/" + strings.TrimPrefix(link.Path, "/login/")
	answer := get(t, d, to)
	assert.Equal(t, http.StatusSeeOther, answer.status)
	assert.Contains(t, answer.header.Get("Set-Cookie"), "vinbot_session=")
	answer = get(t, d, to)
	assert.Equal(t, http.StatusSeeOther, answer.status)
	assert.Empty(t, answer.header.Get("Set-Cookie"))
	assert.Equal(t, link.String(), answer.header.Get("Location"), "the panel says that it is spent")
}
