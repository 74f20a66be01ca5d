package httpd_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"vinbot/internal/httpd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func found(s httpd.Status) func(context.Context) httpd.Status {
	return func(context.Context) httpd.Status { return s }
}

// get asks the operations handler once.
func get(o httpd.Ops, path string) *httptest.ResponseRecorder {
	if o.Metrics == nil {
		o.Metrics = http.NotFoundHandler()
	}
	if o.Count == nil {
		o.Count = &tally{}
	}
	o.Now = time.Now
	answer := httptest.NewRecorder()
	httpd.NewOps(o).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	return answer
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	good := httpd.Check{Name: "database", Probe: found(httpd.Status{OK: true})}
	tests := map[string]struct {
		checks []httpd.Check
		code   int
		body   string
	}{
		"nothing to check": {nil, 200, `{"status":"ok","checks":[]}`},
		"all is well": {
			[]httpd.Check{good, {Name: "poll", Probe: found(httpd.Status{OK: true, Age: 1500 * time.Millisecond})}},
			200,
			`{"status":"ok","checks":[{"name":"database","status":"ok","age_seconds":0},
				{"name":"poll","status":"ok","age_seconds":1.5}]}`,
		},
		"what only degrades is named": {
			[]httpd.Check{good, {Name: "archive", Degrades: true, Probe: found(httpd.Status{Reason: "disk full"})}},
			200,
			`{"status":"degraded","checks":[{"name":"database","status":"ok","age_seconds":0},
				{"name":"archive","status":"degraded","degrades":true,"age_seconds":0,"reason":"disk full"}]}`,
		},
		"what only degrades says so while it is well, too": {
			[]httpd.Check{{Name: "archive", Degrades: true, Probe: found(httpd.Status{OK: true, Age: time.Second})}},
			200,
			`{"status":"ok","checks":[{"name":"archive","status":"ok","degrades":true,"age_seconds":1}]}`,
		},
		"one that fails is enough": {
			[]httpd.Check{
				{Name: "poll", Probe: found(httpd.Status{Age: 2 * time.Minute, Reason: "no answer from Telegram"})},
				{Name: "archive", Degrades: true, Probe: found(httpd.Status{})},
				good,
			},
			503,
			`{"status":"failed","checks":[{"name":"poll","status":"failed","age_seconds":120,"reason":"no answer from Telegram"},
				{"name":"archive","status":"degraded","degrades":true,"age_seconds":0},{"name":"database","status":"ok","age_seconds":0}]}`,
		},
		"a check that panics fails": {
			[]httpd.Check{{Name: "bad", Probe: func(context.Context) httpd.Status { panic("a secret") }}},
			503,
			`{"status":"failed","checks":[{"name":"bad","status":"failed","age_seconds":0,"reason":"the check itself failed: string"}]}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := get(httpd.Ops{Checks: tt.checks, Log: zerolog.Nop()}, "/readyz")
			assert.Equal(t, tt.code, answer.Code)
			assert.JSONEq(t, tt.body, answer.Body.String())
			assert.Equal(t, "application/json", answer.Header().Get("Content-Type"))
			assert.Equal(t, "no-store", answer.Header().Get("Cache-Control"))
		})
	}
}

func TestACheckThatHangsFailsInTimeAndDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		deaf := func(context.Context) httpd.Status { <-release; return httpd.Status{OK: true} }
		began := time.Now()
		answer := get(httpd.Ops{Checks: []httpd.Check{
			{Name: "one", Probe: deaf},
			{Name: "two", Probe: deaf},
			{Name: "three", Probe: found(httpd.Status{OK: true})},
		}}, "/readyz")
		assert.Equal(t, 503, answer.Code)
		assert.Equal(t, 3*time.Second, time.Since(began))
		assert.Contains(t, answer.Body.String(), `"name":"two","status":"failed","age_seconds":0,"reason":"no answer in time"`)
		assert.Contains(t, answer.Body.String(), `"name":"three","status":"ok"`)
	})
}

func TestLivenessDependsOnNothing(t *testing.T) {
	t.Parallel()
	asked := false
	answer := get(httpd.Ops{Checks: []httpd.Check{{Name: "x", Probe: func(context.Context) httpd.Status {
		asked = true
		return httpd.Status{}
	}}}}, "/livez")
	assert.Equal(t, 200, answer.Code)
	assert.JSONEq(t, `{"status":"ok"}`, answer.Body.String())
	assert.False(t, asked)
}
