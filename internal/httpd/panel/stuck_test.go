package panel_test

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd/panel"
	"vinbot/internal/inbox"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

// setsAside has updates come that are set aside.
func (w *world) setsAside(reason string, bodies ...string) {
	w.Helper()
	in := w.store.Inbox(bot)
	for _, body := range bodies {
		_, err := in.Append(w.Context(), []inbox.Raw{{ID: w.sent.Add(1), Body: []byte(body)}})
		require.NoError(w, err)
	}
	list, err := in.Pending(w.Context(), 0, 1000)
	require.NoError(w, err)
	for _, u := range list {
		require.NoError(w, in.Claim(w.Context(), []int64{u.Seq}))
		require.NoError(w, in.SetAside(w.Context(), u.Seq, reason, nil))
	}
}

// buries has something to be done for a ticket be set aside.
func (w *world) buries(about int64, reason string) {
	w.Helper()
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, tx ticket.Tx) error {
		return tx.Enqueue(ctx, ticket.Effect{Kind: ticket.EffectSay, Lane: "x", TicketID: about, Payload: ticket.Say{VIN: bmw}})
	}))
	heads, err := w.store.Outbox().Waiting(w.Context(), 0, 1000)
	require.NoError(w, err)
	last := heads[len(heads)-1].ID
	jobs, err := w.store.Outbox().Claim(w.Context(), []int64{last}, time.Minute)
	require.NoError(w, err)
	require.NoError(w, w.store.Outbox().Bury(w.Context(), jobs[0], reason, nil))
}

func TestWhatIsStuckIsShownWithoutWhatItSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(admin)
	text := b.gets("/stuck").text
	assert.Contains(t, text, "Ничего не застряло.")
	k := w.opens(7, honda)
	w.setsAside("the handler <panicked> at "+honda, `{"update_id":1,"message":{"from":{"first_name":"Полина"},"text":"`+bmw+`"}}`, `{`)
	w.buries(k.ID, "chat not found")
	e := w.listens()
	require.NoError(t, w.store.Webhooks().NoteFailure(t.Context(), e.ID, w.now(), time.Hour))
	text = b.gets("/stuck").text
	for _, shown := range []string{
		"the handler &lt;panicked&gt; at 1HG…4352", "chat not found", `href="/tickets/1"`, "не читается", "сообщение",
		`href="/webhooks/1?state=dead"`, "показано 2 из 2", "показано 1 из 1",
	} {
		assert.Contains(t, text, shown)
	}
	for _, hidden := range []string{honda, bmw, "Полина"} {
		assert.NotContains(t, text, hidden)
	}
}

func TestStuckWorkIsTriedAgainOrDroppedOneByOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(admin)
	w.setsAside("why", `{"update_id":1,"message":{}}`, `{"update_id":2,"message":{}}`)
	w.buries(k.ID, "why")
	w.buries(k.ID, "why")
	effects, err := w.store.DeadEffects().Asides(t.Context(), "", 10)
	require.NoError(t, err)
	last, first := strconv.FormatInt(effects[0].ID, 10), strconv.FormatInt(effects[1].ID, 10)
	for _, path := range []string{"/stuck/updates/1/retry", "/stuck/updates/2/drop", "/stuck/effects/" + first + "/retry", "/stuck/effects/" + last + "/drop"} {
		assert.Equal(t, "/stuck", b.posts(path).header.Get("Location"), path)
		again := b.posts(path)
		assert.Equal(t, http.StatusNotFound, again.status, path)
		assert.Contains(t, again.text, "Этого здесь уже нет", path)
	}
	pending, err := w.store.Inbox(bot).Pending(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, pending, 1)
	assert.EqualValues(t, 1, pending[0].Seq)
	assert.Contains(t, b.gets("/stuck").text, "Ничего не застряло.")
	var done []string
	for _, d := range w.noted() {
		done = append(done, d.Action+" "+d.Target)
	}
	assert.Equal(t, []string{"stuck.drop effects:" + last, "stuck.retry effects:" + first, "stuck.drop updates:2", "stuck.retry updates:1"}, done)
}

// givesUp has a ticket's job for the CRM be given up, and gives its number.
func (w *world) givesUp(about int64, reason string) string {
	w.Helper()
	queue := w.store.CRM().Queue()
	require.NoError(w, w.store.CRM().Ask(w.Context(), about, "r"))
	heads, err := queue.Waiting(w.Context(), 0, 10)
	require.NoError(w, err)
	jobs, err := queue.Claim(w.Context(), []int64{heads[len(heads)-1].ID}, time.Minute)
	require.NoError(w, err)
	require.NoError(w, queue.Bury(w.Context(), jobs[0], reason, nil))
	return strconv.FormatInt(jobs[0].ID, 10)
}

