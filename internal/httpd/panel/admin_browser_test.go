package panel_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"vinbot/internal/webhook"
)

// fill types into a field.
func fill(selector, text string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible)
}

func TestAnAdminMakesATokenAndAWebhookInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newBrowser(t).signIn(t, w, admin, desktop)
	p.goes("/tokens")
	p.do(fill(`input[name=name]`, "Склад"))
	p.click(`input[value="tickets:read"]`)
	p.click(`form[action="/tokens"] button`)
	p.reads("Токен «Склад» создан")
	p.click(`[data-copy]`)
	p.reads("Скопировано")
	assert.Equal(t, "/tokens", value[string](p, `location.pathname`))
	assert.True(t, p.fits())
	p.click(`.ask summary`)
	p.reads("сразу потеряют доступ")
	p.click(`.ask[open] button`)
	p.reads("Токен №1 отозван.")

	p.goes("/webhooks")
	p.do(fill(`input[name=url]`, "https://crm.example.com/hook"))
	p.click(`form[action="/webhooks"] button`)
	p.reads("Вебхук №1 создан.")
	p.goes("/webhooks/1")
	p.click(`form[action$="/test"] button`)
	p.reads("Проверка отправляется")
	p.until(`document.querySelectorAll("#log tbody tr").length === 1`)
	w.sends(webhook.Endpoint{ID: 1}, 0, webhook.FaultTimeout, "")
	p.until(`document.querySelectorAll("#log tbody tr").length === 2`) // by itself
	p.see(phone)
	assert.True(t, p.fits())
}

func TestAnAdminTriesStuckWorkAgainInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setsAside("why", `{"message":{}}`, `{"callback_query":{}}`)
	p := newBrowser(t).signIn(t, w, admin, phone)
	p.goes("/stuck")
	assert.True(t, p.fits())
	p.click(`form[action="/stuck/updates/1/retry"] button`)
	p.reads("Снова в очереди: 1.")
	p.click(`td .ask summary`)
	p.reads("не будет сделана никогда")
	p.click(`form[action="/stuck/updates/drop"] button`)
	p.reads("Отброшено: 1.")
	p.reads("Ничего не застряло.")
}
