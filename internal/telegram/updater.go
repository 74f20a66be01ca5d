package telegram

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Names of troubles that are no Class of a call's failure.
const (
	troubleUndecoded = "undecoded"
)

// firstTimeout is how long the first poll of a run waits at most: that Telegram
// answers should be known soon.
const firstTimeout = time.Second

// Sink stores updates. It must tell those apart that it has already: after a
// restart, or beside another poller, some come twice.
type Sink interface {
	// Append stores a batch whole, or gives an error and is asked again.
	Append(ctx context.Context, batch []RawUpdate) error
}

// PollMetrics counts what the updater does.
type PollMetrics interface {
	UpdatesReceived(n int)
	// PollSucceeded counts a poll that Telegram answered.
	PollSucceeded(at time.Time)
	// Polled counts a trouble by its name, see PollState.
	Polled(outcome string)
}

// UpdaterOptions are the options of an Updater. Client and Sink are required.
type UpdaterOptions struct {
	Client  *Client
	Sink    Sink
	Log     zerolog.Logger
	Metrics PollMetrics // may be nil
	// Timeout of a long poll in whole seconds, 50 s at most; zero is 30 s.
	Timeout time.Duration
}

// Updater polls for updates and stores them. Telegram forgets an update when a
// later one is asked for, so the next poll goes out only after the batch is
// stored: none is lost, whenever the process dies.
type Updater struct {
	poller  poller
	sink    Sink
	log     zerolog.Logger
	metrics PollMetrics
	record  record

	// Of the run in progress:
	offset int64 // what to ask for next; 0 on the first poll
	early  int   // answers in a row that came empty and much too soon
	met    bool  // Telegram has answered once

	mu   sync.Mutex
	life *life // the last that Start began; nil for none
}

// life is one run in the background, from a Start to its Stop.
type life struct {
	cancel  context.CancelFunc
	stopped bool          // it is to end
	done    chan struct{} // closed when it has
}

// NewUpdater makes an updater that does not poll yet.
func NewUpdater(o UpdaterOptions) (*Updater, error) {
	if o.Client == nil || o.Sink == nil {
		return nil, errors.New("telegram: an updater needs a client and a sink")
	}
	if o.Timeout == 0 {
		o.Timeout = defaultPollTimeout
	}
	if o.Timeout < time.Second || o.Timeout > maxPollTimeout {
		return nil, fmt.Errorf("telegram: a long poll takes 1 to 50 seconds, not %s", o.Timeout)
	}
	if o.Metrics == nil {
		o.Metrics = uncounted{}
	}
	return &Updater{
		poller: poller{client: o.Client, transport: o.Client.connections(), timeout: o.Timeout.Truncate(time.Second)},
		sink:   o.Sink, log: o.Log, metrics: o.Metrics,
		record: record{log: o.Log, clock: o.Client.clock},
	}, nil
}

// State tells how polling fares.
func (u *Updater) State() PollState { return u.record.now() }

// Start begins to poll in the background; the first poll goes out at once. It
// goes on after ctx has ended. Where a run was stopped that has not ended yet, since
// its Stop gave up, it waits for that: two never poll at once.
func (u *Updater) Start(ctx context.Context) error {
	for {
		last := u.begin(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-last.done:
		case <-ctx.Done():
			return fmt.Errorf("wait for the last poll of before: %w", ctx.Err())
		}
	}
}

