package telegramtest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// AnyMethod in On stands for every method but getUpdates.
const AnyMethod = ""

const badGateway = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>" +
	"</center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"

// Fault is something that goes wrong with calls: which ones (On, In, Times), then what (BadGateway, AnswerLost, …).
// What goes wrong switches it on. The oldest fault that fits a call is the one that strikes.
type Fault struct {
	sim       *Sim
	method    string
	chat      int64
	remaining int // -1: until stopped
	hits      int

	answer    *apiError
	raw       string // an answer of status 200, given without carrying the call out
	retry     int
	delay     time.Duration
	cut       bool
	lost      bool
	truncated bool
	gate      *Gate
}

// On begins a fault of a method, or of AnyMethod.
func (s *Sim) On(method string) *Fault {
	return &Fault{sim: s, method: strings.ToLower(method), remaining: -1}
}

// In limits the fault to calls about a chat.
func (f *Fault) In(c Chat) *Fault {
	f.chat = c.Chat()
	return f
}

// Times limits the fault to so many calls.
func (f *Fault) Times(n int) *Fault {
	f.remaining = n
	return f
}

// Once limits the fault to one call.
func (f *Fault) Once() *Fault { return f.Times(1) }

// TooManyRequests refuses the call with 429, and all sends and edits of that chat (of all chats, where the call names
// none) until so many seconds have passed.
func (f *Fault) TooManyRequests(retryAfter int) *Fault {
	f.retry = retryAfter
	return f.strike()
}

// BadGateway answers with a proxy's 502 and its HTML page; the call is not carried out.
func (f *Fault) BadGateway() *Fault {
	f.answer = &apiError{Code: http.StatusBadGateway, raw: badGateway}
	return f.strike()
}

// Unauthorized answers as if the token had been revoked.
func (f *Fault) Unauthorized() *Fault {
	f.answer = unauthorized()
	return f.strike()
}

// Error refuses the call in given words, which begin with the status's name ("Forbidden: …").
func (f *Fault) Error(code int, description string) *Fault {
	f.answer = &apiError{Code: code, Description: description}
	return f.strike()
}

// Answer gives this JSON as the result, without carrying the call out: `[]` makes a proxy that answers polls at once.
func (f *Fault) Answer(result string) *Fault {
	f.raw = result
	return f.strike()
}

// Cut closes the connection before the call is carried out.
func (f *Fault) Cut() *Fault {
	f.cut = true
	return f.strike()
}

// AnswerLost carries the call out, then closes the connection.
func (f *Fault) AnswerLost() *Fault {
	f.lost = true
	return f.strike()
}

// TruncatedJSON carries the call out, and answers with the first half of the JSON.
func (f *Fault) TruncatedJSON() *Fault {
	f.truncated = true
	return f.strike()
}

// Delay holds the call up for so long before it is carried out.
func (f *Fault) Delay(d time.Duration) *Fault {
	f.delay = d
	return f.strike()
}

// Hold stops calls at a gate before they are carried out, until the test opens it or the client gives up.
func (f *Fault) Hold() *Gate {
	f.gate = &Gate{fault: f, arrived: make(chan struct{}, maxPending), open: make(chan struct{})}
	f.strike()
	return f.gate
}

// Stop ends the fault.
func (f *Fault) Stop() {
	f.sim.mu.Lock()
	defer f.sim.mu.Unlock()
	f.sim.faults = slices.DeleteFunc(f.sim.faults, func(other *Fault) bool { return other == f })
}

// Hits counts the calls that it struck.
func (f *Fault) Hits() int {
	f.sim.mu.Lock()
	defer f.sim.mu.Unlock()
	return f.hits
}

func (f *Fault) strike() *Fault {
	f.sim.mu.Lock()
	defer f.sim.mu.Unlock()
	f.sim.faults = append(f.sim.faults, f)
	return f
}

// Gate is where calls wait for a test.
type Gate struct {
	fault   *Fault
	arrived chan struct{}
	open    chan struct{}
	opening sync.Once
}

// Wait returns when the next call stands at the gate.
func (g *Gate) Wait(ctx context.Context) error {
	select {
	case <-g.arrived:
		return nil
	case <-ctx.Done():
		return errors.New("no call came to the gate of " + g.fault.method)
	}
}

// Open lets all pass, those that wait and those to come.
func (g *Gate) Open() {
	g.opening.Do(func() {
		g.fault.Stop()
		close(g.open)
	})
}

// matchFault finds the fault that strikes a call, and counts it.
func (s *Sim) matchFault(q *query) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.remaining == 0 || (f.chat != 0 && f.chat != q.chat) || !f.concerns(q.method) {
			continue
		}
		f.hits++
		if f.remaining > 0 {
			f.remaining--
		}
		return f
	}
	return nil
}

func (f *Fault) concerns(method string) bool {
	if f.method == AnyMethod {
		return method != "getUpdates"
	}
	return strings.EqualFold(f.method, method)
}

// before is what happens before the call is carried out; false cuts the connection.
func (f *Fault) before(ctx context.Context, s *Sim) bool {
	if f.gate != nil {
		f.gate.arrived <- struct{}{}
		select {
		case <-f.gate.open:
		case <-ctx.Done():
		case <-s.closing:
		}
	}
	s.pause(ctx, f.delay)
	return !f.cut
}

// instead is the answer that the fault gives in place of the method's.
func (f *Fault) instead(s *Sim, q *query) *apiError {
	switch {
	case f == nil:
		return nil
	case f.raw != "":
		return &apiError{Code: http.StatusOK, raw: `{"ok":true,"result":` + f.raw + `}`}
	case f.retry == 0:
		return f.answer
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	until := s.now().Add(time.Duration(f.retry) * time.Second)
	if c, ok := s.chats[q.chat]; ok {
		c.blocked = later(c.blocked, until)
	} else {
		s.limits.blocked = later(s.limits.blocked, until)
	}
	return tooManyRequests(f.retry)
}

// after spoils the answer of a call that was carried out, and tells whether it was answered so.
func (f *Fault) after(w http.ResponseWriter, result any, failure *apiError) bool {
	if f == nil {
		return false
	}
	if f.lost {
		abort()
	}
	if f.truncated {
		_, body := encode(result, failure)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body[:len(body)/2]) //nolint:gosec // JSON for a bot, which no browser renders; a client that left does not matter
	}
	return f.truncated
}

// outcome is how the client sees the call end.
func (f *Fault) outcome(failure *apiError) *apiError {
	if f != nil && failure == nil && (f.lost || f.truncated) {
		return &apiError{Code: codeLost}
	}
	return failure
}
