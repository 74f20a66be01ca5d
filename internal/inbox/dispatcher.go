package inbox

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Route says what is to be done with one update.
type Route struct {
	// Key orders: updates that share it are handled one after the other.
	Key string
	// From is the person whose update it is and whom Handle will ask the store for;
	// 0 for none.
	From int64
	// Handle runs in the transaction that consumes the update. Nil where there
	// is nothing to do.
	Handle func(ctx context.Context) error
	// Tell runs in the transaction that sets the update aside: it tells the
	// person whose update it was. Nil where there is nobody to tell.
	Tell func(ctx context.Context) error
	// Err is why the update cannot be handled at all: it is set aside at once.
	// One that wraps [ErrStoreAway] says that it could not be read now: all
	// wait, and it is routed again.
	Err error
}

// Router reads an update, once.
type Router interface {
	Route(ctx context.Context, u Update) Route
}

// Meter counts.
type Meter interface {
	UpdatesReceived(n int)
	UpdateHandled()
	UpdateRetried()
	UpdateSetAside()
}

// Options of an inbox.
type Options struct {
	Store  Store
	Router Router
	Meter  Meter
	Log    zerolog.Logger
	Clock  func() time.Time
}

const (
	// maxAttempts is after how many tries an update is set aside.
	maxAttempts = 3
	// maxRunning is how many updates are handled at once; they share commits.
	maxRunning = 64
	// window is how many updates are held in memory; the others wait in the
	// store. It is filled again when a quarter of it is free.
	window = 512
	// share is how many updates of one key are held whole and count against the
	// window, so that one chat's flood does not shut the others out. Of those
	// behind them only the place is kept, and maxLoaded bounds even that: it is
	// more than Telegram keeps of updates for a bot.
	share, maxLoaded = 16, 256 * window
	// portion is how many updates are read before what may run is launched.
	portion = 4 * window
	// away is how long all wait when the store cannot be reached.
	away = 500 * time.Millisecond
	// keep is how long a handled update's id is remembered, so that it is
	// known when it comes again; Telegram offers an update for a day.
	keep = 72 * time.Hour
)

// retryAfter is how long a failed update waits before its next try: half a
// second, then two, so that three tries fit into five seconds.
func retryAfter(attempt int) time.Duration {
	if attempt <= 1 {
		return 500 * time.Millisecond
	}
	return 2 * time.Second
}

// Inbox hands the stored updates to the router, in order by key.
type Inbox struct {
	Options
	wake chan struct{}
	done chan *item
	back atomic.Int64 // the first of those that wait again; 0 for none

	mu    sync.Mutex
	stop  context.CancelFunc // begins nothing new
	kill  context.CancelFunc // ends the handlers that run
	ended chan struct{}
}

// New makes an inbox; Start begins its work.
func New(o Options) *Inbox {
	return &Inbox{Options: o, wake: make(chan struct{}, 1), done: make(chan *item, maxRunning)}
}

// Append stores a batch before Telegram is told that it arrived.
func (in *Inbox) Append(ctx context.Context, batch []Raw) error {
	fresh, err := in.Store.Append(ctx, batch)
	if err != nil {
		return fmt.Errorf("store %d updates: %w", len(batch), err)
	}
	in.Meter.UpdatesReceived(fresh)
	in.Wake()
	return nil
}

// Wake has the inbox look for new updates.
func (in *Inbox) Wake() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// Look has the inbox look for updates that were put back to wait, from a
// sequence number on. It never blocks.
func (in *Inbox) Look(from int64) {
	for {
		known := in.back.Load()
		if known != 0 && known <= from || in.back.CompareAndSwap(known, from) {
			break
		}
	}
	in.Wake()
}

// Start begins to handle updates. It may be called again after Stop.
func (in *Inbox) Start(ctx context.Context) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.stop != nil {
		return nil
	}
	var work context.Context
	work, in.kill = context.WithCancel(context.WithoutCancel(ctx))
	ctx, in.stop = context.WithCancel(work)
	in.ended = make(chan struct{})
	go in.run(ctx, work, in.ended)
	return nil
}

// Stop lets the handlers that run finish their transactions, and returns when
// they have; when ctx ends before, theirs ends, too, and they roll back. What
// was not handled waits in the store.
func (in *Inbox) Stop(ctx context.Context) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.stop == nil {
		return nil
	}
	in.stop()
	select {
	case <-in.ended:
	case <-ctx.Done():
		in.kill()
		<-in.ended
	}
	in.kill()
	in.stop = nil
	return nil
}