func TestWhatTheCRMDidNotTakeIsTriedAgainOrDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(admin)
	var jobs []string
	for owner, vin := range []string{honda, bmw, honda, bmw} {
		jobs = append(jobs, w.givesUp(w.opens(int64(owner+7), vin).ID, "no deal for "+honda))
	}
	text := b.gets("/stuck").text
	for _, shown := range []string{"Для CRM", "сделка по заявке", "no deal for 1HG…4352", `href="/tickets/4"`, "показано 4 из 4"} {
		assert.Contains(t, text, shown)
	}
	assert.NotContains(t, text, honda)
	assert.Contains(t, b.gets("/health").text, "исходящего 4.")
	for _, path := range []string{"/stuck/crm/" + jobs[0] + "/retry", "/stuck/crm/" + jobs[1] + "/drop"} {
		assert.Equal(t, "/stuck", b.posts(path).header.Get("Location"), path)
		assert.Equal(t, http.StatusNotFound, b.posts(path).status, path)
	}
	assert.Equal(t, http.StatusNotFound, b.posts("/stuck/crm/retry", "kind", "crm.deal").status, "none of that kind")
	assert.Equal(t, "/stuck", b.posts("/stuck/crm/retry", "kind", "crm.ticket").header.Get("Location"))
	waiting, err := w.store.CRM().Queue().Waiting(t.Context(), 0, 10)
	require.NoError(t, err)
	assert.Len(t, waiting, 3)
	assert.Contains(t, b.gets("/stuck").text, "Снова в очереди: 2.")
	assert.Equal(t, "stuck.retry", w.noted()[0].Action)
	assert.Equal(t, map[string]string{"kind": "crm.ticket", "count": "2"}, w.noted()[0].Details)
	assert.Equal(t, "stuck.drop crm:"+jobs[1], w.noted()[1].Action+" "+w.noted()[1].Target)
}

func TestWithoutACRMNothingIsSaidOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *panel.Options) { o.CRMJobs = nil })
	b := w.as(admin)
	assert.NotContains(t, b.gets("/stuck").text, "Для CRM")
	assert.Equal(t, http.StatusNotFound, b.posts("/stuck/crm/1/retry").status)
	assert.Equal(t, http.StatusNotFound, b.posts("/stuck/crm/drop", "kind", "crm.ticket").status)
}

func TestStuckWorkOfAKindIsTriedAgainOrDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(admin)
	w.setsAside("why", `{"message":{}}`, `{"message":{}}`, `{"callback_query":{}}`, `[]`)
	w.buries(k.ID, "why")
	w.buries(k.ID, "why")
	assert.Equal(t, http.StatusNotFound, b.posts("/stuck/updates/retry", "kind", "poll").status)
	assert.Equal(t, http.StatusNotFound, b.posts("/stuck/effects/drop", "kind", "").status, "no kind is none, not all")
	assert.Equal(t, "/stuck", b.posts("/stuck/updates/retry", "kind", "message").header.Get("Location"))
	assert.Contains(t, b.gets("/stuck").text, "Снова в очереди: 2.")
	assert.Equal(t, map[string]string{"kind": "message", "count": "2"}, w.noted()[0].Details)
	assert.Equal(t, "/stuck", b.posts("/stuck/updates/drop", "kind", "").header.Get("Location"), "what nobody can read")
	_, total, err := w.store.Shelf(bot).Asides(t.Context(), 10)
	require.NoError(t, err)
	assert.Equal(t, 1, total)
	assert.Equal(t, "/stuck", b.posts("/stuck/effects/drop", "kind", "say").header.Get("Location"))
	assert.Contains(t, b.gets("/stuck").text, "Отброшено: 2.")
}

func TestMoreThanATransactionBearsIsLeftForTheNextPress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bodies := make([]string, 501)
	for i := range bodies {
		bodies[i] = `{"message":{}}`
	}
	w.setsAside("why", bodies...)
	b := w.as(admin)
	assert.Contains(t, b.gets("/stuck").text, "показано 100 из 501")
	assert.Equal(t, "/stuck", b.posts("/stuck/updates/drop", "kind", "message").header.Get("Location"))
	text := b.gets("/stuck").text
	assert.Contains(t, text, "Отброшено: 500.")
	assert.Contains(t, text, "Осталось ещё")
	assert.Contains(t, text, "показано 1 из 1")
}

func TestEveryCodeOfTheAdminsPagesHasAWord(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, id := range panel.Texts("ru") {
		known[id] = true
	}
	source, err := os.ReadFile("../../ticket/effect.go")
	require.NoError(t, err)
	kinds := regexp.MustCompile(`EffectKind += "([a-z.]+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(kinds), 25)
	source, err = os.ReadFile("../../crm/crm.go")
	require.NoError(t, err)
	jobs := regexp.MustCompile(`job\w+ += "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	require.Len(t, jobs, 3)
	for _, m := range jobs {
		assert.True(t, known["stuck.word.crm."+m[1]], "stuck.word.crm."+m[1])
	}
	for _, m := range kinds {
		assert.True(t, known["stuck.word."+m[1]], "stuck.word."+m[1])
	}
	for _, kind := range webhook.Types() {
		assert.True(t, known["webhooks.type."+string(kind)], "webhooks.type."+string(kind))
	}
	source, err = os.ReadFile("../../webhook/post.go")
	require.NoError(t, err)
	faults := regexp.MustCompile(`Fault\w+ += "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	require.Len(t, faults, 10)
	for _, m := range faults {
		assert.True(t, known["webhooks.fault."+m[1]], "webhooks.fault."+m[1])
	}
}
