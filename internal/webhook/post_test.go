package webhook

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatAReceiverAnswersMeans(t *testing.T) {
	t.Parallel()
	other, visits := receives(t)
	tests := map[string]struct {
		answers http.HandlerFunc
		status  int
		fault   string
		text    string
		pause   time.Duration
	}{
		"taken":      {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thanks") }, 200, "", "thanks", 0},
		"no content": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, 204, "", "", 0},
		"broken":     {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "oops", http.StatusInternalServerError) }, 500, FaultStatus, "oops\n", 0},
		"gone":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, 410, FaultGone, "", 0},
		"moved": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", other)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, 307, FaultRedirect, "", 0},
		"found elsewhere": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other)
			w.WriteHeader(http.StatusSeeOther)
		}, 303, FaultRedirect, "", 0},
		"overloaded": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 429, FaultStatus, "", 90 * time.Second},
		"overloaded for a year": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "31536000")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, 503, FaultStatus, "", time.Hour},
		"talkative": {func(w http.ResponseWriter, _ *http.Request) {
			for range 1 << 10 {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<10)); err != nil {
					return
				}
			}
		}, 200, "", strings.Repeat("x", 1024), 0},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
		}, 200, "", "half", 0},
		"long-winded header": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		}, 0, FaultConnect, "", 0},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, FaultConnect, "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.answers)
			t.Cleanup(server.Close)
			a := posts(t, newTransport(true, nil), server.URL)
			assert.Equal(t, test.status, a.Status)
			assert.Equal(t, test.fault, a.Error)
			assert.Equal(t, test.text, a.Answer)
			assert.Equal(t, test.pause, a.pause)
			assert.False(t, a.At.IsZero())
		})
	}
	t.Cleanup(func() { assert.Zero(t, visits.Load(), "nobody is redirected") })
}

func TestAReceiverNamesItsPauseInSecondsOrByADate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                                  0,
		"1":                                 time.Second,
		" 90 ":                              90 * time.Second,
		"0":                                 0,
		"-5":                                0,
		"1.5":                               0,
		"soon":                              0,
		"3601":                              time.Hour,
		"99999999999999999999999":           time.Hour,
		"Tue, 24 Nov 2026 10:00:30 GMT":     30 * time.Second,
		"Tuesday, 24-Nov-26 10:01:00 GMT":   time.Minute,
		"Tue Nov 24 10:02:00 2026":          2 * time.Minute,
		"Tue, 24 Nov 2026 09:59:59 GMT":     0,
		"Wed, 24 Nov 2027 10:00:00 GMT":     time.Hour,
		"Fri, 31 Dec 9999 23:59:59 GMT":     time.Hour,
		"Sat, 01 Jan 0001 00:00:00 GMT":     0,
		"Tue, 24 Nov 2026 10:00:30 +0100":   0,
		"Tue, 24 Nov 2026 10:00:30 GMT, 60": 0,
	} {
		for status, pauses := range map[int]bool{429: true, 503: true, 500: false, 200: false} {
			got := pauseOf(&http.Response{StatusCode: status, Header: http.Header{"Retry-After": {header}}}, now)
			if !pauses {
				assert.Zero(t, got, "%q with %d", header, status)
				continue
			}
			assert.Equal(t, want, got, "%q with %d", header, status)
		}
	}
}

func TestWhoCannotBeAsked(t *testing.T) {
	t.Parallel()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	plain, _ := receives(t)
	for address, want := range map[string]string{
		untrusted.URL: FaultTLS,
		gone.URL:      FaultConnect,
		strings.Replace(plain, "http:", "https:", 1): FaultTLS,
	} {
		assert.Equal(t, want, posts(t, newTransport(true, nil), address).Error, address)
	}
	nowhere := newTransport(true, &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}})
	assert.Equal(t, FaultName, posts(t, nowhere, "http://nowhere.invalid/").Error)
}

// A proxy that the environment names would be asked to connect to anything.
func TestNoProxyIsUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	assert.Nil(t, newTransport(false, nil).Proxy)
	address, visits := receives(t)
	require.Empty(t, posts(t, newTransport(true, nil), address).Error)
	assert.EqualValues(t, 1, visits.Load())
}

func TestTheSendersConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	address, _ := receives(t)
	s := NewSender(SenderOptions{Private: true, Clock: time.Now})
	_, err := s.poster.post(t.Context(), Endpoint{URL: address, Secret: newSecret()}, message{id: "msg_1"})
	require.NoError(t, err)
	s.Close() // goleak finds what would stay
}
