package panel_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/webhook"
)

// listens makes an endpoint.
func (w *world) listens() webhook.Endpoint {
	w.Helper()
	e := webhook.Endpoint{
		URL: "https://crm.example.com/hook?key=4711", Description: "Склад <1>", Secret: "whsec_c2VjcmV0", Active: true,
		Version: 1, CreatedAt: w.now(), UpdatedAt: w.now(),
	}
	require.NoError(w, w.store.Webhooks().InsertEndpoint(w.Context(), &e))
	return e
}

// sends has an endpoint be sent something, which ends with a fault, or well.
func (w *world) sends(e webhook.Endpoint, about int64, fault, answer string) webhook.Delivery {
	w.Helper()
	hooks := w.store.Webhooks()
	d := webhook.Delivery{
		Endpoint: e.ID, MessageID: "msg_" + strconv.FormatInt(w.sent.Add(1), 10), Type: webhook.TicketDone, Ticket: about,
		CreatedAt: w.now(), QueuedAt: w.now(), NextAt: w.now(),
	}
	require.NoError(w, hooks.InsertDelivery(w.Context(), &d))
	jobs, err := hooks.Queue().Claim(w.Context(), []int64{d.ID}, time.Minute)
	require.NoError(w, err)
	require.Len(w, jobs, 1)
	try := webhook.Attempt{Delivery: d.ID, At: w.now(), Took: 120 * time.Millisecond, Status: 200, Answer: answer}
	if fault != "" {
		try.Status, try.Error = 500, fault
	}
	record := func(ctx context.Context) error { return hooks.AddAttempt(ctx, try) }
	if fault == "" {
		require.NoError(w, hooks.Queue().Finish(w.Context(), jobs[0], record))
	} else {
		require.NoError(w, hooks.Queue().Bury(w.Context(), jobs[0], fault, record))
	}
	return d
}

func TestAWebhookIsMadeChangedAndRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(admin)
	assert.Contains(t, b.gets("/webhooks").text, "Вебхуков нет.")
	answer := b.posts("/webhooks", "url", " https://crm.example.com/hook?key=4711 ", "description", "Склад <1>", "event", "ticket.done", "event", "report.accepted")
	require.Equal(t, http.StatusOK, answer.status, answer.text)
	secret := shownSecret.FindStringSubmatch(answer.text)[1]
	assert.True(t, strings.HasPrefix(secret, "whsec_"))
	assert.EqualValues(t, 2, w.woken.Load(), "it is looked at when it is made, and when that is committed")
	text := b.gets("/webhooks").text
	assert.Contains(t, text, "#1 crm.example.com")
	assert.Contains(t, text, "Склад &lt;1&gt;")
	assert.NotContains(t, text, "4711", "the rest of a URL may be as good as a password")
	assert.NotContains(t, text, secret)
	page := b.gets("/webhooks/1").text
	assert.NotContains(t, page, secret, "once")
	assert.Contains(t, page, `value="ticket.done" checked`)
	assert.NotContains(t, page, `value="ticket.taken" checked`)

	answer = b.posts("/webhooks/1", "version", "1", "url", "https://other.example.com/", "description", "")
	require.Equal(t, "/webhooks/1", answer.header.Get("Location"), answer.text)
	e, err := w.store.Webhooks().Endpoint(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, "https://other.example.com/", e.URL)
	assert.Empty(t, e.Events)
	answer = b.posts("/webhooks/1", "version", "1", "url", "https://third.example.com/", "description", "")
	assert.Equal(t, http.StatusConflict, answer.status, "somebody changed it meanwhile")
	assert.Contains(t, answer.text, "Пока вы смотрели")

	assert.Equal(t, "/webhooks/1", b.posts("/webhooks/1/test").header.Get("Location"))
	assert.Contains(t, b.gets("/webhooks/1").text, `hx-trigger="load delay:1s"`, "what was just sent is waited for")
	assert.Equal(t, "/webhooks/1", b.posts("/webhooks/1/off").header.Get("Location"))
	assert.Contains(t, b.gets("/webhooks").text, "выключен")
	assert.Equal(t, http.StatusConflict, b.posts("/webhooks/1/off").status)
	answer = b.posts("/webhooks/1/test")
	assert.Equal(t, http.StatusConflict, answer.status)
	assert.Contains(t, answer.text, "вебхук выключен")
	assert.Equal(t, "/webhooks/1", b.posts("/webhooks/1/on").header.Get("Location"))
	answer = b.posts("/webhooks/1/rotate")
	require.Equal(t, http.StatusOK, answer.status)
	assert.NotEqual(t, secret, shownSecret.FindStringSubmatch(answer.text)[1])
	assert.Contains(t, answer.text, "Прежний секрет подписывает тоже до")
	assert.Equal(t, "/webhooks", b.posts("/webhooks/1/delete").header.Get("Location"))
	assert.Equal(t, http.StatusNotFound, b.gets("/webhooks/1").status)

	var actions []string
	for _, d := range w.noted() {
		assert.Equal(t, "webhook:1", d.Target)
		actions = append(actions, d.Action)
	}
	assert.Equal(t, []string{
		"webhook.delete", "webhook.rotate", "webhook.on", "webhook.off", "webhook.test", "webhook.change", "webhook.create",
	}, actions)
	assert.NotContains(t, w.log.String(), secret)
}

