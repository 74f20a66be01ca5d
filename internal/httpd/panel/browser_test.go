package panel_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what should happen at once: it ends a
// test that hangs, and decides none that passes.
const patience = 30 * time.Second

// chromium is a running browser.
type chromium struct{ ctx context.Context }

// newBrowser starts Chromium.
func newBrowser(t *testing.T) chromium {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	require.NotEmpty(t, path, "the panel is tried in a real browser, which is missing; run:\n\tsudo apt-get install -y chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx), "start the browser")
	return chromium{ctx}
}

// The widths that pages are looked at in.
var (
	desktop = look{width: 1280, height: 900}
	phone   = look{width: 360, height: 740}
)

// look is how a tab sees pages.
type look struct {
	width, height int64
	dark          bool
}

// tab is one page in a browser with cookies of its own. It notes what a good
// page never does: complaints on the console, requests that leave loopback.
type tab struct {
	*testing.T
	ctx   context.Context
	world *world

	mu     sync.Mutex
	faults []string
	// forgiven are parts of complaints that the test causes.
	forgiven []string
}

// signIn opens a tab and signs somebody in by a link, as people do it.
func (b chromium) signIn(t *testing.T, w *world, user int64, l look) *tab {
	t.Helper()
	p := b.open(t, w, l)
	p.goes(w.link(user))
	p.click("main button")
	p.until(`location.pathname === "/" && document.readyState === "complete"`)
	return p
}

// open opens an empty tab.
func (b chromium) open(t *testing.T, w *world, l look) *tab {
	t.Helper()
	p := &tab{T: t, world: w}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.watch))
	t.Cleanup(cancel)
	p.ctx = ctx
	require.NoError(t, chromedp.Do(ctx), "open a tab") // its life is that of this context, so without a time limit
	p.see(l)
	t.Cleanup(func() { assert.Empty(t, p.complaints(), "the page complained, or left loopback") })
	return p
}

// goes leads the tab to a page. A browser that has much to do was seen to give a
// navigation up by itself, twice in some thousand; then it is asked again.
func (p *tab) goes(path string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Navigate(p.world.url+path))
	for err != nil && strings.Contains(err.Error(), "net::ERR_ABORTED") && ctx.Err() == nil {
		p.Logf("asked for %s again: %s", path, err)
		err = chromedp.Do(ctx, chromedp.Navigate(p.world.url+path))
	}
	require.NoError(p, err, path)
}

// see has the tab see pages in another way.
func (p *tab) see(l look) {
	p.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	p.do(
		chromedp.EmulateViewport(l.width, l.height),
		send(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
	)
}

// send is a command to the browser that answers nothing.
func send[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

func (p *tab) watch(event any) {
	fault := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		fault = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			fault += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		fault = fmt.Sprintf("console.%s", e.Type)
	case *log.EventEntryAdded:
		fault = fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Hostname() != "127.0.0.1" && u.Scheme != "data" {
			fault = "a request to " + e.Request.URL
		}
	}
	if fault != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = append(p.faults, fault)
	}
}

// forgive has complaints left out that the test itself causes.
func (p *tab) forgive(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgiven = append(p.forgiven, part)
}

// complaints are what the page complained of, but for what is forgiven.
func (p *tab) complaints() (left []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fault := range p.faults {
		forgiven := false
		for _, part := range p.forgiven {
			forgiven = forgiven || strings.Contains(fault, part)
		}
		if !forgiven {
			left = append(left, fault)
		}
	}
	return left
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	require.NoError(p, chromedp.Do(ctx, steps...))
}

// until waits until a JavaScript expression holds, on whatever page the tab is
// by then.
func (p *tab) until(condition string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	look := `new Promise((found) => {
		const look = () => {
			let holds = false;
			try { holds = Boolean(` + condition + `); } catch {}
			if (holds) found(true); else requestAnimationFrame(look);
		};
		look();
	})`
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](look, chromedp.EvalAwaitPromise))
		if err == nil {
			return
		}
		if ctx.Err() != nil { // else the page went away while it was looked at
			p.picture(filepath.Join(os.TempDir(), strings.ReplaceAll(p.Name(), "/", "-")+".png"))
			require.NoError(p, err, "never: %s", condition)
		}
	}
}

// value evaluates a JavaScript expression.
func value[T any](p *tab, expression string) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(p, err, expression)
	return v
}

// click clicks the first element that matches, once it is there: on the one that
// stands in its place where the page replaced it before it was clicked.
func (p *tab) click(selector string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
		if err == nil || !strings.Contains(err.Error(), "Could not find node with given id") {
			require.NoError(p, err, "never: %s to be clicked", selector)
			return
		}
	}
}

// press presses a key, as a character; Tab is "\t", Enter "\r".
func (p *tab) press(key string) {
	p.Helper()
	p.do(chromedp.KeyEvent(key))
}

// backwards presses Tab with Shift.
func (p *tab) backwards() {
	p.Helper()
	p.do(chromedp.KeyEvent("\t", chromedp.KeyModifiers(chromedp.ModifierShift)))
}

// reads waits until the page shows a text.
func (p *tab) reads(text string) {
	p.Helper()
	p.until(fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// fits reports whether the page needs no scrolling sideways.
func (p *tab) fits() bool {
	p.Helper()
	return value[bool](p, `document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
}

// picture takes a picture of what the tab shows.
func (p *tab) picture(path string) {
	p.Helper()
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(p, err)
	require.NoError(p, os.WriteFile(path, shot, 0o644))
}
