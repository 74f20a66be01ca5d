package crm

import (
	"context"
	"sync"
	"time"
)

// pace keeps requests within a vendor's limit ahead of time: a bucket that leaks
// at a rate and holds a number of requests.
type pace struct {
	rate  float64 // a second
	burst float64

	mu    sync.Mutex
	level float64
	at    time.Time
}

// wait blocks until a request may go.
func (p *pace) wait(ctx context.Context, now time.Time) error {
	delay := p.take(now)
	if delay <= 0 {
		return ctx.Err() //nolint:wrapcheck // the caller knows its own context
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // the caller knows its own context
	case <-timer.C:
		return nil
	}
}

// take puts a request into the bucket, and says how long it must wait until it
// fits.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.at.IsZero() {
		p.level = max(0, p.level-now.Sub(p.at).Seconds()*p.rate)
	}
	p.at = now
	p.level++
	return time.Duration(max(0, p.level-p.burst) / p.rate * float64(time.Second))
}
