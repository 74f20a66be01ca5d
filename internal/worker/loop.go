package worker

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Turn is one turn of a loop. It returns how long to wait before the next; 0
// means none. Its errors are its own business: it knows whether to log them,
// and how long to back off.
type Turn func(ctx context.Context) (wait time.Duration)

// Loop is a service that takes one turn after the other.
type Loop struct {
	turn   Turn
	finish bool
	wake   chan struct{}

	mu  sync.Mutex
	run *running // nil while the loop does not run
}

// running is one life of a loop, from a Start to its Stop.
type running struct {
	cancel context.CancelFunc // cuts the present turn short
	quit   chan struct{}      // closed: no further turn
	done   chan struct{}      // closed: nothing runs any more
	once   sync.Once
}

var _ Service = (*Loop)(nil)

// NewLoop makes a loop whose present turn is cut short by Stop: its context
// ends at once. Right for turns that wait for others, like a long poll.
func NewLoop(turn Turn) *Loop {
	return &Loop{turn: turn, wake: make(chan struct{}, 1)}
}

// NewFinishingLoop makes a loop whose present turn may finish within the time
// that Stop is given, and is cut short only after it.
func NewFinishingLoop(turn Turn) *Loop {
	l := NewLoop(turn)
	l.finish = true
	return l
}

// Wake ends the wait before the next turn. A wake during a turn is remembered,
// so that what came meanwhile is never missed; many are one.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Start begins taking turns. The turns see ctx's values, not its end. Where the
// loop was stopped and its last turn has not ended yet, it waits for that, also
// where the Stop has given up: two turns never run at once.
func (l *Loop) Start(ctx context.Context) error {
	for {
		last := l.begin(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-last.done:
		case <-ctx.Done():
			return fmt.Errorf("wait for the last turn of before: %w", ctx.Err())
		}
	}
}

// begin has the loop run, and gives the life of it that must have ended before;
// nil where it runs now.
func (l *Loop) begin(ctx context.Context) *running {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.run != nil && !l.run.ended() {
		return nil
	}
	if l.run != nil && !l.run.over() {
		return l.run
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l.run = &running{cancel: cancel, quit: make(chan struct{}), done: make(chan struct{})}
	go l.spin(ctx, l.run)
	return nil
}

// Stop lets no further turn begin and waits for the present one to end.
func (l *Loop) Stop(ctx context.Context) error {
	l.mu.Lock()
	run := l.run
	l.mu.Unlock()
	if run == nil {
		return nil
	}
	run.once.Do(func() { close(run.quit) })
	if !l.finish {
		run.cancel()
	}
	select {
	case <-run.done:
	case <-ctx.Done():
		run.cancel()
		return fmt.Errorf("wait for the last turn: %w", ctx.Err())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.run == run {
		l.run = nil
	}
	return nil
}

func (l *Loop) spin(ctx context.Context, run *running) {
	defer close(run.done)
	defer run.cancel()
	for !run.ended() {
		wait := l.turn(ctx)
		if wait > 0 {
			l.rest(run, wait)
		}
	}
}

// rest waits for the time given, for a Wake or for Stop.
func (l *Loop) rest(run *running, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.wake:
	case <-run.quit:
	}
}

// ended reports whether no further turn begins.
func (r *running) ended() bool { return isClosed(r.quit) }

// over reports whether nothing runs any more.
func (r *running) over() bool { return isClosed(r.done) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
