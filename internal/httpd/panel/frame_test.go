package panel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAPersonComesInLooksAndLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := newBrowser(t)
	for name, l := range map[string]look{"desktop": desktop, "phone": phone, "dark": {width: 1280, height: 900, dark: true}} {
		p := b.signIn(t, w, boris, l)
		p.reads(honda)
		assert.True(t, p.fits(), name)
		assert.Equal(t, "function", value[string](p, `typeof htmx.ajax`), "the script runs under the policy")
		p.goes(path(k, ""))
		p.reads("Заявка №1")
		assert.True(t, p.fits(), name)
		p.goes("/sessions")
		assert.True(t, p.fits(), name)
		p.click(`button[value=en]`)
		p.reads("Who is signed in to the panel")
		p.click(`header form button`)
		p.reads("You are signed out.")
		assert.Equal(t, "/login", value[string](p, `location.pathname`))
	}
}

func TestOfTwoWhoTakeInTheirBrowsersOneReadsWhoWasFaster(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, bmw)
	b := newBrowser(t)
	one, other := b.signIn(t, w, boris, desktop), b.signIn(t, w, vera, phone)
	one.goes(path(k, ""))
	other.goes(path(k, ""))
	other.until(`delete document.getElementById("ticket").dataset.live`) // it does not hear of it
	one.click("#take-1")
	one.reads("Заявка №1 ваша.")
	one.reads("Исполнитель: вы")
	assert.Equal(t, path(k, ""), value[string](one, `location.pathname`), "in place")
	other.forgive("409")
	other.click("#take-1")
	other.reads("Не сделано. №1 — только что взята, исполнитель: Борис")
	other.reads("Исполнитель: Борис")
	assert.True(t, other.fits())
}

func TestTheKeyboardAloneIsEnough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	p := newBrowser(t).signIn(t, w, boris, desktop)
	p.press("\t")
	assert.Equal(t, "#content", value[string](p, `document.activeElement.getAttribute("href")`), "the first key leads past the navigation")
	assert.NotEqual(t, "none", value[string](p, `getComputedStyle(document.activeElement).outlineStyle`), "where one is can be seen")
	p.press("\r")
	for range 40 { // past the filter, the counts and what is done to many
		if p.press("\t"); value[string](p, `document.activeElement.id`) == "take-1" {
			break
		}
	}
	p.press("\r")
	p.reads("Заявка №1 ваша.")
	p.until(`document.getElementById("row-1").contains(document.activeElement)`) // where it was
	for value[string](p, `document.activeElement.innerText`) != "#1" {
		p.backwards()
	}
	p.press("\r")
	p.until(`location.pathname === "/tickets/1"`)
}
