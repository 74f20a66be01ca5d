package outbox

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/echo"
)

// bench is a relay whose jobs have texts for payload, and what happened.
type bench struct {
	*Relay
	t      *testing.T // of the bubble
	store  *fakeStore
	gate   *fakeGate
	resent atomic.Int32

	mu       sync.Mutex
	log      bytes.Buffer
	begun    time.Time
	tries    []string // "name@seconds", as they began
	ended    []string // "outcome kind"
	handlers map[string]HandlerFunc
}

func newBench() *bench {
	b := &bench{store: newFakeStore(), gate: newFakeGate(), begun: time.Now(), handlers: map[string]HandlerFunc{}}
	kind := Kind{Handler: HandlerFunc(b.handle)}
	b.Relay = New(Options{
		Store: b.store, Gate: b.gate, Meter: b, Log: zerolog.New(echo.NewWriter(b)), Clock: time.Now,
		Kinds:   map[string]Kind{"say": kind, "check": {Handler: kind.Handler, Parallel: 2}, "hook": kind},
		Context: func(ctx context.Context, _ Job) context.Context { return ctx },
	})
	b.adult = true
	return b
}

func (b *bench) handle(ctx context.Context, job Job) Outcome {
	name := string(job.Payload)
	b.mu.Lock()
	b.tries = append(b.tries, fmt.Sprintf("%s@%g", name, time.Since(b.begun).Seconds()))
	handler := b.handlers[name]
	b.mu.Unlock()
	if handler != nil {
		return handler(ctx, job)
	}
	return Done(nil)
}

// Write takes log lines.
func (b *bench) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(p)
}

func (b *bench) logged(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.log.String(), text)
}

// JobEnded and JobResent make it a meter.
func (b *bench) JobEnded(kind, outcome string, _ time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = append(b.ended, outcome+" "+kind)
}

func (b *bench) JobResent(string) { b.resent.Add(1) }

// tried lists the tries that began so far.
func (b *bench) tried() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.tries)
}

// triesOf lists when the tries of one job began.
func (b *bench) triesOf(name string) (at []string) {
	for _, try := range b.tried() {
		if n, when, _ := strings.Cut(try, "@"); n == name {
			at = append(at, when)
		}
	}
	return at
}

// on has a job handled in its own way.
func (b *bench) on(name string, handler HandlerFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handlers[name] = handler
}

// say makes a row of a message to a chat.
func say(name string, chat int64, lane string, urgency int) row {
	return row{Job: Job{
		Head: Head{Kind: "say", Lane: lane, Chat: chat, Urgency: urgency}, Payload: []byte(name), RequestID: "r-" + name,
	}}
}

// put stores rows, and announces them as after a commit.
func (b *bench) put(rows ...row) {
	var heads []Head
	for _, r := range rows {
		heads = append(heads, b.store.insert(r))
	}
	b.Announce(heads)
}

func (b *bench) start(t *testing.T) { t.Helper(); require.NoError(t, b.Start(t.Context())) }

func (b *bench) stopNow(t *testing.T) { t.Helper(); require.NoError(t, b.Stop(t.Context())) }