func TestAWebhookThatCannotBeIsRefusedInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(admin)
	for _, bad := range []string{"", "ftp://x.example", "http://x.example.com", "https://localhost/", "https://10.0.0.1/", "https://u:p@x.example.com/", "не адрес"} {
		answer := b.posts("/webhooks", "url", bad)
		assert.Equal(t, http.StatusUnprocessableEntity, answer.status, bad)
		assert.Contains(t, answer.text, "Такой адрес не подходит", bad)
	}
	answer := b.posts("/webhooks", "url", "https://x.example.com", "event", "nothing")
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
	assert.Contains(t, answer.text, "события: только из списка")
	e := w.listens()
	answer = b.posts("/webhooks/1", "version", "1", "url", e.URL, "description", strings.Repeat("x", 201))
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
	assert.Empty(t, w.noted())
	assert.Zero(t, w.woken.Load())
	for range 49 {
		w.listens()
	}
	answer = b.posts("/webhooks", "url", "https://x.example.com")
	assert.Equal(t, http.StatusConflict, answer.status)
	assert.Contains(t, answer.text, "столько, сколько может быть")
}

func TestTheLogOfAWebhookShowsEveryTryAndSendsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, e := w.opens(7, honda), w.listens()
	b := w.as(admin)
	d := w.sends(e, k.ID, webhook.FaultStatus, `<script>alert("x")</script>`)
	w.later(time.Minute)
	w.sends(e, 0, "", "ok")
	text := b.gets("/webhooks/1").text
	assert.Contains(t, text, "не принято: ответил ошибкой")
	assert.Contains(t, text, `href="/tickets/1"`)
	assert.Contains(t, b.gets("/webhooks").text, `<time datetime="2026-11-24T12:01:00Z">`, "when it took something last")
	b.htmx = true
	part := b.gets("/webhooks/1?state=dead").text
	assert.True(t, strings.HasPrefix(part, `<section id="log"`))
	assert.NotContains(t, part, "принято</td>")
	b.htmx = false
	page := b.gets("/webhooks/1/deliveries/1").text
	assert.Contains(t, page, `&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;`)
	assert.Contains(t, page, "120 мс")
	assert.Contains(t, page, "500")
	assert.Equal(t, http.StatusNotFound, b.gets("/webhooks/1/deliveries/99").status)
	assert.Equal(t, http.StatusNotFound, b.gets("/webhooks/1/deliveries/x").status)

	assert.Equal(t, "/webhooks/1", b.posts("/webhooks/1/deliveries/1/redeliver").header.Get("Location"))
	got, err := w.store.Webhooks().Delivery(t.Context(), d.ID)
	require.NoError(t, err)
	assert.Equal(t, webhook.Waiting, got.State)
	answer := b.posts("/webhooks/1/deliveries/1/redeliver")
	assert.Equal(t, http.StatusConflict, answer.status)
	assert.Contains(t, answer.text, "уже отправляется")
	assert.Contains(t, b.gets("/webhooks").text, "1 сообщение, с")
}

func TestWhatAWebhookWasNotSentInAPeriodIsSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.listens()
	for range 3 {
		w.later(time.Hour)
		w.sends(e, 0, webhook.FaultTimeout, "")
	}
	w.joins(boris)
	b := w.as(admin)
	post := func(from, to string) reply { return b.posts("/webhooks/1/redeliver", "from", from, "to", to) }
	assert.Equal(t, http.StatusUnprocessableEntity, post("", "2026-11-24T18:00").status)
	answer := post("2026-11-24T16:30", "вчера")
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
	assert.Contains(t, answer.text, "Время не прочитать")
	assert.Equal(t, "/webhooks/1", post("2026-11-24T16:30", "2026-11-24T17:30:00").header.Get("Location"), "in the operator's zone")
	assert.Contains(t, b.gets("/webhooks/1").text, "Снова отправляется 1 сообщение.")
	dead, err := w.store.Webhooks().Deliveries(t.Context(), e.ID, webhook.Page{Limit: 10, State: webhook.Dead})
	require.NoError(t, err)
	require.Len(t, dead, 2)
	assert.Equal(t, []int64{3, 1}, []int64{dead[0].ID, dead[1].ID})
	assert.Equal(t, map[string]string{"from": "2026-11-24T13:30:00Z", "to": "2026-11-24T14:30:00Z", "count": "1"}, w.noted()[0].Details)
	require.Equal(t, "/webhooks/1", b.posts("/webhooks/1/off").header.Get("Location"))
	assert.Equal(t, http.StatusConflict, post("2026-11-24T16:30", "2026-11-24T19:30").status, "one that is off")
}

func TestTheLogOfAWebhookHasPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.listens()
	for range 51 {
		w.sends(e, 0, "", "")
	}
	b := w.as(admin)
	assert.Contains(t, b.gets("/webhooks/1").text, `href="/webhooks/1?state=&amp;before=2"`)
	older := b.gets("/webhooks/1?before=2").text
	assert.Contains(t, older, `href="/webhooks/1/deliveries/1"`)
	assert.NotContains(t, older, `href="/webhooks/1/deliveries/2"`)
}
