package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// patience is how long a test waits for what should happen: it ends a test that hangs,
// and decides none that passes. It is longer than the minute that a card waits for which
// its group has taken as much as Telegram lets it: a journey that goes on quickly may
// come so far.
const patience = 90 * time.Second

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
	require.NotEmpty(t, path, "the page is tried in a real browser, which is missing; run:\n\tsudo apt-get install -y chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "ru-RU"), chromedp.Env("LANGUAGE=ru"),
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

// look is how a tab sees the page.
type look struct {
	width, height int64
	dark          bool
	language      string
}

// tab is one page of the demo in a browser. It notes what a good page never
// does.
type tab struct {
	*testing.T
	ctx  context.Context
	demo *Demo

	mu     sync.Mutex
	faults []string
	// forgiven are parts of complaints that the test causes.
	forgiven []string
}

// open opens the demo's page in a new tab, and waits until it is ready.
func (b chromium) open(t *testing.T, d *Demo, l look) *tab {
	t.Helper()
	p := &tab{T: t, demo: d}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.watch))
	t.Cleanup(cancel)
	p.ctx = ctx
	require.NoError(t, chromedp.Do(ctx), "open a tab") // its life is that of this context, so without a time limit
	if l.language == "" {
		l.language = "ru"
	}
	p.see(l)
	p.do(
		send(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
			UserAgent: "demo test", AcceptLanguage: l.language,
		}),
		chromedp.Navigate(d.URL()),
	)
	p.until(`document.documentElement.dataset.ready`)
	t.Cleanup(func() { assert.Empty(t, p.complaints(), "the page complained, or left loopback") })
	return p
}

// see has the tab see the page in another way.
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

// watch notes complaints on the console, and requests that leave loopback.
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
		if u, err := url.Parse(e.Request.URL); err != nil || u.Hostname() != "127.0.0.1" {
			fault = "a request to " + e.Request.URL
		}
	}
	if fault != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = append(p.faults, fault)
	}
}

// forgive has complaints left out that the test itself causes, also those that
// Chromium tells of later.
func (p *tab) forgive(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgiven = append(p.forgiven, part)
}

// complaints are what the page complained of, but for what is forgiven.
func (p *tab) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(p.faults, func(fault string) bool {
		return slices.ContainsFunc(p.forgiven, func(part string) bool { return strings.Contains(fault, part) })
	})
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	require.NoError(p, chromedp.Do(ctx, steps...))
}

// until waits until a JavaScript expression holds.
func (p *tab) until(condition string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise((found) => {
		const look = () => {
			let holds = false;
			try { holds = Boolean(`+condition+`); } catch {}
			if (holds) found(true); else requestAnimationFrame(look);
		};
		look();
	})`, chromedp.EvalAwaitPromise))
	require.NoError(p, err, "never: %s (see %s)", condition, p.shown(err))
}

// shown keeps a picture of the page where there was an error, and gives its path.
func (p *tab) shown(err error) (path string) {
	if err == nil {
		return ""
	}
	shot, _ := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	path = filepath.Join(os.TempDir(), strings.ReplaceAll(p.Name(), "/", "-")+".png")
	_ = os.WriteFile(path, shot, 0o600)
	return path
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

// click clicks the first element that matches, once it is there. What chromedp knows of
// a page may stay behind one that changes while it is read, and it waits in vain; asked
// once more it reads it anew.
func (p *tab) click(selector string) {
	p.Helper()
	const tries = 9
	var err error
	for range tries {
		ctx, cancel := context.WithTimeout(p.ctx, patience/tries)
		err = chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			break
		}
	}
	require.NoError(p, err, "never: %s to be clicked on (see %s)", selector, p.shown(err))
}

// sees waits until a pane's last messages hold an element with all the texts.
func (p *tab) sees(pane, selector string, texts ...string) {
	p.Helper()
	parts, err := json.Marshal(texts)
	require.NoError(p, err)
	p.until(fmt.Sprintf("[...document.querySelectorAll(%q)].some((e) => (%s || []).every((part) => e.innerText.includes(part)))",
		"#"+pane+" "+selector, parts))
}