// begin has the updater run, and gives the run that must have ended before; nil
// where it runs now.
func (u *Updater) begin(ctx context.Context) *life {
	u.mu.Lock()
	defer u.mu.Unlock()
	if l := u.life; l != nil {
		if !l.stopped {
			return nil
		}
		select {
		case <-l.done:
		default:
			return l
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &life{cancel: cancel, done: make(chan struct{})}
	u.life = l
	go func() {
		defer close(l.done)
		defer cancel()
		u.Run(ctx)
	}()
	return nil
}

// Stop ends the poll in flight at once, lets a batch be stored that came in,
// and returns when nothing runs any more, or with ctx's error. It is harmless
// before Start and when called twice.
func (u *Updater) Stop(ctx context.Context) error {
	u.mu.Lock()
	l := u.life
	if l != nil {
		l.stopped = true
	}
	u.mu.Unlock()
	if l == nil {
		return nil
	}
	l.cancel()
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop polling: %w", ctx.Err())
	}
}

// Run polls until ctx ends. Its first poll carries no offset: after a week of
// silence, or another process's turn, ids may have jumped to lower ones.
func (u *Updater) Run(ctx context.Context) {
	defer closeIdle(u.poller.transport)
	u.offset, u.early, u.met = 0, 0, false
	for ctx.Err() == nil {
		if wait := u.runOnce(ctx); wait > 0 {
			pause(ctx, wait)
		}
	}
}

// runOnce makes one poll, stores what it brought, and says how long to wait
// before the next.
func (u *Updater) runOnce(ctx context.Context) time.Duration {
	began := u.poller.client.clock()
	timeout := u.poller.timeout
	if !u.met {
		timeout = min(timeout, firstTimeout)
	}
	batch, undecoded, err := u.poller.ask(ctx, u.offset, timeout)
	if err != nil {
		return u.hindered(ctx, err)
	}
	u.met = true
	now := u.poller.client.clock()
	u.record.answered()
	u.metrics.PollSucceeded(now)
	if len(batch) == 0 && undecoded > 0 {
		return u.failed(troubleUndecoded, errors.New("no update of the batch has an id"))
	}
	last := u.offset
	if len(batch) > 0 {
		if !u.store(ctx, batch) {
			return 0
		}
		u.metrics.UpdatesReceived(len(batch))
		last = batch[len(batch)-1].ID + 1
	}
	u.record.recovered(len(batch), undecoded)
	moved := last != u.offset
	u.offset = last
	return u.breath(moved || now.Sub(began) >= timeout/2)
}

// store appends a batch, trying until the store takes it. It reports false
// when the run ended before. The offset stands still meanwhile, so what is not
// stored is not lost. A batch being stored is not disturbed by the end.
func (u *Updater) store(ctx context.Context, batch []RawUpdate) bool {
	for {
		err := u.sink.Append(context.WithoutCancel(ctx), batch)
		if err == nil {
			return true
		}
		if !pause(ctx, u.failed(TroubleStore, err)) {
			return false
		}
	}
}

// breath is the pause after a poll that was answered: none as a rule. A server
// or proxy that answers at once with nothing, or with the same again, is asked
// after a quarter of a second, then half, then every second.
func (u *Updater) breath(proper bool) time.Duration {
	if proper {
		u.early = 0
		return 0
	}
	u.early++
	return min(250*time.Millisecond<<min(u.early-1, 2), time.Second)
}

// hindered notes a poll that failed, does about it what can be done, and gives
// the pause before the next.
func (u *Updater) hindered(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		return 0 // the end of the run is no trouble
	}
	u.met = false // that Telegram answers again should be known soon
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Method: methodGetUpdates, Text: "the exchange failed"}
	}
	wait := u.failed(e.Class.String(), err)
	if e.Class == ClassWebhookActive && u.dropWebhook(ctx) && u.record.now().Failures == 1 {
		return 0
	}
	return max(wait, e.RetryAfter)
}

// dropWebhook takes away a webhook that was left on the token, or set while we
// poll. What waits to be fetched is kept. There is no asking for one at the
// start: a webhook makes itself known by refusing the first poll.
func (u *Updater) dropWebhook(ctx context.Context) bool {
	if err := u.poller.client.DeleteWebhook(ctx); err != nil {
		u.failed(ClassOf(err).String(), err)
		return false
	}
	u.log.Warn().Msg("a webhook was set on the token; it is deleted, and the updates that wait are kept")
	return true
}

// failed notes a failure and gives the pause after it.
func (u *Updater) failed(kind string, err error) time.Duration {
	u.metrics.Polled(kind)
	return backoff(u.record.failed(kind, err), u.poller.client.rand())
}

type uncounted struct{}

func (uncounted) UpdatesReceived(int)     {}
func (uncounted) Polled(string)           {}
func (uncounted) PollSucceeded(time.Time) {}
