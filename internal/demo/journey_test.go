package demo

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
)

const (
	honda = "1HGCM82633A004352"
	bmw   = "WBAFW51040C245397"
	lada  = "XTA210990Y2765432" // as the bot reads the Cyrillic example

	// taken is a card that nobody can take any more.
	taken = `.message:has([data-copy]):not(:has([data-press^="take:"]))`
)

// TestBrowser tries the page in a real browser. The browser is one for all.
func TestBrowser(t *testing.T) {
	browser := newBrowser(t)
	for name, try := range map[string]func(p *tab){
		"the main job by clicks":     byClicks,
		"the main job by keys alone": byKeys,
		"questions and dead ends":    questions,
		"a blocked bot":              blocked,
		"a question and its answer":  asked,
		"the owner's side":           ownersSide,
		"files of one's own":         ownFiles,
		"scrolled up":                scrolledUp,
		"two languages, two themes":  choices,
		"a broken connection":        broken,
		"many owners at once":        manyAtOnce,
		"managing tickets":           managing,
		"the managers' panel":        panelOpened,
		"a report of two files":      ofTwoFiles,
	} {
		t.Run(name, func(t *testing.T) { try(browser.open(t, begin(t), desktop())) })
	}
	t.Run("a reminder", func(t *testing.T) {
		var ahead atomic.Int64
		clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		p := browser.open(t, beginAt(t, clock), desktop())
		reminded(p, func() { ahead.Store(int64(soon)) })
	})
	t.Run("on a phone", func(t *testing.T) { onPhone(browser.open(t, begin(t), look{width: 360, height: 740})) })
	for _, language := range []string{"ru", "en"} {
		t.Run("looks in "+language, func(t *testing.T) {
			l := desktop()
			l.language = language
			looks(browser.open(t, begin(t), l), language)
		})
		t.Run("the guides in "+language, func(t *testing.T) { illustrates(t, browser, language) })
	}
}

func desktop() look { return look{width: 1280, height: 860} }

// byClicks goes from a VIN to a delivered report, as a visitor would.
func byClicks(p *tab) {
	p.click(`#owner .start`)
	p.sees("owner", ".message.in", "VIN")
	p.click(`#owner [data-chip="good"]`)
	p.sees("owner", ".message.in", "№1", honda)
	p.sees("managers", ".message", "№1", honda)

	p.click(`#managers [data-press="take:1"]`)
	p.sees("managers", ".toast.shown", "№1")
	p.sees("managers", taken, "Борис")
	p.until(`document.querySelectorAll("#owner .message.in").length === 3`) // greeted, accepted, taken

	p.click(`#managers [data-person="vera"]`)
	p.replyToCard()
	p.click(`#managers .sample`)
	p.click(`#managers .send`)
	p.sees("owner", ".message.in .document", "vehicle-history-report.pdf")
	p.sees("managers", taken, "Вера", "изменено")
	p.sees("managers", ".message.out .reaction", "👍")
	p.sees("managers", ".message.out .quote", "№1")

	opened := chromedp.WaitNewTarget(p.ctx, func(i *target.Info) bool { return strings.Contains(i.URL, "/api/ru/file/anna/") })
	p.click(`#owner .document`)
	p.closes(<-opened)
	served := value[string](p, `fetch(document.querySelector("#owner .document").href).then(async (r) =>
		[r.status, r.headers.get("Content-Type"), (await r.text()).slice(0, 5)].join(" "))`)
	assert.Equal(p, "200 application/pdf %PDF-", served, "the owner opens the report")

	p.click(`#managers [data-copy]`)
	p.sees("managers", ".toast.shown", honda)
	p.until(`document.querySelector("#guide-count").textContent === "4 из 11"`)
}

// byKeys does the same without a mouse: the focus is seen, and stays where one
// works.
func byKeys(p *tab) {
	p.tabTo(`#owner textarea`)
	p.keys("ХТА210990У2765432" + kb.Enter)
	p.sees("managers", ".message", lada)
	assert.True(p, value[bool](p, `document.activeElement.matches("#owner textarea")`), "one goes on writing")

	p.tabTo(`#managers [data-press="take:1"]`)
	assert.NotEqual(p, "none", value[string](p, `getComputedStyle(document.activeElement).outlineStyle`), "the focus is seen")
	p.keys(kb.Enter)
	p.sees("managers", taken, "Борис")
	p.until(`document.querySelector("#managers .message").contains(document.activeElement)`)

	p.tabTo(`#managers .message:has([data-copy]) .reply`)
	p.keys(kb.Enter)
	p.until(`document.activeElement.matches("#managers textarea")`)
	p.tabTo(`#managers .sample`)
	p.keys(kb.Enter)
	p.keys(kb.Escape)
	p.until(`document.querySelector("#managers .file-bar").hidden && !document.querySelector("#managers .reply-bar").hidden`)
	p.tabTo(`#managers .sample`)
	p.keys(kb.Enter)
	p.keys(kb.Enter)
	p.sees("owner", ".message.in .document", "vehicle-history-report.pdf")

	p.tabTo(`#managers .commands`)
	p.keys(kb.Enter)
	p.until(`document.activeElement.matches('#managers [role="menuitem"]')`)
	p.keys(kb.ArrowDown + kb.Escape)
	p.until(`document.activeElement.matches("#managers .commands") && document.querySelector("#managers .menu").hidden`)
}

