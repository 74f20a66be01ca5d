package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/feed"
	"vinbot/internal/httpd/api"
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
	"vinbot/internal/worker"
)

const (
	admin   = int64(200)
	manager = int64(300)
	group   = int64(-7)
	vinA    = "1HGCM82633A004352"
	vinB    = "WBAFW51040C245397"
)

// world is the room over the real database, in made-up time: a feed, the relay
// of deliveries, and receivers that are no further than a function.
type world struct {
	*testing.T
	path    string
	store   *store.Store
	tickets *ticket.Service
	service *webhook.Service
	relay   *outbox.Relay
	follow  *worker.Loop
	log     lines
	admins  []int64

	mu        sync.Mutex
	receivers map[string]*receiver // by host
	tried     map[string]int       // by outcome
	stopped   map[string]int       // by reason
}

// inTime tells a story in a bubble of made-up time.
func inTime(t *testing.T, tell func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{
			T: t, path: litetest.File(t), admins: []int64{admin},
			receivers: map[string]*receiver{}, tried: map[string]int{}, stopped: map[string]int{},
		}
		w.begins()
		tell(w)
		w.ends()
	})
}

// begins starts the program, on the database that an earlier one left.
func (w *world) begins() {
	w.Helper()
	var err error
	w.store, err = store.Open(w.Context(), store.Options{
		Database: store.SQLite(w.path), Clock: time.Now, Log: zerolog.New(&w.log),
		OnQueued: func(_ store.Queue, heads []outbox.Head) { w.relay.Announce(heads) },
		OnEvents: func([]ticket.Event) { w.follow.Wake() },
	})
	require.NoError(w, err)
	w.tickets = ticket.NewService(w.store, w)
	kept, gate := w.store.Webhooks(), outbox.NewSlots(webhook.MostAtOnce)
	sender := webhook.NewSender(webhook.SenderOptions{
		Store: kept, Tickets: w.store, Work: w.store, Gate: gate, Meter: w, Log: zerolog.New(&w.log), Clock: time.Now, Show: api.ShowTicket,
		Admins: w.admins, Groups: w, Transport: w,
	})
	w.relay = outbox.New(outbox.Options{
		Store: kept.Queue(), Kinds: sender.Kinds(), Gate: gate, Meter: w, Log: zerolog.New(&w.log), Clock: time.Now, Chats: "webhook", Repeatable: true,
		Context: func(ctx context.Context, job outbox.Job) context.Context {
			return zerolog.New(&w.log).WithContext(ticket.WithRequestID(ctx, job.RequestID))
		},
	})
	w.follow = worker.NewFinishingLoop(feed.New(feed.Options{
		History: w.store, Audiences: []feed.Audience{webhook.NewAudience(kept)}, Work: w.store, Log: zerolog.New(&w.log), Pause: time.Hour,
	}).Turn)
	w.service = webhook.NewService(webhook.ServiceOptions{Store: kept, Work: w.store, Wake: w.follow.Wake})
	require.NoError(w, w.relay.Start(w.Context()))
	require.NoError(w, w.follow.Start(w.Context()))
}

func (w *world) ends() {
	w.Helper()
	require.NoError(w, w.follow.Stop(w.Context()))
	require.NoError(w, w.relay.Stop(w.Context()))
	require.NoError(w, w.store.Close())
}

// passes lets time go by, and what is due be done.
func (w *world) passes(d time.Duration) {
	w.Helper()
	time.Sleep(d)
	synctest.Wait()
}

// rests lets time go by in which nothing is due: nobody looks twice a minute
// whether something may be.
func (w *world) rests(d time.Duration) {
	w.Helper()
	require.NoError(w, w.relay.Stop(w.Context()))
	time.Sleep(d)
	require.NoError(w, w.relay.Start(w.Context()))
	synctest.Wait()
}

// Current and Now make it the groups.
func (w *world) Current() []ticket.Place { return []ticket.Place{{Chat: group}} }
func (w *world) Now(chat int64) int64    { return chat }

// WebhookTried and the others make it the meters.
func (w *world) WebhookTried(outcome string, _ time.Duration) { w.count(w.tried, outcome) }
func (w *world) WebhookStopped(reason string)                 { w.count(w.stopped, reason) }
func (w *world) JobEnded(string, string, time.Duration)       {}
func (w *world) JobResent(string)                             {}

func (w *world) count(in map[string]int, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in[what]++
}

// receiver is a system that is told.
type receiver struct {
	*testing.T
	secret string
	// takes is how long it takes, and what it answers; it may look at what it
	// got before.
	takes func(got []got) (time.Duration, int)
	// header is that of its answers.
	header http.Header
	// handler gets what is received, too.
	handler http.Handler

	mu  sync.Mutex
	all []got
}

// got is a message that a receiver got, with a good signature.
type got struct {
	at   time.Time
	id   string
	kind string
	body map[string]any
}

