package demo

import (
	"path/filepath"

	"github.com/chromedp/chromedp/kb"
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
