package inbox

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Route says what is to be done with one update.
type Route struct {
	// Key orders: updates that share it are handled one after the other.
	Key string
	// Handle runs in the transaction that consumes the update.
	Handle func(ctx context.Context) error
	// Tell runs in the transaction that sets the update aside: it tells the
	// person whose update it was. Nil where there is nobody to tell.
	Tell func(ctx context.Context) error
	// Err is why the update cannot be handled at all: it is set aside at once.
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
	// store.
	window = 512
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

	mu     sync.Mutex
	cancel context.CancelFunc
	ended  chan struct{}
}

// New makes an inbox; Start begins its work.
func New(o Options) *Inbox {
	return &Inbox{Options: o, wake: make(chan struct{}, 1), done: make(chan *item, maxRunning)}
}

// Append stores a batch before Telegram is told that it arrived.
func (in *Inbox) Append(ctx context.Context, batch []Raw) error {
	fresh, err := in.Store.Append(ctx, batch)
	if err != nil {
		return err
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

// Start begins to handle updates. It may be called again after Stop.
func (in *Inbox) Start(ctx context.Context) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.cancel != nil {
		return nil
	}
	ctx, in.cancel = context.WithCancel(context.WithoutCancel(ctx))
	in.ended = make(chan struct{})
	go in.run(ctx, in.ended)
	return nil
}

// Stop lets the handlers that run finish their transactions, and returns when
// they have. What has not begun waits in the store.
func (in *Inbox) Stop(context.Context) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.cancel == nil {
		return nil
	}
	in.cancel()
	<-in.ended
	in.cancel = nil
	return nil
}

// item is an update in memory.
type item struct {
	Update
	route Route
	alone bool      // it was claimed by a process that died: nobody runs beside it
	runAt time.Time // of its next try
	err   error     // of its last try
}

// run is the one goroutine that owns the plan.
func (in *Inbox) run(ctx context.Context, ended chan<- struct{}) {
	defer close(ended)
	p := newPlan()
	prune := time.NewTicker(time.Hour)
	defer prune.Stop()
	for ctx.Err() == nil {
		in.load(ctx, p)
		in.launch(ctx, p)
		in.await(ctx, p, prune.C)
	}
	for p.running > 0 {
		in.settle(context.WithoutCancel(ctx), p, <-in.done)
	}
}

// load fills the window from the store.
func (in *Inbox) load(ctx context.Context, p *plan) {
	for p.more && p.size() < window && !p.waits(in.Clock()) {
		limit := window - p.size()
		batch, err := in.Store.Pending(ctx, p.last, limit)
		if err != nil {
			in.storeAway(ctx, p, err, "read the inbox")
			return
		}
		in.storeBack(p)
		for _, u := range batch {
			p.add(&item{Update: u, route: in.Router.Route(ctx, u), alone: u.Attempt > 0})
		}
		p.more = len(batch) == limit
	}
}

// launch claims what may run now, in one transaction, and runs it.
func (in *Inbox) launch(ctx context.Context, p *plan) {
	if p.waits(in.Clock()) {
		return
	}
	batch := p.ready(in.Clock(), maxRunning-p.running)
	if len(batch) == 0 {
		return
	}
	seqs := make([]int64, len(batch))
	for i, it := range batch {
		seqs[i] = it.Seq
	}
	if err := in.Store.Claim(ctx, seqs); err != nil {
		p.putBack(batch)
		in.storeAway(ctx, p, err, "claim updates")
		return
	}
	in.storeBack(p)
	for _, it := range batch {
		it.Attempt++
		p.running++
		go func() {
			it.err = in.try(context.WithoutCancel(ctx), it)
			in.done <- it
		}()
	}
}

