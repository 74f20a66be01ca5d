package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/echo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// table is what a database would keep: it outlives the processes.
type table struct {
	mu   sync.Mutex
	rows []*row
}

type row struct {
	Update
	state  string // waiting, handled, dead
	reason string
}

func (tb *table) get(id int64) row {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	for _, r := range tb.rows {
		if r.ID == id {
			return *r
		}
	}
	return row{}
}

func (tb *table) count(state string) (n int) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	for _, r := range tb.rows {
		if r.state == state {
			n++
		}
	}
	return n
}

// conn is one process's way to the table.
type conn struct {
	*table
	fault  atomic.Pointer[func(op string) error] // asked before each operation
	mu     sync.Mutex
	calls  map[string]int
	loaded int       // updates that Pending gave
	pruned time.Time // last Prune
}

var _ Store = (*conn)(nil)

func newConn(tb *table) *conn { return &conn{table: tb, calls: map[string]int{}} }

// fails has operations fail; none with no name.
func (c *conn) fails(err error, ops ...string) {
	fault := func(op string) error {
		for _, o := range ops {
			if o == op || o == "all" {
				return fmt.Errorf("%s: %w", op, err)
			}
		}
		return nil
	}
	c.fault.Store(&fault)
}

func (c *conn) called(op string) error {
	c.mu.Lock()
	c.calls[op]++
	c.mu.Unlock()
	if f := c.fault.Load(); f != nil {
		return (*f)(op)
	}
	return nil
}

func (c *conn) callsOf(op string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[op]
}

func (c *conn) Append(_ context.Context, batch []Raw) (int, error) {
	if err := c.called("append"); err != nil {
		return 0, err
	}
	c.table.mu.Lock()
	defer c.table.mu.Unlock()
	fresh := 0
next:
	for _, raw := range batch {
		for _, r := range c.rows {
			if r.ID == raw.ID {
				continue next
			}
		}
		fresh++
		c.rows = append(c.rows, &row{state: "waiting", Update: Update{
			Seq: int64(len(c.rows) + 1), ID: raw.ID, Body: raw.Body, ReceivedAt: time.Now(),
		}})
	}
	return fresh, nil
}

func (c *conn) Pending(ctx context.Context, after int64, limit int) (found []Update, err error) {
	if err := errors.Join(c.called("pending"), ctx.Err()); err != nil {
		return nil, err
	}
	c.table.mu.Lock()
	defer c.table.mu.Unlock()
	for _, r := range c.rows {
		if r.state == "waiting" && r.Seq > after && len(found) < limit {
			found = append(found, r.Update)
		}
	}
	c.mu.Lock()
	c.loaded += len(found)
	c.mu.Unlock()
	return found, nil
}

func (c *conn) attempts(op string, seqs []int64, by int) error {
	if err := c.called(op); err != nil {
		return err
	}
	c.table.mu.Lock()
	defer c.table.mu.Unlock()
	for _, seq := range seqs {
		c.rows[seq-1].Attempt += by
	}
	return nil
}

func (c *conn) Claim(_ context.Context, seqs []int64) error { return c.attempts("claim", seqs, 1) }

func (c *conn) Unclaim(_ context.Context, seqs []int64) error { return c.attempts("unclaim", seqs, -1) }

func (c *conn) Consume(ctx context.Context, seq, _ int64, fn func(context.Context) error) error {
	return c.end(ctx, "consume", seq, row{state: "handled"}, fn)
}

func (c *conn) SetAside(ctx context.Context, seq int64, reason string, fn func(context.Context) error) error {
	if fn == nil {
		fn = func(context.Context) error { return nil }
	}
	return c.end(ctx, "set aside", seq, row{state: "dead", reason: reason}, fn)
}

func (c *conn) end(ctx context.Context, op string, seq int64, as row, fn func(context.Context) error) error {
	if err := c.called(op); err != nil {
		return err
	}
	if err := fn(ctx); err != nil {
		return err
	}
	if err := c.called("commit"); err != nil {
		return err
	}
	c.table.mu.Lock()
	defer c.table.mu.Unlock()
	r := c.rows[seq-1]
	if r.state != "waiting" {
		return fmt.Errorf("update %d ended twice", r.ID)
	}
	r.state, r.reason = as.state, as.reason
	return nil
}

func (c *conn) Prune(_ context.Context, before time.Time) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pruned = before
	return 1, nil
}

func (c *conn) Oldest(context.Context) (time.Time, bool, error) { return time.Time{}, false, nil }

// count is a meter.
type count struct{ received, handled, retried, aside atomic.Int32 }

func (m *count) UpdatesReceived(n int) { m.received.Add(int32(n)) }
func (m *count) UpdateHandled()        { m.handled.Add(1) }
func (m *count) UpdateRetried()        { m.retried.Add(1) }
func (m *count) UpdateSetAside()       { m.aside.Add(1) }

// bench is an inbox whose updates are texts "key/name", and what happened.
type bench struct {
	*Inbox
	store *conn
	meter *count

	mu      sync.Mutex
	log     bytes.Buffer
	begun   time.Time
	tries   []string // "name@seconds", as they began
	told    []string
	handles map[string]func(ctx context.Context) error // by name; others succeed
	routes  map[string]func() Route                    // by name
}

func newBench(tb *table) *bench {
	b := &bench{
		store: newConn(tb), meter: &count{}, begun: time.Now(),
		handles: map[string]func(context.Context) error{}, routes: map[string]func() Route{},
	}
	b.Inbox = New(Options{
		Store: b.store, Router: b, Meter: b.meter, Log: zerolog.New(echo.NewWriter(b)), Clock: time.Now,
	})
	return b
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

func (b *bench) Route(_ context.Context, u Update) Route {
	key, name, _ := strings.Cut(string(u.Body), "/")
	if route := b.routes[name]; route != nil {
		return route()
	}
	return Route{
		Key: key,
		Handle: func(ctx context.Context) error {
			b.mu.Lock()
			b.tries = append(b.tries, fmt.Sprintf("%s@%g", name, time.Since(b.begun).Seconds()))
			b.mu.Unlock()
			if handle := b.handles[name]; handle != nil {
				return handle(ctx)
			}
			return nil
		},
		Tell: b.tell(name),
	}
}

func (b *bench) tell(name string) func(context.Context) error {
	return func(context.Context) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.told = append(b.told, name)
		return nil
	}
}

// triesOf lists the tries of one update.
func (b *bench) triesOf(name string) (at []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, try := range b.tries {
		if n, when, _ := strings.Cut(try, "@"); n == name {
			at = append(at, when)
		}
	}
	return at
}

// lastTries orders updates by the beginning of their last try.
func (b *bench) lastTries(names ...string) (order []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, try := range slices.Backward(b.tries) {
		name, _, _ := strings.Cut(try, "@")
		if slices.Contains(names, name) && !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	slices.Reverse(order)
	return order
}

// receive appends updates with ids from 1 on.
func (b *bench) receive(t *testing.T, texts ...string) {
	t.Helper()
	b.table().mu.Lock()
	next := int64(len(b.store.rows) + 1)
	b.table().mu.Unlock()
	batch := make([]Raw, len(texts))
	for i, text := range texts {
		batch[i] = Raw{ID: next + int64(i), Body: []byte(text)}
	}
	require.NoError(t, b.Append(t.Context(), batch))
}

func (b *bench) table() *table { return b.store.table }

func (b *bench) start(t *testing.T) { t.Helper(); require.NoError(t, b.Start(t.Context())) }

func (b *bench) stopNow(t *testing.T) { t.Helper(); require.NoError(t, b.Stop(t.Context())) }
