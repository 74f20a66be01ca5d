package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/app"
	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
	"vinbot/internal/webhook"
)

// hook is another system, which is told what happens: a server of its own, that
// checks signatures by the public library.
type hook struct {
	*world
	url    string
	secret string

	mu      sync.Mutex
	answers func(n int) int // the status, by how many messages came before
	all     []heard
	grown   chan struct{} // closed and renewed with each message
}

// heard is a message with a good signature.
type heard struct {
	id, requestID, kind string
	ticket              int64
	event               int64
	body                string
}

// nearby lets webhooks go to this machine.
func nearby(w *world, _ *telegramtest.Options) { w.cfg.WebhookAllowPrivate = true }

func takesAll(int) int { return http.StatusOK }

// listens makes a system that listens; [hook.isTold] has it told.
func (w *world) listens(answers func(n int) int) *hook {
	w.Helper()
	h := &hook{world: w, answers: answers, grown: make(chan struct{})}
	server := httptest.NewServer(h)
	w.Cleanup(server.Close)
	h.url = server.URL + "/hook?key=Лариска"
	return h
}

// isTold sets an endpoint up for the system.
func (h *hook) isTold(types ...webhook.Type) {
	h.Helper()
	e, err := h.app.Webhooks().Create(h.Context(), webhook.Draft{URL: h.url, Events: types, Active: true})
	require.NoError(h, err)
	h.mu.Lock()
	h.secret = e.Secret
	h.known.keep("a webhook's secret", e.Secret)
	h.known.keep("a webhook's address", h.url)
	h.mu.Unlock()
}

// ServeHTTP takes a message.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	assert.Equal(h, http.MethodPost, r.Method, "nobody is redirected")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // its sender died while it spoke
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	library, err := standardwebhooks.NewWebhook(h.secret)
	assert.NoError(h, err)
	assert.NoError(h, library.VerifyIgnoringTimestamp(body, r.Header), "the bot's clock is its own")
	assert.Error(h, library.VerifyIgnoringTimestamp(append(body, ' '), r.Header))
	var said struct {
		Type string `json:"type"`
		Data struct {
			Event  struct{ ID int64 }
			Ticket struct{ ID int64 }
		} `json:"data"`
	}
	assert.NoError(h, json.Unmarshal(body, &said))
	n := len(h.all)
	h.all = append(h.all, heard{
		id: r.Header.Get("webhook-id"), requestID: r.Header.Get("X-Request-ID"), kind: said.Type,
		ticket: said.Data.Ticket.ID, event: said.Data.Event.ID, body: string(body),
	})
	close(h.grown)
	h.grown = make(chan struct{})
	status := h.answers(n)
	if status == http.StatusFound {
		w.Header().Set("Location", h.url)
	}
	w.WriteHeader(status)
}

// answersNow has the system answer otherwise from now on.
func (h *hook) answersNow(answers func(n int) int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers = answers
}

// heard gives the messages so far.
func (h *hook) heard() []heard {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.all)
}

// hears waits until the system has been told enough.
func (h *hook) hears(enough func(all []heard) bool) []heard {
	h.Helper()
	late := time.After(patience)
	for {
		h.mu.Lock()
		all, grown := slices.Clone(h.all), h.grown
		h.mu.Unlock()
		if enough(all) {
			return all
		}
		select {
		case <-grown:
		case <-late:
			require.FailNow(h, "the system was not told", "%v", all)
		}
	}
}

// kinds waits for so many messages and gives what they tell of.
func (h *hook) kinds(n int) (kinds []string) {
	h.Helper()
	for _, m := range h.hears(func(all []heard) bool { return len(all) >= n }) {
		kinds = append(kinds, m.kind)
	}
	return kinds
}

// hooksSettled waits until nothing waits for any webhook.
func (w *world) hooksSettled() {
	w.Helper()
	require.Eventually(w, func() bool {
		return w.look(`SELECT count(*) FROM deliveries WHERE state = 'waiting' OR state = 'leased'`) == 0
	}, patience, 10*time.Millisecond, "something still waits")
}

func TestAnotherSystemIsToldOfATicketsWholeLife(t *testing.T) { onEach(t, toldOfAWholeLife) }

func toldOfAWholeLife(t *testing.T, settings ...setting) {
	t.Helper()
	w := begin(t, append(settings, nearby)...)
	h := w.listens(takesAll)
	h.isTold()
	w.anna.Send(honda)
	card := w.card(honda)
	w.takes(w.boris.In(w.group), card)
	w.presses(w.boris.In(w.group), card, "release:1")
	w.delivered(card, w.vera.In(w.group).ReplyPDF(card, pdf(), ""))
	report := w.sees(w.anna, telegramtest.WithButton("rate:1:5"))
	w.presses(w.anna, report, "rate:1:5")
	assert.Equal(t, []string{
		"ticket.created", "ticket.taken", "ticket.released", "ticket.taken", "report.accepted", "ticket.done", "rating.given",
	}, h.kinds(7))
	all := h.heard()
	for i, m := range all {
		assert.EqualValues(t, 1, m.ticket)
		requests := w.look(`SELECT count(*) FROM events WHERE id = ? AND request_id = '`+m.requestID+`'`, m.event)
		assert.Equal(t, 1, requests, "it bears the request that brought it about")
		for _, other := range all[:i] {
			assert.NotEqual(t, other.id, m.id)
			assert.LessOrEqual(t, other.event, m.event, "in order")
		}
	}
	assert.Contains(t, all[0].body, honda)
	assert.Contains(t, all[6].body, `"stars":5`)
	w.hooksSettled()
	assert.Empty(t, w.log.with(`"level":"error"`))
	assert.Empty(t, w.log.with("Лариска"), "no address in the log")
	_, ready := w.ask("/readyz")
	assert.Contains(t, ready, `"name":"webhooks","status":"ok"`)
	_, figures := w.ask("/metrics")
	assert.Contains(t, figures, `vinbot_webhook_attempts_total{outcome="delivered"} 7`)
}

