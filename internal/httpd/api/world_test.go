package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/httpd/api"
	"vinbot/internal/store"
	"vinbot/internal/vin"
)

// honda is a VIN whose check digit is right.
const honda = "1HGCM82633A004352"

// world is an API over a database of its own.
type world struct {
	*testing.T
	store *store.Store
	web   http.Handler
	log   lines
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

func newWorld(t *testing.T) *world {
	t.Helper()
	return worldOn(t, store.SQLite(filepath.Join(t.TempDir(), "vinbot.db")))
}

func worldOn(t *testing.T, database store.Database) *world {
	t.Helper()
	w := &world{T: t}
	var err error
	w.store, err = store.Open(t.Context(), store.Options{Database: database, Clock: noon, Log: zerolog.Nop()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	rest := api.New(api.Options{
		Tokens: w.store.Tokens(), Policy: vin.PolicyAuto, Version: "test", Log: zerolog.New(&w.log), Clock: noon,
	})
	w.web = httpd.NewWeb(httpd.Web{API: rest, Count: noCount{}, Log: zerolog.Nop(), Now: noon})
	return w
}

// token makes a token with scopes and gives its secret.
func (w *world) token(scopes ...account.Scope) string {
	w.Helper()
	secret, hash := account.NewSecret(account.PrefixToken)
	_, err := w.store.Tokens().Create(w.Context(), account.Token{Name: "tests", Scopes: scopes, PerMinute: 1000}, hash)
	require.NoError(w, err)
	return secret
}

// reply is an answer of the API.
type reply struct {
	*testing.T
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
	return reply{T: w.T, status: recorder.Code, header: recorder.Header(), text: recorder.Body.Bytes()}
}

// object is JSON in the making.
type object = map[string]any
