package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/blob"
	"vinbot/internal/httpd"
	"vinbot/internal/httpd/api"
	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
	"vinbot/internal/webhook"
)

// honda is a VIN whose check digit is right.
const honda = "1HGCM82633A004352"

// world is an API over a database of its own.
type world struct {
	testing.TB
	store *store.Store

	groups  *account.Groups
	archive *blob.Files
	rest    *api.API
	dir     string // of uploads and the archive
	tickets *ticket.Service
	web     http.Handler
	log     lines
	ahead   atomic.Int64 // how much later it is than it was
}

// lines is a log that may be written from several places.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// noCount counts nothing.
type noCount struct{}

func (noCount) Served(string, int, time.Duration) {}

// noon is when the tests take place.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func (w *world) now() time.Time { return noon().Add(time.Duration(w.ahead.Load())) }

func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return worldOn(tb, store.SQLite(litetest.File(tb)))
}

func worldOn(tb testing.TB, database store.Database) *world {
	tb.Helper()
	w := &world{TB: tb}
	var err error
	w.store, err = store.Open(tb.Context(), store.Options{Database: database, Clock: w.now, Log: zerolog.Nop()})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, w.store.Close()) })
	w.groups = account.NewGroups([]ticket.Place{{Chat: -100}}, w.store.Accounts())
	w.tickets = ticket.NewService(w.store, w.groups)
	w.dir = tb.TempDir()
	dir := w.dir
	w.archive, err = blob.OpenFiles(filepath.Join(dir, "reports"), w.now)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, w.archive.Close()) })
	w.rest = api.New(api.Options{
		BotToken: botToken, Stats: stats.New(w.store.Stats(), time.UTC, w.now), History: w.store, Hub: httpd.NewHub(w.store, zerolog.Nop()),
		Archive: w.archive, Spool: dir, MaxPDF: 1 << 20,
		Store: w.store, Tickets: w.tickets, People: w.store.Accounts(), Bans: w.store.Bans(),
		Tokens: w.store.Tokens(), Sessions: w.store.Sessions(), Usage: w.store.Usage(), Answers: w.store.Answers(),
		Webhooks:   webhook.NewService(webhook.ServiceOptions{Store: w.store.Webhooks(), Work: w.store, Wake: func() {}}),
		Forgetting: ticket.NewForgetting(w.tickets, w.store, w.store.Erasures()),
		Policy:     vin.PolicyAuto, MaxOpen: 3, MaxHour: 5, Version: "test", Log: zerolog.New(&w.log), Clock: w.now,
	})
	w.web = httpd.NewWeb(httpd.Web{API: w.rest, Broken: w.rest.Broken, Count: noCount{}, Log: zerolog.Nop(), Now: w.now})
	return w
}

// token makes a token with scopes and gives its secret.
func (w *world) token(scopes ...account.Scope) string {
	w.Helper()
	return w.tokenOf(1000, scopes...)
}

// tokenOf makes one that allows so many requests a minute.
func (w *world) tokenOf(perMinute int, scopes ...account.Scope) string {
	w.Helper()
	secret, hash := account.NewSecret(account.PrefixToken)
	_, err := w.store.Tokens().Create(w.Context(), account.Token{Name: "tests", Scopes: scopes, PerMinute: perMinute}, hash)
	require.NoError(w, err)
	return secret
}

// all is a token that may do everything.
func (w *world) all() string {
	w.Helper()
	return w.token(account.Scopes()...)
}

// owner signs an owner in, and gives their access token. Those whom the bot
// knows have written to it.
func (w *world) owner(id int64, known bool) string {
	w.Helper()
	if known {
		_, err := w.store.Accounts().Seen(w.Context(), account.User{ID: id, Name: "Анна", Language: "ru"})
		require.NoError(w, err)
	}
	secret, hash := account.NewSecret(account.PrefixAccess)
	_, refresh := account.NewSecret(account.PrefixRefresh)
	require.NoError(w, w.store.Sessions().Begin(w.Context(), account.Session{
		Owner: id, AccessUntil: w.now().Add(time.Hour), ExpiresAt: w.now().Add(24 * time.Hour),
	}, hash, refresh))
	return secret
}

// opens opens a ticket, and gives it.
func (w *world) opens(secret string, body object) api.Ticket {
	w.Helper()
	answer := w.ask(secret, "POST", tickets, body)
	require.Equal(w, 201, answer.status, "%s", answer.text)
	var t api.Ticket
	answer.into(&t)
	return t
}

const tickets = "/api/v1/tickets"

// path is that of a ticket, and of something about it.
func path(t api.Ticket, rest ...string) string {
	return strings.Join(append([]string{tickets, strconv.FormatInt(t.ID, 10)}, rest...), "/")
}

// kept lists what is in the archive.
func (w *world) kept() []string {
	w.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "reports", "reports", "*", "*"))
	require.NoError(w, err)
	return files
}

// reply is an answer of the API.
type reply struct {
	testing.TB
	status int
	header http.Header
	text   []byte
}

// into reads the answer's JSON.
func (r reply) into(v any) {
	r.Helper()
	require.NoError(r, json.Unmarshal(r.text, v), "%s", r.text)
}

// problem reads the answer's problem.
func (r reply) problem() api.Problem {
	r.Helper()
	require.Equal(r, "application/problem+json", r.header.Get("Content-Type"), "%s", r.text)
	var p api.Problem
	r.into(&p)
	require.Equal(r, r.status, p.Status)
	require.NotEmpty(r, p.RequestID)
	return p
}

// ask makes a request. The body is JSON, or made it; nil is none. Headers
// follow, each with its value.
func (w *world) ask(secret, method, path string, body any, headers ...string) reply {
	w.Helper()
	var content io.Reader = http.NoBody
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		require.NoError(w, err)
		content = bytes.NewReader(text)
	}
	request := httptest.NewRequestWithContext(w.Context(), method, path, content)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if secret != "" {
		request.Header.Set("Authorization", "Bearer "+secret)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	w.web.ServeHTTP(recorder, request)
	return reply{TB: w.TB, status: recorder.Code, header: recorder.Header(), text: recorder.Body.Bytes()}
}

// object is JSON in the making.
type object = map[string]any
