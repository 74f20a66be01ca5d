package telegramtest

import (
	"math"
	"time"
)

// Telegram's sending limits, as sliding windows.
const (
	overallCalls = 30
	overallSpan  = time.Second
	privateCalls = 3
	privateSpan  = 3 * time.Second
	groupCalls   = 20
	groupSpan    = time.Minute
)

// window lets size calls through in any stretch of time as long as span.
type window struct {
	size  int
	span  time.Duration
	times []time.Time // the last calls, a ring
	next  int
}

// wait is how long until one more call fits; 0 for now.
func (w *window) wait(now time.Time) time.Duration {
	if len(w.times) < w.size {
		return 0
	}
	return max(0, w.times[w.next].Add(w.span).Sub(now))
}

func (w *window) take(now time.Time) {
	if len(w.times) < w.size {
		w.times = append(w.times, now)
		return
	}
	w.times[w.next] = now
	w.next = (w.next + 1) % w.size
}

// limiter refuses what comes too fast. What it refused once stays refused until the time named has passed.
type limiter struct {
	on      bool
	all     window
	blocked time.Time // for every chat
}

// pass lets a send or an edit through, or answers with the 429 that Telegram would give.
func (s *Sim) pass(c *chat) *apiError {
	now := s.now()
	if until := later(s.limits.blocked, c.blocked); now.Before(until) {
		s.stats.Early++
		return tooManyRequests(seconds(until.Sub(now)))
	}
	if !s.limits.on {
		return nil
	}
	if d := c.pace.wait(now); d > 0 {
		c.blocked = now.Add(d)
		return tooManyRequests(seconds(d))
	}
	if d := s.limits.all.wait(now); d > 0 {
		s.limits.blocked = now.Add(d)
		return tooManyRequests(seconds(d))
	}
	c.pace.take(now)
	s.limits.all.take(now)
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
