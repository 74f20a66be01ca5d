package telegramtest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ServeHTTP answers /bot<token>/<method> and /file/bot<token>/<path>.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
		s.serveFile(w, r, path)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, name, found := strings.Cut(path, "/")
	if !ok || !found || !strings.Contains(token, ":") {
		write(w, nil, notFound())
		return
	}
	if token != s.opts.Token {
		write(w, nil, unauthorized())
		return
	}
	q := &query{method: name}
	if m, ok := s.methods[strings.ToLower(name)]; ok {
		q.method = m.name
	}
	params, err := readParams(r)
	if err != nil {
		s.refuseBody(w, q, err)
		return
	}
	q.params = params
	if chat, err := strconv.ParseInt(q.text("chat_id"), 10, 64); err == nil {
		q.chat = chat
	}
	s.overhear(q)
	s.serveCall(w, r, q)
}

func (s *Sim) refuseBody(w http.ResponseWriter, q *query, err error) {
	if errors.Is(err, errTooLarge) {
		tooLarge := &apiError{Code: http.StatusRequestEntityTooLarge, Description: "Request Entity Too Large"}
		write(w, nil, tooLarge)
		return
	}
	s.violate("%s: %v", q.method, err)
	write(w, nil, badRequest("can't parse the request"))
}

// serveCall carries a call out, with the faults that were asked for and the latency around it.
func (s *Sim) serveCall(w http.ResponseWriter, r *http.Request, q *query) {
	fault := s.matchFault(q)
	if fault != nil && !fault.before(r.Context(), s) {
		s.count(q.method, &apiError{Code: codeCut})
		abort()
	}
	s.pause(r.Context(), s.opts.Latency/2)
	var result any
	var failure *apiError
	if failure = fault.instead(s, q); failure == nil {
		result, failure = s.call(r, q)
	}
	s.count(q.method, fault.outcome(failure))
	s.pause(r.Context(), s.opts.Latency-s.opts.Latency/2)
	if fault.after(w, result, failure) {
		return
	}
	write(w, result, failure)
}

// call checks a request and runs the method. All methods but getUpdates, which may wait, run under the lock.
func (s *Sim) call(r *http.Request, q *query) (any, *apiError) {
	m, ok := s.methods[strings.ToLower(q.method)]
	if !ok {
		s.violate("unknown method %s", q.method)
		return nil, &apiError{Code: http.StatusNotFound, Description: "Not Found: method not found"}
	}
	if failure := s.checkParams(m, q); failure != nil {
		return nil, failure
	}
	if q.method == "getUpdates" {
		return s.getUpdates(r.Context(), q)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.run(q)
}

// pause passes the time, unless the client gives up: then the call is carried out at once, and nobody hears of it.
func (s *Sim) pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.closing:
	}
}

// abort cuts the connection without an answer.
func abort() { panic(http.ErrAbortHandler) }

func encode(result any, failure *apiError) (int, []byte) {
	if failure != nil {
		return failure.Code, failure.body()
	}
	if raw, ok := result.(json.RawMessage); ok {
		return http.StatusOK, append(append([]byte(`{"ok":true,"result":`), raw...), '}')
	}
	body, err := json.Marshal(struct {
		OK     bool `json:"ok"`
		Result any  `json:"result"`
	}{true, result})
	if err != nil {
		return http.StatusInternalServerError, []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	}
	return http.StatusOK, body
}

func write(w http.ResponseWriter, result any, failure *apiError) {
	status, body := encode(result, failure)
	kind := "application/json"
	if failure != nil && failure.raw != "" {
		kind = "text/html"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // JSON for a bot, which no browser renders; a client that left does not matter
}
