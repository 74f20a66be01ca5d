package panel_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/ticket"
)

func TestOwnersAndManagersPagesFollowWhatHappens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	c := newBrowser(t)
	list, card, managers := c.signIn(t, w, boris, desktop), c.signIn(t, w, boris, desktop), c.signIn(t, w, admin, desktop)
	list.goes("/owners")
	card.goes("/owners/7")
	managers.goes("/managers")
	for _, p := range []*tab{list, card, managers} {
		p.until(`document.documentElement.dataset.connected === "yes"`)
	}
	card.until(`(document.getElementById("ticket-1").focus(), true)`)
	w.stands(w.opens(8, bmw), ticket.Taken)
	w.opens(7, bmw)
	list.until(`document.querySelector("#owners tbody tr").innerText.includes("#3") && document.getElementById("last-8")`)
	card.until(`document.getElementById("ticket-3") && document.getElementById("owner-facts").innerText.includes("2")`)
	assert.Equal(t, "ticket-1", value[string](card, `document.activeElement.id`), "the keyboard stays where it was")
	assert.Equal(t, 1, value[int](card, `document.querySelectorAll("#owner-tickets").length`))
	managers.until(`document.getElementById("work-21") && document.getElementById("managers").innerText.includes("Вера")`)
}

func TestWhatDoesNotFollowSaysOfWhenItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	b := w.as(boris)
	page := b.gets("/stats?period=30").text
	assert.Contains(t, page, `По состоянию на <time datetime="2026-11-24T12:00:00Z">24.11.2026 15:00`)
	assert.Contains(t, page, `href="/stats?period=30">Обновить</a>`)
	assert.NotContains(t, b.gets("/stats?month=2026-09").text, "По состоянию на", "a period that is over stays as it is")
	for address, follows := range map[string]bool{
		"?period=today": true, "?period=30": true, "?month=2026-11": true, "?month=2026-09": false, "?from=2026-01-01&to=2026-11-24": false,
	} {
		page := b.gets("/managers" + address).text
		assert.Equal(t, follows, strings.Contains(page, `data-live="tickets"`), address)
		assert.Equal(t, strings.HasPrefix(address, "?from"), strings.Contains(page, "Обновить</a>"), "%s: a year is not counted at each change", address)
	}
	assert.NotContains(t, b.gets("/owners?q=7").text, "data-live", "nor is a search made again")
	b.htmx = true
	for path, begins := range map[string]string{"/owners": `<section id="owners"`, "/managers": `<section id="managers"`, "/owners/7": `<h1>`} {
		assert.True(t, strings.HasPrefix(b.gets(path).text, begins), path)
	}
}
