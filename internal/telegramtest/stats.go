package telegramtest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
)

// Outcomes of calls that end without an answer, beside the HTTP codes.
const (
	codeCut  = -1 // not carried out
	codeLost = -2 // carried out
)

// CallCount counts the calls of a method by how they ended.
type CallCount struct {
	OK       int
	TooMany  int // 429
	Refused  int // any other 4xx
	Failed   int // 5xx, or cut off before it was carried out
	Lost     int // carried out, but the answer was lost or cut short
	LastCode int
}

// All is the sum.
func (c CallCount) All() int { return c.OK + c.TooMany + c.Refused + c.Failed + c.Lost }

// Stats counts what the bot did.
type Stats struct {
	calls map[string]*CallCount
	// Early counts sends and edits refused because an earlier retry_after had not passed.
	Early int
	// Unconfirmed counts the updates that wait, Confirmed those that the bot has confirmed.
	Unconfirmed, Confirmed int
}

// Of counts the calls of one method, named as in the documentation.
func (st Stats) Of(method string) CallCount {
	if c, ok := st.calls[method]; ok {
		return *c
	}
	return CallCount{}
}

// Total sums over all methods but getUpdates.
func (st Stats) Total() CallCount {
	var sum CallCount
	for method, c := range st.calls {
		if method == "getUpdates" {
			continue
		}
		sum.OK, sum.TooMany, sum.Refused = sum.OK+c.OK, sum.TooMany+c.TooMany, sum.Refused+c.Refused
		sum.Failed, sum.Lost = sum.Failed+c.Failed, sum.Lost+c.Lost
	}
	return sum
}

// Calls counts the bot's calls so far.
func (s *Sim) Calls() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.calls = maps.Clone(s.stats.calls)
	for method, c := range out.calls {
		count := *c
		out.calls[method] = &count
	}
	s.expire()
	out.Unconfirmed, out.Confirmed = len(s.queue.pending), s.queue.confirms
	return out
}

func (s *Sim) count(method string, failure *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.stats.calls[method]
	if !ok {
		c = &CallCount{}
		s.stats.calls[method] = c
	}
	code := http.StatusOK
	if failure != nil {
		code = failure.Code
	}
	c.LastCode = code
	switch {
	case code == http.StatusOK:
		c.OK++
	case code == http.StatusTooManyRequests:
		c.TooMany++
	case code == codeLost:
		c.Lost++
	case code == codeCut || code >= http.StatusInternalServerError:
		c.Failed++
	default:
		c.Refused++
	}
}

// WaitConfirmed returns when the bot has confirmed every update.
func (s *Sim) WaitConfirmed(ctx context.Context) error {
	for {
		s.mu.Lock()
		s.expire()
		waiting, confirmed := len(s.queue.pending), s.queue.confirmed
		s.mu.Unlock()
		if waiting == 0 {
			return nil
		}
		select {
		case <-confirmed:
		case <-ctx.Done():
			return fmt.Errorf("%d updates are not confirmed: %w", waiting, ctx.Err())
		}
	}
}
