package httpd_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"

	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// web asks the listener for everybody, whose API is a function.
func web(w httpd.Web, api http.HandlerFunc, method, path string, headers ...string) *httptest.ResponseRecorder {
	if w.Count == nil {
		w.Count = &tally{}
	}
	w.API, w.Now = api, time.Now
	request := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	httpd.NewWeb(w).ServeHTTP(recorder, request)
	return recorder
}

func TestTheAPIHasARequestIDThatEventsBear(t *testing.T) {
	t.Parallel()
	var seen string
	answer := web(httpd.Web{}, func(_ http.ResponseWriter, r *http.Request) { seen = ticket.RequestID(r.Context()) },
		"GET", "/api/v1/x", "X-Request-ID", "mine-1")
	assert.Equal(t, "mine-1", seen)
	assert.Equal(t, "mine-1", answer.Header().Get("X-Request-ID"))
	assert.Equal(t, "nosniff", answer.Header().Get("X-Content-Type-Options"))
	assert.Equal(t, 404, web(httpd.Web{}, func(http.ResponseWriter, *http.Request) {}, "GET", "/elsewhere").Code)
}

func TestRequestsToTheAPIAreCountedByItsRoutes(t *testing.T) {
	t.Parallel()
	var count tally
	web(httpd.Web{Count: &count}, func(_ http.ResponseWriter, r *http.Request) { r.Pattern = "GET /api/v1/x/{id}" }, "GET", "/api/v1/x/1")
	assert.Equal(t, []string{"GET /api/v1/x/{id} 200"}, count.lines)
}

func TestAHandlerThatPanicsIsAnsweredForAndQuotesNobody(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	for _, value := range []any{"Анна", runtimeError()} {
		answer := web(httpd.Web{Log: zerolog.New(&log)}, func(http.ResponseWriter, *http.Request) { panic(value) }, "GET", "/api/v1/x")
		assert.Equal(t, 500, answer.Code)
	}
	assert.NotContains(t, log.String(), "Анна")
	assert.Contains(t, log.String(), "index out of range")
	assert.Equal(t, 4, strings.Count(log.String(), `"request_id"`), "each panic and each request")
	assert.PanicsWithError(t, http.ErrAbortHandler.Error(), func() {
		web(httpd.Web{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "GET", "/api/v1/x")
	})
}

func TestAHandlerThatPanicsInTheMiddleOfAnAnswerCutsItOff(t *testing.T) {
	t.Parallel()
	assert.PanicsWithError(t, http.ErrAbortHandler.Error(), func() {
		web(httpd.Web{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("half")); panic("x") }, "GET", "/api/v1/x")
	})
	answer := web(httpd.Web{Broken: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }},
		func(http.ResponseWriter, *http.Request) { panic("x") }, "GET", "/api/v1/x")
	assert.Equal(t, http.StatusTeapot, answer.Code)
}

func runtimeError() (fault any) {
	defer func() { fault = recover() }()
	var none []int
	return none[len(none)]
}

func TestPagesOfOtherOriginsAreLetInByExactName(t *testing.T) {
	t.Parallel()
	const page = "https://app.example.org"
	tests := map[string]struct {
		allowed []string
		method  string
		headers []string
		status  int
		let     string // Access-Control-Allow-Origin
		methods bool
		called  bool
	}{
		"none set: no header at all": {nil, "GET", []string{"Origin", page}, 200, "", false, true},
		"another page":               {[]string{page}, "GET", []string{"Origin", "https://evil.example.org"}, 200, "", false, true},
		"null":                       {[]string{page}, "GET", []string{"Origin", "null"}, 200, "", false, true},
		"no page":                    {[]string{page}, "GET", nil, 200, "", false, true},
		"a request":                  {[]string{page}, "POST", []string{"Origin", page}, 200, page, false, true},
		"a preflight": {
			[]string{page}, "OPTIONS", []string{"Origin", page, "Access-Control-Request-Method", "DELETE"}, 204, page, true, false,
		},
		"another's preflight": {
			[]string{page}, "OPTIONS", []string{"Origin", page + ".evil.org", "Access-Control-Request-Method", "DELETE"}, 200, "", false, true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			called := false
			answer := web(httpd.Web{Origins: tt.allowed}, func(http.ResponseWriter, *http.Request) { called = true }, tt.method, "/api/v1/webhooks", tt.headers...)
			assert.Equal(t, tt.status, answer.Code)
			assert.Equal(t, tt.called, called)
			assert.Equal(t, tt.let, answer.Header().Get("Access-Control-Allow-Origin"))
			assert.Equal(t, tt.methods, strings.Contains(answer.Header().Get("Access-Control-Allow-Methods"), "DELETE"))
			assert.Equal(t, len(tt.allowed) > 0, answer.Header().Get("Vary") == "Origin", "caches keep origins apart")
			assert.Empty(t, answer.Header().Get("Access-Control-Allow-Credentials"), "no cookies, ever")
			if tt.let != "" && !tt.methods {
				assert.Contains(t, answer.Header().Get("Access-Control-Expose-Headers"), "ETag")
			}
		})
	}
}

func TestEveryCodeHasItsStatus(t *testing.T) {
	t.Parallel()
	for code, status := range map[ticket.Code]int{
		ticket.CodeNotFound: 404, ticket.CodeConflict: 409, ticket.CodeInvalid: 422, ticket.CodeForbidden: 403,
		ticket.CodeLimited: 429, ticket.CodeUnavailable: 503, ticket.CodeInternal: 500, "new": 500,
	} {
		assert.Equal(t, status, httpd.StatusOf(code), "%s", code)
	}
}
