package panel_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// looks keeps a picture of what a tab shows, where a folder for them is named.
func (p *tab) looks(name string) {
	p.Helper()
	if folder := os.Getenv("VINBOT_TEST_PICTURES"); folder != "" {
		p.picture(filepath.Join(folder, name+".png"))
	}
}

// typed has a text typed into a field.
func typed(selector, text string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible)
}

// colours counts the colours of the style sheet that a chart has bars in: none,
// if its canvas is blank.
const colours = `(name) => {
	const canvas = document.querySelector('[data-chart=' + name + '] canvas');
	const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
	const seen = new Set();
	for (let i = 0; i < dots.length; i += 4) seen.add('#' + [...dots.slice(i, i + 3)].map((c) => c.toString(16).padStart(2, '0')).join(''));
	const style = getComputedStyle(document.documentElement);
	return ['opened', 'done', 'rejected'].filter((c) => seen.has(style.getPropertyValue('--chart-' + c).trim())).length;
}`

func TestChartsAreDrawnAndTheFileIsSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lived()
	c := newBrowser(t)
	for name, l := range map[string]look{"desktop": {width: 1280, height: 1900}, "phone": {width: 360, height: 3200, dark: true}} {
		p := c.signIn(t, w, boris, l)
		p.goes("/stats?period=30")
		p.until(`document.querySelectorAll('[data-drawn=yes] canvas').length === 2`)
		assert.Equal(t, 3, value[int](p, `(`+colours+`)('days')`), "%s: bars of three colours", name)
		assert.Equal(t, 2, value[int](p, `(`+colours+`)('managers')`), name)
		assert.True(t, p.fits(), name)
		assert.LessOrEqual(t, value[int](p, `Math.max(...[...document.querySelectorAll('.chart canvas')].map((c) => c.getBoundingClientRect().right))`), int(l.width), name)
		assert.True(t, value[bool](p, `(() => {
			const cell = document.querySelector('.heat5').getBoundingClientRect();
			return cell.left > 0 && cell.right <= innerWidth;
		})()`), "%s: the busiest hour is to be seen", name)
		p.looks("stats-" + name)
		p.goes("/managers?period=30")
		p.reads("Борис")
		assert.True(t, p.fits(), name)
		p.looks("managers-" + name)
	}

	p := c.signIn(t, w, boris, desktop)
	folder := p.keepsFiles()
	p.goes("/stats?period=30")
	p.click(`a[download]`)
	file := filepath.Join(folder, "tickets-2026-10-26-2026-11-24.csv")
	p.arrives(file)
	text := contents(t, file)
	assert.True(t, strings.HasPrefix(text, "\ufeffnumber;vin;"))
}

func TestOwnersBinAndAuditInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows(9001, "Анна Ёлкина", "anna")
	w.serves(w.opens(9001, honda), boris)
	k := w.opens(9001, bmw)
	_, err := w.tickets.Delete(t.Context(), k.ID, ticket.Actor{ID: admin})
	require.NoError(t, err)
	c := newBrowser(t)
	for name, l := range map[string]look{"desktop": {width: 1280, height: 1100}, "phone": {width: 360, height: 1600, dark: true}} {
		p := c.signIn(t, w, admin, l)
		for _, page := range []string{"/owners", "/owners/9001", "/owners/9001/erase", "/audit", "/bin"} {
			p.goes(page)
			p.reads("VIN Report Bot")
			assert.True(t, p.fits(), "%s: %s", name, page)
			p.until(`(() => {
				const here = document.querySelector(".bar nav a[aria-current]")?.getBoundingClientRect();
				return !here || here.left >= 0 && here.right <= innerWidth;
			})()`) // where one is can be seen in the navigation
			p.looks(strings.ReplaceAll(page[1:], "/", "-") + "-" + name)
		}
	}
	p := c.signIn(t, w, admin, desktop)
	p.goes("/owners")
	p.do(typed(`input[name=q]`, "ёлк"))
	p.press("\r")
	p.until(`new URLSearchParams(location.search).get("q") === "ёлк"`) // on the page before she stands, too
	p.reads("Анна Ёлкина")
	p.click(`tbody a`)
	p.reads("Не заблокирован.")
	p.do(typed(`input[name=reason]`, "спам"))
	p.press("\r")
	p.reads("Анна Ёлкина: заблокировано.")
	p.click(`form[action$=unban] button`)
	p.reads("блокировка снята")
	p.goes("/bin")
	p.click(`form[action$=restore] button`)
	p.reads("возвращена")
	p.goes("/owners/9001/erase")
	p.do(typed(`input[name=sure]`, "9001"))
	p.press("\r")
	p.reads("Данные будут стёрты")
	p.goes("/audit")
	p.reads("Удаление данных владельца")
	p.reads("Возврат заявки из корзины")
	p.looks("audit-filled")
}
