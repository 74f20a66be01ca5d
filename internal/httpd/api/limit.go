package api

import (
	"context"
	"maps"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// portions is into how many parts a caller's minute is divided: a process asks
// the database, which all of them share, once for each.
const portions = 20

// limiter counts the requests of each caller. A process holds at most one
// portion that it does not use, so that of several a caller may get that much
// less; together they never let more through.
type limiter struct {
	usage account.Usage

	mu      sync.Mutex
	callers map[string]*allowance
	swept   time.Time // the minute in which those of past ones were dropped
}

// allowance is what this process may let through for one caller in a minute.
type allowance struct {
	began time.Time // the minute of the last request; the limiter's

	mu     sync.Mutex
	minute time.Time
	left   int // of what this process was granted
	total  int // granted to all
}

// leave is what a caller is told of their limit.
type leave struct {
	limit, remaining int
	reset            time.Duration // until all of it is there again
	ok               bool
}

// admit lets one request through, or not.
func (l *limiter) admit(ctx context.Context, who caller, now time.Time) (leave, error) {
	a := l.of(who.name(), now)
	a.mu.Lock()
	defer a.mu.Unlock()
	minute := now.Truncate(time.Minute)
	if a.minute != minute {
		a.minute, a.left, a.total = minute, 0, 0
	}
	said := leave{limit: who.perMinute(), reset: minute.Add(time.Minute).Sub(now)}
	if a.left == 0 && a.total < said.limit {
		portion := (said.limit + portions - 1) / portions
		total, err := l.usage.Grant(ctx, account.Grant{Caller: who.name(), Token: who.token.ID, Minute: minute, Portion: portion})
		if err != nil {
			return leave{}, err
		}
		a.total, a.left = total, max(0, portion-max(0, total-said.limit))
	}
	if said.ok = a.left > 0; said.ok {
		a.left--
	}
	said.remaining = max(0, said.limit-a.total) + a.left
	return said, nil
}

// of gives a caller's allowance. Those of past minutes are dropped now and then.
func (l *limiter) of(name string, now time.Time) *allowance {
	const many = 1000
	l.mu.Lock()
	defer l.mu.Unlock()
	minute := now.Truncate(time.Minute)
	a := l.callers[name]
	if a == nil {
		if len(l.callers) >= many && l.swept != minute {
			l.swept = minute
			maps.DeleteFunc(l.callers, func(_ string, a *allowance) bool { return a.began.Before(minute.Add(-time.Minute)) })
		}
		a = &allowance{minute: minute}
		l.callers[name] = a
	}
	a.began = minute
	return a
}

const (
	// perMinuteOpen is how many requests a process takes in a minute from whoever
	// shows no token, all of them together: sign-ins, which write.
	perMinuteOpen = 600
	// perMinuteAddress is how many of them may come from one network.
	perMinuteAddress = 60
)

// doors counts requests of those who are not known yet.
type doors struct {
	mu     sync.Mutex
	minute time.Time
	passed int
	from   map[netip.Addr]int // no more than passed
}

// admit lets one more through, or says when to come back.
func (d *doors) admit(from netip.Addr, now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if minute := now.Truncate(time.Minute); d.minute != minute {
		d.minute, d.passed, d.from = minute, 0, map[netip.Addr]int{}
	}
	from = httpd.Network(from)
	if d.passed == perMinuteOpen || d.from[from] == perMinuteAddress {
		p := problem(http.StatusTooManyRequests, string(ticket.CodeLimited), "too many people sign in in this minute, or too many from your address")
		p.after = d.minute.Add(time.Minute).Sub(now)
		return p
	}
	d.passed++
	d.from[from]++
	return nil
}

// tell tells a caller how much they may still ask, and refuses what was too much.
func (said leave) tell(w http.ResponseWriter) error {
	header := w.Header()
	header.Set("RateLimit-Limit", strconv.Itoa(said.limit))
	header.Set("RateLimit-Remaining", strconv.Itoa(said.remaining))
	header.Set("RateLimit-Reset", strconv.Itoa(int((said.reset+time.Second-1)/time.Second)))
	if said.ok {
		return nil
	}
	p := problem(http.StatusTooManyRequests, string(ticket.CodeLimited), "too many requests in this minute")
	p.after = said.reset
	return p
}
