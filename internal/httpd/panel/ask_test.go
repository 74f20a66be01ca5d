package panel_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// asked tells whether what stands at a place of a page is behind a question.
func asked(page, place string) bool {
	before, _, found := strings.Cut(page, place)
	at := strings.LastIndex(before, "<details")
	if !found || at < 0 {
		return false
	}
	last := before[at:]
	return strings.Contains(last[:strings.Index(last, ">")], `class="ask`) && !strings.Contains(last, "</details>")
}

func TestWhatCannotBeUndoneIsAskedAboutFirstWithoutScriptsToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	closed := w.stands(w.opens(8, bmw), ticket.Cancelled)
	b := w.as(admin)
	page := b.gets("/tickets/1").text
	for _, verb := range []string{"reject", "cancel", "delete"} {
		assert.True(t, asked(page, `action="/tickets/1/`+verb+`"`), verb)
	}
	assert.False(t, asked(page, `action="/tickets/1/take"`), "this test can fail")
	assert.True(t, asked(b.gets(path(closed, "")).text, `action="`+path(closed, "/delete")+`"`))
	queue := b.gets("/").text
	assert.True(t, asked(queue, `action="/tickets/1/reject"`))
	for _, verb := range []string{"take", "release", "priority", "assign", "reject"} {
		assert.True(t, asked(queue, `name="do" value="`+verb+`"`), verb)
	}
}

func TestAQuestionIsOpenedAndAnsweredByKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	w.opens(8, bmw)
	p := newBrowser(t).signIn(t, w, boris, desktop)
	p.goes("/")
	p.click("#pick-2")
	p.until(`document.querySelector("#bulk [data-chosen]").textContent === "(1)"`)
	p.click("#bulk summary")
	p.click("#bulk .danger")
	p.click("#bulk input[name=words]")
	p.do(chromedp.KeyEvent("Нет данных"))
	p.press("\r")
	assert.False(t, value[bool](p, `Boolean(document.querySelector(".htmx-request"))`), "Enter in a field presses none of the buttons")
	assert.Equal(t, ticket.New, w.reads(2).Status)
	p.goes(path(k, ""))
	p.click("#more-1 summary")
	p.until(`(document.querySelector("#ask-cancel-1 summary").focus(), true)`)
	p.press("\r")
	p.reads("Владельцу сразу придёт")
	assert.Equal(t, ticket.New, w.reads(k.ID).Status, "the question does nothing")
	p.press("\t")
	assert.Equal(t, "cancel-1", value[string](p, `document.activeElement.id`))
	p.press("\r")
	p.reads("Заявка №1 отменена.")
	assert.Equal(t, ticket.Cancelled, w.reads(k.ID).Status)
}

func TestATicketLeadsToItsOwnerAndSaysWhoIsBanned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(boris)
	page := b.gets(path(k, "")).text
	assert.Contains(t, page, `<a href="/owners/7">`)
	assert.NotContains(t, page, "Заблокирован с")
	_, err := w.store.Bans().Ban(t.Context(), 7, "Ругается <b>", admin)
	require.NoError(t, err)
	page = b.gets(path(k, "")).text
	assert.Contains(t, page, "Заблокирован с")
	assert.Contains(t, page, "Причина: Ругается &lt;b&gt;")
}
