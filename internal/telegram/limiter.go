package telegram

import (
	"math"
	"sync"
	"time"
)

// Telegram's limits: messages and edits together, not answers to presses and
// reactions, which are free.
const (
	overallSends, overallSpan = 30, time.Second
	privateSends, privateSpan = 3, 3 * time.Second
	groupSends, groupSpan     = 20, time.Minute
	// groupKept is the part of a group's sends that only answers may use: a
	// quarter.
	groupKept = groupSends / 4
	// groupInFlight bounds what is under way to one group, so that a slow one
	// does not hold all senders.
	groupInFlight = 4
)

const (
	// recheck is when to ask again where only an answer can make room.
	recheck = 20 * time.Millisecond
	// bothRefused: two chats refused within this time mean that all are.
	bothRefused = time.Second
	// sweepAfter is how often idle chats are forgotten.
	sweepAfter = time.Minute
)

// Limiter keeps Telegram's limits ahead of time, so that it has no cause to
// refuse: 30 sends in any second, 3 in any 3 seconds to a person, 20 in any
// minute to a group with at most four under way, and none to whom Telegram
// told to wait. It may be used by many goroutines at once.
type Limiter struct {
	off bool

	mu      sync.Mutex
	began   time.Time // times are counted from here
	overall window
	chats   map[int64]*chatLimit
	spare   [2][]*chatLimit // of forgotten people and groups, used again
	swept   time.Duration

	pausedUntil time.Duration // all chats
	refusedChat int64         // whom Telegram refused last
	refusedAt   time.Duration
	refusedOnce bool
}

// chatLimit is what is kept of one chat.
type chatLimit struct {
	window
	pausedUntil time.Duration
}

// LimiterOptions are the options of a Limiter.
type LimiterOptions struct {
	// Off keeps no limits; what Telegram asks for itself is obeyed all the
	// same. It is for load tests.
	Off bool
}

// NewLimiter makes a limiter that has seen no sends.
func NewLimiter(o LimiterOptions) *Limiter {
	return &Limiter{
		off:     o.Off,
		overall: window{span: overallSpan, ends: make([]time.Duration, overallSends)},
		chats:   make(map[int64]*chatLimit),
	}
}

// Admit asks to send or edit something in a chat now. Zero means go, and takes
// the slot: Release must follow when the answer came, or the call failed.
// Otherwise it is how long to wait before asking again.
func (l *Limiter) Admit(chat int64, now time.Time) time.Duration {
	return l.admit(chat, 0, now)
}

// AdmitUnasked is Admit for what answers nobody: of a group's sends it leaves
// some for answers.
func (l *Limiter) AdmitUnasked(chat int64, now time.Time) time.Duration {
	return l.admit(chat, keptIn(chat), now)
}

// keptIn is how many sends to a chat are kept for answers.
func keptIn(chat int64) int {
	if chat < 0 {
		return groupKept
	}
	return 0
}

// Room tells how many sends AdmitUnasked would let go to a chat by its own
// limit if all were asked about now; [math.MaxInt] where no limit is kept.
func (l *Limiter) Room(chat int64, now time.Time) int {
	if l.off {
		return math.MaxInt
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.since(now)
	c := l.chats[chat]
	switch {
	case c == nil && chat < 0:
		return groupSends - groupKept
	case c == nil:
		return privateSends
	case c.pausedUntil > at:
		return 0
	}
	return c.free(at, keptIn(chat))
}

func (l *Limiter) admit(chat int64, kept int, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.since(now)
	wait := max(l.pausedUntil-at, 0)
	c := l.chats[chat]
	if c != nil {
		wait = max(wait, c.pausedUntil-at)
	}
	if l.off || wait > 0 {
		return wait
	}
	l.sweep(at)
	wait = l.overall.wait(at, 0)
	if c != nil {
		wait = max(wait, c.wait(at, kept))
		if wait == 0 && chat < 0 && c.inFlight >= groupInFlight {
			wait = recheck
		}
	}
	if wait > 0 {
		return wait
	}
	if c = l.chats[chat]; c == nil {
		c = l.remember(chat)
	}
	l.overall.take()
	c.take()
	return 0
}

// Release says that the answer to an admitted send has come, or that the call
// has failed: even then it may have been counted.
func (l *Limiter) Release(chat int64, now time.Time) {
	if l.off {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.chats[chat]
	if c == nil || c.inFlight == 0 {
		return
	}
	at := l.since(now)
	c.release(at)
	l.overall.release(at)
}

// Penalize obeys a 429: the chat waits for retryAfter. Telegram never says for
// whom it refuses, so two chats refused within a second make all wait.
func (l *Limiter) Penalize(chat int64, retryAfter time.Duration, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.since(now)
	until := at + retryAfter
	c := l.chats[chat]
	if c == nil {
		l.sweep(at)
		c = l.remember(chat)
	}
	c.pausedUntil = max(c.pausedUntil, until)
	if l.refusedOnce && l.refusedChat != chat && at-l.refusedAt <= bothRefused {
		l.pausedUntil = max(l.pausedUntil, until)
	}
	l.refusedOnce, l.refusedChat, l.refusedAt = true, chat, at
}

// since counts time from the first that the limiter was told, on the
// monotonic clock where the caller's times have one.
func (l *Limiter) since(now time.Time) time.Duration {
	if l.began.IsZero() {
		l.began = now
	}
	return now.Sub(l.began)
}

func (l *Limiter) remember(chat int64) *chatLimit {
	kind, sends, span := 0, privateSends, privateSpan
	if chat < 0 {
		kind, sends, span = 1, groupSends, groupSpan
	}
	var c *chatLimit
	if n := len(l.spare[kind]); n > 0 {
		c, l.spare[kind] = l.spare[kind][n-1], l.spare[kind][:n-1]
	} else {
		c = &chatLimit{window: window{span: span, ends: make([]time.Duration, sends)}}
	}
	l.chats[chat] = c
	return c
}

// sweep forgets the chats that nothing holds back any more.
func (l *Limiter) sweep(at time.Duration) {
	if at-l.swept < sweepAfter {
		return
	}
	l.swept = at
	for i := range l.spare { // what the last sweep left unused is let go
		clear(l.spare[i])
		l.spare[i] = l.spare[i][:0]
	}
	for chat, c := range l.chats {
		if !c.idle(at) || c.pausedUntil > at {
			continue
		}
		delete(l.chats, chat)
		kind := 0
		if chat < 0 {
			kind = 1
		}
		c.pausedUntil = 0
		l.spare[kind] = append(l.spare[kind], c)
	}
}
