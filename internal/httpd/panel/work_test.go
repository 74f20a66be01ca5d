package panel_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

func TestInTheQueueNobodysWorkIsLostWhenOthersWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for owner := range int64(3) {
		w.opens(100+owner, honda)
	}
	c := newBrowser(t)
	one, other := c.signIn(t, w, boris, desktop), c.signIn(t, w, vera, look{width: 360, height: 740, dark: true})
	for _, p := range []*tab{one, other} {
		p.until(`document.documentElement.dataset.connected === "yes"`)
	}
	// Boris begins to reject #1, and ticks #3.
	one.click("#more-1 summary")
	one.click("#ask-reject-1 summary")
	one.click("#more-1 input[name=words]")
	one.do(chromedp.KeyEvent("Нет данных"))
	one.click("#pick-3")
	one.until(`document.querySelector("[data-chosen]").textContent === "(1)"`)
	// Vera takes all three.
	other.click("#take-3")
	other.until(`document.getElementById("release-3")`)
	one.until(`document.getElementById("row-3").innerText.includes("Вера")`)
	assert.True(t, value[bool](one, `document.getElementById("pick-3").checked`), "what is ticked stays so")
	assert.True(t, value[bool](one, `document.getElementById("more-1").open`))
	other.click("#take-1")
	other.until(`document.getElementById("release-1")`)
	one.until(`document.getElementById("row-1").classList.contains("stale")`)
	assert.Equal(t, "Нет данных", value[string](one, `document.querySelector("#more-1 input[name=words]").value`), "what is typed stays")
	other.click("#more-2 summary")
	other.click("#ask-reject-2 summary")
	other.click("#more-2 input[name=words]")
	other.do(chromedp.KeyEvent("x"))
	other.until(`(document.activeElement.blur(), true)`)
	one.until(`(document.getElementById("take-2").click(), true)`) // which the open menu covers
	other.until(`document.getElementById("row-2").classList.contains("stale")`)
	other.click("#more-2 summary")
	other.until(`document.getElementById("row-2").innerText.includes("Борис") && !document.querySelector(".stale")`)
	one.until(`document.getElementById("release-2") && (document.getElementById("release-2").click(), true)`)
	one.until(`document.getElementById("take-2")`)
	one.forgive("409")
	one.click("#reject-1")
	one.reads("Не сделано. №1 — только что взята, исполнитель: Вера")
	one.until(`document.getElementById("row-1").innerText.includes("Вера")`)
	assert.Equal(t, ticket.Taken, w.reads(1).Status)
	// A new one comes in by itself, at its place.
	w.opens(200, bmw)
	other.until(`document.querySelector("#queue tbody").lastElementChild.id === "row-4"`)
	assert.True(t, other.fits())
	// Many at once.
	one.click("#pick-2")
	one.until(`document.querySelector("[data-chosen]").textContent === "(2)"`)
	one.click("#bulk summary")
	one.click("#bulk details details:first-of-type summary")
	one.click("#bulk button[value=take]")
	one.reads("Сделано: 1, не сделано: 1. №3 — только что взята, исполнитель: Вера.")
	other.until(`document.getElementById("row-2").innerText.includes("Борис")`)
}

func TestTheFilterStandsInTheAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(100, honda)
	w.stands(w.opens(101, bmw), ticket.Taken)
	p := newBrowser(t).signIn(t, w, boris, phone)
	p.do(chromedp.SetValue(chromedp.CSS("select[name=status]"), "taken"))
	p.until(`document.querySelector("select[name=status]").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.until(`!document.getElementById("row-1") && document.getElementById("row-2")`)
	assert.Contains(t, value[string](p, `location.search`), "status=taken")
	p.goes(value[string](p, `location.pathname + location.search`))
	assert.Equal(t, "taken", value[string](p, `document.querySelector("select[name=status]").value`))
	p.until(`document.documentElement.dataset.connected === "yes"`)
	w.stands(w.opens(102, honda), ticket.Taken)
	p.until(`document.getElementById("row-3")`) // the part that is fetched anew keeps to it
	assert.False(t, value[bool](p, `Boolean(document.getElementById("row-1"))`))
}

func TestAReportIsUploadedWithABarAndLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	file := filepath.Join(t.TempDir(), "отчёт.pdf")
	require.NoError(t, os.WriteFile(file, append(pdftest.Valid("VIN: "+honda), []byte(strings.Repeat("\n%", 200_000))...), 0o600))
	p := newBrowser(t).signIn(t, w, boris, desktop)
	p.goes(path(k, ""))
	p.until(`(document.addEventListener("htmx:xhr:progress", () => {
		window.shares = (window.shares || []).concat(document.querySelector("progress").value);
	}), true)`)
	p.click("#ask textarea")
	p.do(chromedp.KeyEvent("Полуслово"))
	p.do(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}))
	p.click("#ticket-upload button")
	p.reads("Файл получен и проверяется.")
	p.until(`document.querySelector("#ticket-reports .report")`)
	assert.Contains(t, value[[]float64](p, `window.shares`), 100.0, "the bar was full")
	assert.True(t, value[bool](p, `document.querySelector("progress").hidden`))
	assert.Equal(t, "Полуслово", value[string](p, `document.querySelector("#ask textarea").value`), "what is half written stays")

	p.until(`document.documentElement.dataset.connected === "yes"`)
	require.NoError(t, w.tickets.Checked(t.Context(), 1, ticket.Finding{Reason: ticket.ReasonOtherVIN, FoundVIN: bmw}))
	p.reads("в файле другой VIN")
	p.click(`#ticket-reports button[value=yes]`)
	p.reads("Отчёт отправляется.")
	require.NoError(t, w.tickets.Delivered(t.Context(), 1, 900))
	p.until(`document.querySelector("#ticket-reports .delivered")`)
	assert.True(t, p.fits())
	p.see(phone)
	assert.True(t, p.fits())
}