func (g got) ticket() int64 {
	data, _ := g.body["data"].(map[string]any)
	shown, _ := data["ticket"].(map[string]any)
	id, _ := shown["id"].(float64)
	return int64(id)
}

// well is how a receiver behaves that is well.
func well([]got) (time.Duration, int) { return 10 * time.Millisecond, 200 }

// receiver sets an endpoint up at a host, with a receiver behind it.
func (w *world) receiver(host string, takes func([]got) (time.Duration, int), types ...webhook.Type) (*receiver, webhook.Endpoint) {
	w.Helper()
	e, err := w.service.Create(w.Context(), webhook.Draft{URL: "https://" + host + "/hook?key=Лариска", Events: types, Active: true})
	require.NoError(w, err)
	r := &receiver{T: w.T, secret: e.Secret, takes: takes, header: http.Header{}}
	w.mu.Lock()
	w.receivers[host] = r
	w.mu.Unlock()
	w.passes(0)
	return r, e
}

// RoundTrip makes it the network.
func (w *world) RoundTrip(request *http.Request) (*http.Response, error) {
	w.mu.Lock()
	r := w.receivers[request.URL.Host]
	w.mu.Unlock()
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	return r.receive(request, body)
}

func (r *receiver) receive(request *http.Request, body []byte) (*http.Response, error) {
	r.mu.Lock()
	library, err := standardwebhooks.NewWebhook(r.secret)
	r.mu.Unlock()
	assert.NoError(r, err)
	assert.NoError(r, library.Verify(body, request.Header), "the public library takes the signature")
	g := got{at: time.Now(), id: request.Header.Get("webhook-id")}
	assert.NoError(r, json.Unmarshal(body, &g.body))
	g.kind, _ = g.body["type"].(string)
	r.mu.Lock()
	before := r.all
	r.all = append(r.all, g)
	takes, handler := r.takes, r.handler
	r.mu.Unlock()
	if handler != nil {
		again := request.Clone(request.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		handler.ServeHTTP(httptest.NewRecorder(), again)
	}
	wait, status := takes(before)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	return &http.Response{
		StatusCode: status, Header: r.header, Request: request, Body: io.NopCloser(strings.NewReader("answer to " + g.kind)),
	}, nil
}

// changes has a receiver behave otherwise from now on.
func (r *receiver) changes(takes func([]got) (time.Duration, int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.takes = takes
}

// learns has a receiver check by another secret from now on.
func (r *receiver) learns(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = secret
}

// passesOn has another handle what is received.
func (r *receiver) passesOn(to http.Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handler = to
}

// messages are what a receiver got so far.
func (r *receiver) messages() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]got{}, r.all...)
}

// kinds are their types, in order.
func (r *receiver) kinds() (kinds []string) {
	for _, g := range r.messages() {
		kinds = append(kinds, g.kind)
	}
	return kinds
}

// opens opens a ticket.
func (w *world) opens(owner int64, vin string) ticket.Ticket {
	w.Helper()
	t, fresh, err := w.tickets.Open(ticket.WithRequestID(w.Context(), "r-open"), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(w, err)
	require.True(w, fresh)
	return t
}

// takes has the manager take a ticket.
func (w *world) takes(id int64) {
	w.Helper()
	_, outcome, err := w.tickets.Take(w.Context(), id, ticket.Actor{ID: manager, Name: "Чебурашка"})
	require.NoError(w, err)
	require.Equal(w, ticket.TakenNow, outcome)
}

// erases forgets what a ticket tells of people.
func (w *world) erases(id int64) {
	w.Helper()
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, tx ticket.Tx) error {
		_, err := tx.EraseTicket(ctx, id)
		return err
	}))
}

// deliveries lists what an endpoint was sent, the oldest first.
func (w *world) deliveries(e webhook.Endpoint) []webhook.Delivery {
	w.Helper()
	all, err := w.service.Deliveries(w.Context(), e.ID, webhook.Page{})
	require.NoError(w, err)
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// alarms are the texts about webhooks that wait to be sent to a chat.
func (w *world) alarms(chat int64) (alarms []ticket.Say) {
	w.Helper()
	heads, err := w.store.Outbox().Waiting(w.Context(), 0, 1000)
	require.NoError(w, err)
	var ids []int64
	for _, h := range heads {
		if h.Chat == chat && h.Kind == string(ticket.EffectSay) {
			ids = append(ids, h.ID)
		}
	}
	jobs, err := w.store.Outbox().Claim(w.Context(), ids, time.Minute)
	require.NoError(w, err)
	for _, j := range jobs {
		var s ticket.Say
		require.NoError(w, json.Unmarshal(j.Payload, &s))
		if s.Text == ticket.TextWebhookOff {
			alarms = append(alarms, s)
		}
	}
	return alarms
}

// lines is a log.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