// What ails one receiver harms neither another, nor owners and managers.
func TestReceiversThatAreSlowDeadRedirectingOrFlapping(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nearby)
	w.cfg.AdminIDs = config.IDs{w.vera.ID}
	w.vera.Start("")
	w.start()
	always := func(status int) func(int) int { return func(int) int { return status } }
	well, flapping := w.listens(takesAll), w.listens(func(n int) int { return []int{200, 500}[n%2] })
	dead, redirecting := w.listens(always(http.StatusServiceUnavailable)), w.listens(always(http.StatusFound))
	for _, h := range []*hook{well, flapping, dead, redirecting} {
		h.isTold(webhook.TicketCreated)
	}
	hangs := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hangs:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(hangs) })
	_, err := w.app.Webhooks().Create(t.Context(), webhook.Draft{URL: slow.URL, Active: true})
	require.NoError(t, err)

	w.anna.Send(honda)
	w.delivered(w.card(honda), w.boris.In(w.group).ReplyPDF(w.card(honda), pdf(), ""))
	well.kinds(1)
	for _, h := range []*hook{flapping, dead, redirecting} {
		h.kinds(1)
	}
	owners := []*telegramtest.User{}
	for turn := range 7 { // each soon enough after the last failure for one trouble of three days
		for _, h := range []*hook{dead, redirecting} {
			h.hears(func(all []heard) bool { return len(ids(all)) > turn })
		}
		w.andAgain(11 * time.Hour)
		owner := w.sim.User("Owner", "ru")
		owner.Send(honda)
		w.sees(owner, telegramtest.Containing("принята"))
		owners = append(owners, owner)
		well.kinds(2 + turn)
	}
	w.sees(w.vera, telegramtest.Containing("Вебхук #3 127.0.0.1", "выключен", "три дня"))
	w.sees(w.vera, telegramtest.Containing("Вебхук #4 127.0.0.1", "выключен", "три дня"))
	assert.Len(t, well.heard(), 1+len(owners), "each once")
	flapping.hears(func(all []heard) bool { return len(ids(all)) == 1+len(owners) })
	assert.Zero(t, w.look(`SELECT count(*) FROM webhooks WHERE (id = 1 OR id = 2) AND NOT active`))
	assert.Positive(t, w.look(`SELECT count(*) FROM delivery_attempts WHERE error = 'redirect' AND status = 302`))
	assert.Empty(t, w.log.with("Лариска"), "no address in the log")
}

// ids are the messages, each once.
func ids(all []heard) map[string]int {
	times := map[string]int{}
	for _, m := range all {
		times[m.id]++
	}
	return times
}

func TestAWebhookThatWaitsForLongIsNamed(t *testing.T) {
	t.Parallel()
	w := begin(t, nearby)
	h := w.listens(func(int) int { return http.StatusInternalServerError })
	h.isTold()
	w.anna.Send(honda)
	h.kinds(1)
	require.Eventually(t, func() bool {
		return w.look(`SELECT count(*) FROM deliveries WHERE state = 'waiting' AND failures > 0`) > 0
	}, patience, 10*time.Millisecond)
	w.later(6 * time.Minute)
	require.EventuallyWithT(t, func(c *assert.CollectT) { // once the try that was due has failed, too
		_, ready := w.ask("/readyz")
		assert.Regexp(c, `{"name":"webhooks","status":"degraded","age_seconds":[3-9]\d\d`, ready)
		assert.Contains(c, ready, "1 deliveries wait for webhook 1")
	}, patience, 10*time.Millisecond)
}

// A private address that is not allowed is never connected to.
func TestWebhooksToThisMachineAreRefusedUnlessAllowed(t *testing.T) {
	t.Parallel()
	w := begin(t)
	h := w.listens(takesAll)
	_, err := w.app.Webhooks().Create(t.Context(), webhook.Draft{URL: h.url, Active: true})
	require.ErrorContains(t, err, "https://")
	w.stop()
	w.cfg.WebhookAllowPrivate = true
	w.start()
	h.isTold()
	w.stop()
	w.cfg.WebhookAllowPrivate = false // the operator thought better of it
	w.start()
	w.anna.Send(honda)
	w.card(honda)
	require.Eventually(t, func() bool {
		return w.look(`SELECT count(*) FROM delivery_attempts WHERE error = 'refused_host'`) > 0
	}, patience, 10*time.Millisecond)
	assert.Empty(t, h.heard())
}

// What a process that does not lead sets up, and brings about, the leader tells.
func TestTheLeaderTellsWhatAnotherProcessBringsAbout(t *testing.T) {
	t.Parallel()
	w := begin(t, postgres, nearby, served)
	require.Eventually(t, func() bool {
		_, figures := w.ask("/metrics")
		return strings.Contains(figures, "\nvinbot_leader 1\n")
	}, patience, 10*time.Millisecond)
	h := w.listens(takesAll)
	leader := w.app
	defer func() { w.app = leader }()
	follower, err := app.New(t.Context(), app.Options{Config: w.cfg, Log: zerolog.New(w.log), Clock: w.now})
	require.NoError(t, err)
	require.NoError(t, follower.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, follower.Stop(context.WithoutCancel(t.Context()))) })

	w.app = follower
	h.isTold()
	_, err = follower.Webhooks().Try(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, []string{"webhook.test"}, h.kinds(1))
	opened := w.program().opens(honda, 0)
	assert.Equal(t, []string{"webhook.test", "ticket.created"}, h.kinds(2))
	assert.Equal(t, opened.ID, h.heard()[1].ticket)
}