// try is one attempt at an update: handled, or set aside.
func (in *Inbox) try(ctx context.Context, it *item) error {
	switch {
	case it.route.Err != nil:
		return in.setAside(ctx, it, it.route.Err)
	case it.Attempt > maxAttempts: // its process died each time
		return in.setAside(ctx, it, errors.New("the process ended while it was handled"))
	}
	err := in.Store.Consume(ctx, it.Seq, it.route.Handle)
	if err == nil {
		in.Meter.UpdateHandled()
		return nil
	}
	if errors.Is(err, ErrStoreAway) || it.Attempt < maxAttempts {
		return err
	}
	return in.setAside(ctx, it, err)
}

func (in *Inbox) setAside(ctx context.Context, it *item, why error) error {
	err := in.Store.SetAside(ctx, it.Seq, why.Error(), it.route.Tell)
	if err != nil && !errors.Is(err, ErrStoreAway) {
		in.Log.Error().Err(err).Str("request_id", it.RequestID).Msg("cannot tell whose update is set aside")
		err = in.Store.SetAside(ctx, it.Seq, why.Error(), nil)
	}
	if err != nil {
		return err
	}
	in.Meter.UpdateSetAside()
	in.Log.Error().Err(why).Str("request_id", it.RequestID).Int64("update_id", it.ID).
		Int("attempt", it.Attempt).Msg("update set aside")
	return nil
}

// await blocks until there may be something to do.
func (in *Inbox) await(ctx context.Context, p *plan, prune <-chan time.Time) {
	var due <-chan time.Time
	if at, ok := p.nextDue(in.Clock()); ok {
		timer := time.NewTimer(max(0, at.Sub(in.Clock())))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
	case <-due:
	case <-in.wake:
		p.more = true
	case it := <-in.done:
		in.settle(ctx, p, it)
		for range len(in.done) { // those that shared its commit
			in.settle(ctx, p, <-in.done)
		}
	case <-prune:
		if n, err := in.Store.Prune(ctx, in.Clock().Add(-keep)); err != nil {
			in.Log.Warn().Err(err).Msg("could not prune handled updates")
		} else if n > 0 {
			in.Log.Debug().Int("updates", n).Msg("pruned handled updates")
		}
	}
}

// settle takes the outcome of a try into the plan.
func (in *Inbox) settle(ctx context.Context, p *plan, it *item) {
	p.running--
	switch {
	case it.err == nil:
		p.finish(it)
	case errors.Is(it.err, ErrStoreAway):
		in.storeAway(ctx, p, it.err, "handle an update")
		in.unclaim(ctx, it)
		p.again(it, in.Clock())
	default:
		in.Meter.UpdateRetried()
		in.Log.Warn().Err(it.err).Str("request_id", it.RequestID).Int64("update_id", it.ID).
			Int("attempt", it.Attempt).Msg("update failed, will be tried again")
		p.again(it, in.Clock().Add(retryAfter(it.Attempt)))
	}
}

// unclaim takes an attempt back that met an absent store. If even that cannot
// be written, the attempt stays counted in the store alone: at worst the
// update runs alone after a restart.
func (in *Inbox) unclaim(ctx context.Context, it *item) {
	it.Attempt--
	if err := in.Store.Unclaim(ctx, []int64{it.Seq}); err != nil {
		in.Log.Debug().Err(err).Int64("update_id", it.ID).Msg("attempt not taken back")
	}
}

// storeAway has everything wait for a moment, and says so once.
func (in *Inbox) storeAway(ctx context.Context, p *plan, err error, doing string) {
	if ctx.Err() != nil {
		return
	}
	if p.awayUntil.IsZero() {
		in.Log.Error().Err(err).Str("doing", doing).Msg("the store is away, all updates wait")
	}
	p.awayUntil = in.Clock().Add(away)
}

// storeBack notes that the store answers.
func (in *Inbox) storeBack(p *plan) {
	if !p.awayUntil.IsZero() {
		in.Log.Info().Msg("the store is back, updates are handled again")
		p.awayUntil = time.Time{}
	}
}
