package httpd_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"

	"vinbot/internal/httpd"
)

// tally notes what was counted.
type tally struct {
	mu    sync.Mutex
	lines []string
}

func (c *tally) Served(route string, status int, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, fmt.Sprintf("%s %d", route, status))
}

func TestOpsServesMetricsAndProfiles(t *testing.T) {
	t.Parallel()
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "vinbot_up 1") })
	tests := map[string]string{
		"/metrics":                       "vinbot_up 1",
		"/debug/pprof/":                  "goroutine",
		"/debug/pprof/goroutine?debug=1": "goroutine profile",
		"/debug/pprof/cmdline":           "httpd.test",
		"/debug/pprof/symbol":            "num_symbols",
	}
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			answer := get(httpd.Ops{Metrics: metrics}, path)
			assert.Equal(t, 200, answer.Code)
			assert.Contains(t, answer.Body.String(), want)
		})
	}
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	t.Parallel()
	var count tally
	var log bytes.Buffer
	ops := httpd.Ops{
		Count: &count, Log: zerolog.New(&log),
		Checks: []httpd.Check{{Name: "x", Probe: found(httpd.Status{})}},
	}
	get(ops, "/livez")
	get(ops, "/readyz?a=b")
	get(ops, "/nowhere/at/all")
	assert.Equal(t, []string{"GET /livez 200", "GET /readyz 503", "none 404"}, count.lines)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	assert.Len(t, lines, 3)
	assert.Contains(t, lines[0], `"level":"debug"`)
	assert.Contains(t, lines[1], `"level":"warn"`)
	assert.Contains(t, lines[1], `"request_id":"`)
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	handler := httpd.NewOps(httpd.Ops{Metrics: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, httpd.RequestID(r.Context()))
	}), Count: &tally{}, Now: time.Now})
	tests := map[string]struct {
		brought string
		kept    bool
	}{
		"none":            {"", false},
		"plain":           {"ab-12_C.d", true},
		"with a break":    {"a\nb", false},
		"with a quote":    {`a"b`, false},
		"too long":        {strings.Repeat("a", 65), false},
		"as long as goes": {strings.Repeat("a", 64), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			r.Header["X-Request-Id"] = []string{tt.brought}
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, r)
			id := answer.Header().Get("X-Request-Id")
			assert.Equal(t, id, answer.Body.String(), "the handler sees the id that the client is told")
			if tt.kept {
				assert.Equal(t, tt.brought, id)
			} else {
				assert.Regexp(t, `^[A-Z2-7]{26}$`, id)
			}
		})
	}
}
