package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// illustrator plays what the guides for owners and managers tell, in one language, and
// takes the pictures in them.
type illustrator struct {
	*tab
	language string
}

// illustrates plays the guides, each part that needs a time of its own in a demo of its
// own.
func illustrates(t *testing.T, browser chromium, language string) {
	t.Helper()
	l := look{width: 1100, height: 2400, language: language} // so high that nothing is scrolled away
	p := illustrator{browser.open(t, begin(t), l), language}
	p.ordinary()
	p.typo()
	p.talk()
	p.digest()

	var ahead atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	p = illustrator{browser.open(t, beginAt(t, clock), l), language}
	p.reminder(func() { ahead.Store(int64(soon)) })
}

// says gives what is said in the language of the page.
func (p illustrator) says(russian, english string) string {
	if p.language == "ru" {
		return russian
	}
	return english
}

// ordinary is the usual way: a VIN, Take, the report, stars.
func (p illustrator) ordinary() {
	p.Helper()
	p.push(`#owner .start`)
	p.sees("owner", ".message.in", "VIN")
	p.push(`#owner [data-chip="good"]`)
	p.sees("owner", ".message.in", honda, "2003")
	p.sees("managers", card(1))
	p.crop("owner-vin", last("owner", 2))
	p.crop("card-new", all("#managers "+card(1)))
	p.push(`#managers [data-press="take:1"]`)
	p.sees("managers", card(1)+":has([data-press='release:1'])")
	p.until(`document.querySelectorAll("#owner .message.in").length === 3`) // greeted, accepted, taken
	p.crop("card-taken", all("#managers "+card(1)))

	p.push("#managers " + card(1) + " > .reply")
	p.push(`#managers .sample`)
	p.push(`#managers .send`)
	p.sees("managers", ".reaction", "👍")
	p.sees("owner", `[data-press="rate:1:5"]`)
	p.push(`#owner [data-press="rate:1:5"]`)
	p.sees("owner", `[data-press="rate:1:5"]`, "✅")
	const done = ".message:has([data-copy]):not(:has([data-press]))"
	p.sees("managers", done)
	p.crop("owner-report", last("owner", 2))
	p.crop("card-done", all("#managers "+done+", #managers .message:has(.document)"))
}

// typo is a VIN whose check digit is wrong.
func (p illustrator) typo() {
	p.Helper()
	p.push(`#owner [data-chip="typo"]`)
	p.sees("owner", `[data-press^="vinok:"]`)
	p.crop("owner-typo", last("owner", 2))
	p.push(`#owner [data-press^="vinok:"]`)
	p.sees("managers", card(2))
	p.push(`#managers [data-press="take:2"]`)
	p.sees("managers", card(2)+":has([data-press='release:2'])")
}

// talk is a question and its answer.
func (p illustrator) talk() {
	p.Helper()
	p.push("#managers " + card(2) + " > .reply")
	p.do(chromedp.Focus(chromedp.CSS(`#managers textarea`)))
	p.keys(p.says("/ask Какой сейчас пробег?", "/ask What is the mileage now?") + kb.Enter)
	p.sees("owner", ".message.in", p.says("Какой сейчас пробег?", "What is the mileage now?"))
	p.sees("managers", ".message.out .reaction", "👍")
	p.do(chromedp.Focus(chromedp.CSS(`#owner textarea`)))
	p.keys(p.says("120 тысяч, менял мотор", "120 thousand, the engine was replaced") + kb.Enter)
	p.sees("managers", `.message:has([data-press="said:2"])`)
	p.sees("owner", ".message.in", p.says("Передаю ваш ответ", "passing your answer on"))
	p.crop("owner-question", last("owner", 3))
	p.crop("talk", last("managers", 2))
}

// reminder is what the group is told when nobody took a ticket.
func (p illustrator) reminder(wait func()) {
	p.Helper()
	p.push(`#owner [data-chip="good"]`)
	p.sees("managers", card(1))
	wait()
	p.sees("managers", ".message.in:has(.quote)", "⏰")
	p.crop("reminder", last("managers", 1))
}

