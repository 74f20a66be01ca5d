package httpd

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/ticket"
)

// requestIDHeader carries the id that joins all log lines of one request.
const requestIDHeader = "X-Request-Id"

const (
	// maxRequestID bounds an id that a client brings along.
	maxRequestID = 64
	// vinLength is how long VINs are, which belong into no log.
	vinLength = 17
)

// RequestID is the id of the request that ctx belongs to, or empty. What is
// written on its behalf bears it, too.
func RequestID(ctx context.Context) string { return ticket.RequestID(ctx) }

// withRequestID gives every request an id: the client's own, if it is short
// and plain, or a new one. The answer names it.
func withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !plain(id) {
			id = rand.Text()
		}
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(ticket.WithRequestID(r.Context(), id)))
	})
}

// plain tells an id that can go into a log as it is. One that may be a VIN cannot.
func plain(id string) bool {
	if id == "" || len(id) > maxRequestID || len(id) == vinLength && !strings.ContainsAny(id, "-_.") {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// counter counts requests by the pattern that matched.
type counter interface {
	Served(route string, status int, took time.Duration)
}

// accounted counts every request, and logs each at the debug level, those that
// ended with an error of ours as a warning.
type accounted struct {
	next  http.Handler
	count counter
	log   zerolog.Logger
	now   func() time.Time
}

func (a accounted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := a.now()
	noted := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	a.next.ServeHTTP(noted, r)
	route := r.Pattern // set by the mux below, on the same request
	if route == "" {
		route = "none"
	}
	took := a.now().Sub(began)
	a.count.Served(route, noted.status, took)
	level := zerolog.DebugLevel
	if noted.status >= http.StatusInternalServerError {
		level = zerolog.WarnLevel
	}
	line := a.log.WithLevel(level)                     //nolint:zerologlint // it is, below
	if noted.status == http.StatusServiceUnavailable { // whoever asks meanwhile is told the same
		line = line.Str("fault", "http")
	}
	line.Str("request_id", RequestID(r.Context())).Str("route", route).
		Int("status", noted.status).Dur("took", took).Msg("request served")
}

// statusWriter remembers the status that was answered.
type statusWriter struct {
	http.ResponseWriter

	status int
}

// WriteHeader remembers the status.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what this wraps.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
