package demo

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// ownersSide walks through what an owner can do besides sending VINs: look at
// the tickets, rate, have a report again, cancel, choose a language.
func ownersSide(p *tab) {
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", honda)
	p.chooses("/my")
	p.sees("owner", ".message.in", "Открытые заявки", "место: 1")

	p.replyToCard()
	p.click(`#managers .sample`)
	p.click(`#managers .send`)
	p.sees("owner", ".message.in .document", "vehicle-history-report.pdf")
	p.presses("rate:1:5")
	p.sees("owner", ".toast.shown", "Спасибо за оценку")
	p.sees("owner", `[data-press="rate:1:5"]`, "✅ 5")

	p.chooses("/my")
	p.presses("again:1")
	p.until(`document.querySelectorAll("#owner .message.in .document").length === 2`)

	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", "№2", bmw)
	p.chooses("/cancel")
	p.presses("cancel:2")
	p.sees("owner", ".message.in", "№2", "отменена")
	p.sees("managers", ".message", "Отменена владельцем")

	p.chooses("/lang")
	p.presses("lang:en")
	p.sees("owner", ".message.in", "English it is")
	p.chooses("/help")
	p.sees("owner", ".message.in", "How it works", "/my")
	p.click(`#owner .commands`)
	p.sees("owner", `[role="menuitem"]`, "/lang")
	assert.Contains(p, value[string](p, `document.querySelector("#owner .menu").textContent`), "Cancel a request", "the menu is in that language, too")
}

// presses presses a button of the owner's chat, wherever it is scrolled to: what
// is new moves the log, also between a pointer's down and up.
func (p *tab) presses(data string) {
	p.Helper()
	button := fmt.Sprintf("document.querySelector('#owner [data-press=%q]')", data)
	p.until(button)
	p.do(chromedp.Evaluate[chromedp.Void](button + ".click()"))
}

// chooses sends a command of the owner's menu.
func (p *tab) chooses(command string) {
	p.Helper()
	p.click(`#owner .commands`)
	p.until(`document.querySelector('#owner [role="menuitem"]')`)
	at := value[int](p, fmt.Sprintf(
		`[...document.querySelectorAll('#owner [role="menuitem"]')].findIndex((i) => i.textContent.includes(%q))`, command))
	if !assert.GreaterOrEqual(p, at, 0, "%s is in the menu", strings.TrimPrefix(command, "/")) {
		return
	}
	p.click(fmt.Sprintf(`#owner [role="menuitem"]:nth-child(%d)`, at+1))
	if value[bool](p, `document.querySelector("#owner textarea").value !== ""`) {
		p.click(`#owner .send`)
	}
}
