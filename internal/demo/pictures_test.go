package demo

import (
	"context"
	"flag"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var pictures = flag.String("pictures", "", "a folder for pictures of the page")

// finish plays a conversation to its end: a delivered report, and a second
// ticket that waits.
func finish(p *tab) {
	p.Helper()
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", honda)
	p.click(`#managers [data-press="take:1"]`)
	p.sees("managers", taken, honda)
	p.replyToCard()
	p.click(`#managers .sample`)
	p.click(`#managers .send`)
	p.sees("owner", ".message.in .document")
	p.sees("managers", ".reaction", "👍")
	p.click(`#owner [data-person][aria-pressed="false"]`)
	p.click(`#owner [data-chip="cyrillic"]`)
	p.sees("managers", ".message", lada)
	p.click(`#owner [data-person][aria-pressed="false"]`)
	p.sees("owner", ".message.in .document")
	p.until(`document.querySelectorAll('#managers [data-press^="take:"]').length === 1`)
	p.until(`!document.querySelector(".toast.shown")`)
}

// looks takes pictures of a finished conversation, and holds what can be
// measured about its layout.
func looks(p *tab, language string) {
	p.Helper()
	finish(p)
	for _, l := range []struct {
		name   string
		width  int64
		height int64
		dark   bool
		tab    string
	}{
		{"demo", 1280, 940, false, ""},
		{"demo-dark", 1280, 940, true, ""},
		{"demo-middle", 1000, 760, false, ""},
		{"demo-phone-owner", 360, 740, false, "owner"},
		{"demo-phone-managers", 360, 740, false, "managers"},
		{"demo-phone-managers-dark", 360, 740, true, "managers"},
		{"demo-phone-owner-dark", 360, 740, true, "owner"},
	} {
		p.see(look{width: l.width, height: l.height, dark: l.dark})
		if l.tab != "" {
			p.click("#tab-" + l.tab)
		}
		assert.True(p, value[bool](p, `document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth`),
			"%s can be scrolled sideways", l.name)
		if *pictures != "" {
			p.picture(filepath.Join(*pictures, l.name+"."+language+".webp"))
		}
	}
}

// picture takes a picture of what the tab shows, as a WebP, which is a fifth of the
// PNG.
func (p *tab) picture(path string) {
	p.Helper()
	quality := int64(80)
	shot, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		taken, err := cdp.Call(ctx, t, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
			Format: cdppage.CaptureScreenshotFormatWebp, Quality: &quality,
		})
		if err != nil {
			return nil, err
		}
		return taken.Data, nil
	})
	require.NoError(p, err)
	require.NoError(p, os.WriteFile(path, shot, 0o644))
}