// digest is what the group gets when there are very many.
func (p illustrator) digest() {
	p.Helper()
	const list = `.message:has([data-press^="take:"] ~ [data-press^="take:"])`
	p.crowd()
	p.sees("managers", list, p.says("одним сообщением", "in one message"))
	p.crop("digest", all("#managers "+list)+".slice(0, 1)")
}

// crowd has owners write, some one after the other and then more at once than the
// group takes in this minute. Their tickets come as a list that fits a page.
func (p illustrator) crowd() {
	p.Helper()
	in := p.demo.worlds[slices.IndexFunc(p.demo.worlds, func(w *world) bool { return string(w.lang) == p.language })]
	cars := []string{"WVWZZZ1JZ3W", "WDB2100351A", "VF7N1RFJF73", "ZFA16900000", "SALLSAAF3BA", "WAUZZZ8K9BA"}
	const slowly, atOnce = 6, 18
	for i := range slowly + atOnce {
		vin := fmt.Sprintf("%s%06d", cars[i%len(cars)], 104729*(i+1)%1000000)
		in.sim.AddUser(telegramtest.User{FirstName: p.says("Владелец", "Owner"), Language: p.language}).Send(vin)
		if i < slowly {
			p.sees("managers", ".message", vin)
		}
	}
}

// card selects the card of a ticket that is open.
func card(id int) string {
	return fmt.Sprintf(`.message:has([data-copy]):has([data-press$=":%d"], [data-press*=":%d:"])`, id, id)
}

// all and last give the elements of a picture, in JavaScript.
func all(selector string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)]`, selector)
}

func last(pane string, n int) string {
	return fmt.Sprintf(`%s.slice(-%d)`, all("#"+pane+" .message"), n)
}

// push presses a button of the page, wherever it is, and leaves no pointer above it.
func (p illustrator) push(selector string) {
	p.Helper()
	p.until(fmt.Sprintf(`document.querySelector(%q)`, selector))
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).click()`, selector)))
}

// crop takes a picture of some messages and a little around them, twice as large as
// they are on the page, for screens that show it so, unless they are very tall.
func (p illustrator) crop(name, elements string) {
	p.Helper()
	const most, tall = 60 << 10, 800
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".scroll").forEach((e) => e.scrollTo(0, e.scrollHeight))`))
	p.until(`!document.querySelector(".toast.shown") && [...document.querySelectorAll(".down")].every((e) => e.hidden)`)
	box := value[[]float64](p.tab, fmt.Sprintf(`(() => {
		const margin = 12, shown = %s;
		for (const e of document.querySelectorAll(".message, .reply, .day")) e.style.opacity = shown.includes(e) ? "" : "0";
		const wall = shown[0].closest(".chat-body").getBoundingClientRect();
		const boxes = shown.flatMap((m) => [...m.querySelectorAll(".stack, .avatar")])
			.filter((e) => getComputedStyle(e).visibility !== "hidden").map((e) => e.getBoundingClientRect());
		const left = Math.max(wall.left, Math.min(...boxes.map((b) => b.left)) - margin);
		const right = Math.min(wall.right, Math.max(...boxes.map((b) => b.right)) + margin);
		const top = Math.max(wall.top, Math.min(...boxes.map((b) => b.top)) - margin);
		const bottom = Math.min(wall.bottom, Math.max(...boxes.map((b) => b.bottom)) + margin);
		return [left, top, right - left, bottom - top];
	})()`, elements))
	defer p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("[style]").forEach((e) => (e.style.opacity = ""))`))
	quality, scale := int64(55), 2.0
	if box[3] > tall {
		scale = 1
	}
	shot, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		taken, err := cdp.Call(ctx, t, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
			Format: cdppage.CaptureScreenshotFormatWebp, Quality: &quality, Clip: &cdppage.Viewport{
				X: box[0], Y: box[1], Width: box[2], Height: box[3], Scale: scale,
			},
		})
		if err != nil {
			return nil, err
		}
		return taken.Data, nil
	})
	require.NoError(p, err)
	if *pictures != "" {
		assert.Less(p, len(shot), most, "%s is too large for a page", name)
		require.NoError(p, os.WriteFile(filepath.Join(*pictures, "guide-"+name+"."+p.language+".webp"), shot, 0o644))
	}
}
