package demo

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// managing is what managers do besides sending reports: a priority by one
// press, a ticket given back, rejected for a reason, looked for and reopened.
func managing(p *tab) {
	p.click(`#owner [data-chip="good"]`)
	p.pressesInGroup("take:1")
	p.sees("managers", taken, honda)
	p.pressesInGroup("prio:1:urgent")
	p.sees("managers", taken, "Приоритет: срочный")
	if *pictures != "" {
		p.picture(filepath.Join(*pictures, "demo-managing.png"))
	}
	p.pressesInGroup("release:1")
	p.pressesInGroup("take:1")
	p.sees("managers", taken, honda)
	p.pressesInGroup("reject:1")
	p.pressesInGroup("rejfor:1:no_data")
	p.sees("owner", ".message.in", "ни в одном источнике")
	p.sees("managers", ".message", "🚫 Отклонена")
	if *pictures != "" {
		p.picture(filepath.Join(*pictures, "demo-rejected.png"))
	}
	p.click(`#managers textarea`)
	p.keys("/find " + honda[len(honda)-6:] + kb.Enter)
	p.sees("managers", ".message", "По 004352", "№1")
	p.keys("/reopen 1" + kb.Enter)
	p.sees("owner", ".message.in", "снова открыта")
	p.pressesInGroup("take:1")
	p.sees("managers", taken, honda)
}

// pressesInGroup presses a button in the group once no notice covers it.
func (p *tab) pressesInGroup(data string) {
	p.Helper()
	p.until(`!document.querySelector(".toast.shown")`)
	p.click(`#managers [data-press="` + data + `"]`)
}

// ofTwoFiles sends a report of two files as an album: a reply to the card with
// two files of one's own, then two samples by two presses.
func ofTwoFiles(p *tab) {
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", honda)
	dir := p.TempDir()
	own := []string{filepath.Join(dir, "история.pdf"), filepath.Join(dir, "аварии.pdf")}
	for _, path := range own {
		require.NoError(p, os.WriteFile(path, samplePDF, 0o600))
	}
	p.replyToCard()
	p.do(chromedp.SetUploadFiles(chromedp.CSS(`#managers .picker`), own, chromedp.NodeReady))
	p.sees("managers", ".file-bar", "2 файла вместе", "история.pdf, аварии.pdf")
	p.click(`#managers .send`)
	p.sees("managers", ".message.out.together .document", "аварии.pdf")
	p.sees("owner", ".message.in .document", "история.pdf")
	p.sees("owner", ".message.in .document", "аварии.pdf")
	p.sees("managers", ".message.out .reaction", "👍")
	p.sees("managers", taken, "Доставлено")

	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", bmw)
	p.click(`#managers .sample`)
	p.sees("managers", ".file-bar", "Образец отчёта.pdf")
	p.click(`#managers .sample`)
	p.sees("managers", ".file-bar", "2 файла вместе")
	for _, l := range []look{{width: 360, height: 740}, {width: 360, height: 740, dark: true}, desktop()} {
		p.see(l)
		if l.width < desktop().width {
			p.click("#tab-managers")
		}
		assert.True(p, value[bool](p, `document.documentElement.scrollWidth <= innerWidth`), "it can be scrolled sideways")
		if *pictures != "" {
			p.picture(filepath.Join(*pictures, fmt.Sprintf("demo-album-%d-%t.png", l.width, l.dark)))
		}
	}
	p.click(`#managers textarea`)
	p.keys("/done 2" + kb.Enter)
	p.sees("owner", ".message.in .document", "vehicle-history-report.pdf")
	p.sees("owner", ".message.in .document", "vehicle-history-report-2.pdf")
}

// reminded leaves a ticket alone until the managers are reminded of it.
func reminded(p *tab, wait func()) {
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", honda)
	wait()
	p.sees("managers", ".message.in:has(.quote)", "⏰", "№1")
	p.until(`document.querySelector("#guide-count").textContent === "2 из 11"`)
}