// questions are what the bot asks back, explains, and shows in a dialog.
func questions(p *tab) {
	p.click(`#owner [data-chip="typo"]`)
	p.click(`#owner [data-press^="vinok:"]`)
	p.sees("managers", ".message", "подтвердил")
	for _, chip := range []string{"short", "frame", "voice", "photo", "sticker"} {
		before := value[int](p, `document.querySelectorAll("#owner .message.in").length`)
		p.click(fmt.Sprintf(`#owner [data-chip=%q]`, chip))
		p.until(fmt.Sprintf(`document.querySelectorAll("#owner .message.in").length === %d`, before+1))
	}

	p.click(`#managers [data-press="done_hint:1"]`)
	p.until(`document.querySelector("#alert").open`)
	p.click(`#alert .link`) // t.me/<bot>?start=done
	p.sees("managers", ".message.out", "/start done")
	p.sees("managers", ".message.in", "/done")
	p.click(`#managers .back`)
	p.click(`#managers .message .link`) // the same link in the card
	p.until(`document.querySelectorAll("#managers .message.out").length === 2`)
	assert.Equal(p, "VIN Report Bot", value[string](p, `document.querySelector("#managers h2").textContent`))
}

// blocked shows what becomes of a report whose owner blocked the bot.
func blocked(p *tab) {
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", honda)
	p.click(`#owner .block`)
	p.until(`!document.querySelector("#owner .unblock").hidden`)
	p.replyToCard()
	p.click(`#managers .sample`)
	p.click(`#managers .send`)
	p.sees("managers", ".message", "заблокировал")
	p.click(`#owner .unblock`)
	p.sees("owner", ".message.in .document", "vehicle-history-report.pdf")
	p.sees("managers", ".message.out .reaction", "👍")
}

// asked has a manager ask the owner by a text below the card, and the owner
// answer.
func asked(p *tab) {
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", honda)
	p.replyToCard()
	p.keys("Какой пробег?" + kb.Enter)
	p.sees("managers", ".message.in", "Отправить это владельцу")
	p.click(`#managers [data-press="ask:1"]`)
	p.sees("owner", ".message.in", "Вопрос менеджера", "Какой пробег?")
	p.sees("managers", ".message.out .reaction", "👍")
	p.until(`!document.querySelector("#managers [data-press='ask:1']")`) // the offer goes
	p.click(`#owner textarea`)
	p.keys("120 тысяч" + kb.Enter)
	p.sees("owner", ".message.in", "Передаю ваш ответ")
	p.sees("managers", `.message:has([data-press="said:1"])`, "120 тысяч", "Ответ владельца")
	p.sees("managers", `.message:has([data-press="said:1"]) .quote`, "№1")
}

// scrolledUp leaves a reader where they are, and counts what is new.
func scrolledUp(p *tab) {
	p.see(look{width: 1280, height: 520})
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", honda)
	p.click(`#owner [data-chip="frame"]`)
	p.sees("owner", ".message.in", "GX110-0069622")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#owner .scroll").scrollTo(0, 0)`))
	p.until(`!document.querySelector("#owner .down").hidden`)
	p.click(`#managers [data-press="take:1"]`)
	p.sees("owner", ".down .badge", "1")
	assert.Zero(p, value[int](p, `document.querySelector("#owner .scroll").scrollTop`))
	p.click(`#owner .down`)
	p.until(`document.querySelector("#owner .down").hidden`)
}

// choices are language and theme, which outlive a reload.
func choices(p *tab) {
	light := value[string](p, `getComputedStyle(document.querySelector(".pane")).backgroundColor`)
	p.click(`#theme`)
	dark := value[string](p, `getComputedStyle(document.querySelector(".pane")).backgroundColor`)
	assert.NotEqual(p, light, dark)
	p.click(`[data-lang="en"]`)
	p.sees("managers", "h2", "Managers")
	p.click(`#owner [data-chip="good"]`)
	p.sees("owner", ".message.in", "#1")
	p.click(`#owner [data-person="anna"]`)
	p.click(`#owner [data-chip="good"]`)
	p.sees("owner", ".message.in", "№2")
	p.do(chromedp.Reload())
	p.sees("managers", ".message", "#2")
	assert.Equal(p, dark, value[string](p, `getComputedStyle(document.querySelector(".pane")).backgroundColor`))
}

// onPhone has two tabs in place of two panes, and counts what is new in the
// other one.
func onPhone(p *tab) {
	p.click(`#owner [data-chip="good"]`)
	p.sees("owner", ".message.in", "№1")
	p.until(`document.querySelector("#tab-managers .badge").textContent === "1"`)
	assert.False(p, value[bool](p, `document.querySelector("#managers").checkVisibility()`))
	p.click(`#tab-managers`)
	p.until(`document.querySelector("#tab-managers .badge").hidden`)
	p.click(`#managers [data-press="take:1"]`)
	p.sees("managers", taken, "Борис")
	p.replyToCard()
	p.click(`#managers .sample`)
	p.click(`#managers .send`)
	p.sees("managers", ".message.out .reaction", "👍")
	p.click(`#tab-owner`)
	p.sees("owner", ".message.in .document", "vehicle-history-report.pdf")
}

// replyToCard presses the arrow beside the first card in the group.
func (p *tab) replyToCard() {
	p.Helper()
	p.click(`#managers .message:has([data-copy]) > .reply`)
	p.until(`!document.querySelector("#managers .reply-bar").hidden`)
}
