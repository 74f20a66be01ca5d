package panel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/webhook"
)

// TestAnAdminTriesAWebhookRotatesItsSecretAndSendsAgainInABrowser, by mouse on a
// desktop and by a finger's width on a phone.
func TestAnAdminTriesAWebhookRotatesItsSecretAndSendsAgainInABrowser(t *testing.T) {
	t.Parallel()
	c := newBrowser(t)
	for name, l := range map[string]look{"desktop": desktop, "phone": {width: 360, height: 740, dark: true}} {
		w := newWorld(t)
		e := w.listens()
		k := w.opens(7, honda)
		w.sends(e, k.ID, webhook.FaultStatus, "<h1>502</h1>")
		w.sends(e, 0, webhook.FaultTimeout, "")
		p := c.signIn(t, w, admin, l)
		p.goes("/webhooks")
		p.click(`tbody th a`)

		// The test is in the log at once, and how it ended by itself.
		p.click(`form[action="/webhooks/1/test"] button`)
		p.reads("Проверка отправляется")
		p.until(`document.querySelectorAll("#log tbody tr").length === 3`)
		p.reads("webhook.test")
		jobs, err := w.store.Webhooks().Queue().Claim(t.Context(), []int64{3}, patience)
		require.NoError(t, err)
		require.Len(t, jobs, 1)
		require.NoError(t, w.store.Webhooks().Queue().Finish(t.Context(), jobs[0], nil))
		p.until(`document.querySelector("#log tbody tr").innerText.includes("принято")`)

		// A new secret asks first, is shown once, and can be copied.
		p.click(`details.ask:has(form[action$="/rotate"]) summary`)
		p.click(`form[action="/webhooks/1/rotate"] button`)
		p.reads("Прежний секрет подписывает тоже до")
		secret := value[string](p, `document.querySelector(".secret input").value`)
		assert.Regexp(t, `^whsec_.{20,}$`, secret)
		p.click(`[data-copy]`)
		p.reads("Скопировано")
		assert.True(t, p.fits(), name)
		kept, err := w.store.Webhooks().Endpoint(t.Context(), e.ID)
		require.NoError(t, err)
		assert.Equal(t, secret, kept.Secret)
		assert.Equal(t, e.Secret, kept.OldSecret)
		p.goes("/webhooks/1")
		assert.NotContains(t, value[string](p, `document.documentElement.outerHTML`), secret)

		// What was given up is sent again: one, and then all of a day.
		p.click(`form[action="/webhooks/1/deliveries/1/redeliver"] button`)
		p.reads("№1 отправляется снова.")
		p.until(`document.querySelector('form[action="/webhooks/1/deliveries/1/redeliver"]') === null`)
		p.click(`details:has(form[action="/webhooks/1/redeliver"]) summary`)
		p.click(`form[action="/webhooks/1/redeliver"] button`)
		p.reads("Снова отправляется 1 сообщение.")
		for id := range int64(2) {
			d, err := w.store.Webhooks().Delivery(t.Context(), id+1)
			require.NoError(t, err)
			assert.Equal(t, webhook.Waiting, d.State)
		}
		p.until(`(document.querySelector('#log a[href="/webhooks/1/deliveries/1"]').click(), true)`) // the log is put in place anew meanwhile
		p.reads("<h1>502</h1>")                                                                      // as text
		assert.True(t, p.fits(), name)
	}
}
