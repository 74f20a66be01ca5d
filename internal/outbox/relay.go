package outbox

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Handler carries out the jobs of one kind.
type Handler interface {
	Handle(ctx context.Context, job Job) Outcome
}

// HandlerFunc is a function that handles.
type HandlerFunc func(ctx context.Context, job Job) Outcome

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, job Job) Outcome { return f(ctx, job) }

// Kind is a handler and how many of its jobs may run at once.
type Kind struct {
	Handler Handler
	// Parallel bounds the jobs of the kind that have no chat, whose limits
	// would; 0 is no bound of its own.
	Parallel int
}

// Gate keeps Telegram's limits.
type Gate interface {
	// Admit takes a slot of the chat, or says how long to wait for one.
	Admit(chat int64, now time.Time) (wait time.Duration)
	// Release gives the slot back when the answer is there.
	Release(chat int64, now time.Time)
	// Penalize pauses a chat that Telegram refused for too many messages.
	Penalize(chat int64, pause time.Duration, now time.Time)
}

// Meter counts.
type Meter interface {
	JobEnded(kind, outcome string, took time.Duration)
	// JobResent counts a job tried again though nobody knows whether its
	// first try happened.
	JobResent(kind string)
}

// Options of a relay.
type Options struct {
	Store Store
	Kinds map[string]Kind
	Gate  Gate
	Meter Meter
	Log   zerolog.Logger
	Clock func() time.Time
	// Context prepares the context that a job is handled in.
	Context func(ctx context.Context, job Job) context.Context
}

const (
	// maxRunning is how many jobs run at once.
	maxRunning = 64
	// maxFleeting is how many fleeting jobs run at once, and how many may
	// wait; more are dropped, since nobody waits for them that long.
	maxFleeting, maxFleetingQueue = 32, 1024
	// lease is how long a job is ours without a sign of life; it is renewed
	// at a third of that.
	lease = time.Minute
	// rescan is how often the store is asked for rows that nobody announced.
	rescan = 30 * time.Second
	// away is how long all wait when the store cannot be reached.
	away = 500 * time.Millisecond
	// keep is how long a finished row is kept.
	keep = 7 * 24 * time.Hour
	// page is how many rows are read at a time.
	page = 1000
)

// Relay carries out what the outbox holds.
type Relay struct {
	Options
	fleeting chan Job

	mu    sync.Mutex // guards fresh
	fresh []Head
	wake  chan struct{}
	done  chan *entry

	life    sync.Mutex
	stop    context.CancelFunc // no new jobs
	kill    context.CancelFunc // ends those that run
	ended   chan struct{}
	reload  time.Time // when the store is asked again
	away    bool
	scanned bool // the store was read whole once
}

// New makes a relay; Start begins its work.
func New(o Options) *Relay {
	return &Relay{
		Options:  o,
		fleeting: make(chan Job, maxFleetingQueue),
		wake:     make(chan struct{}, 1),
		done:     make(chan *entry, maxRunning),
	}
}

// Announce tells the relay of rows that were just committed. It never blocks.
func (r *Relay) Announce(heads []Head) {
	if len(heads) == 0 {
		return
	}
	r.mu.Lock()
	r.fresh = append(r.fresh, heads...)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Fleet carries out a job from memory, at once: no row, no second try after a
// crash. It never blocks; where too many wait, the job is dropped and logged.
func (r *Relay) Fleet(job Job) {
	select {
	case r.fleeting <- job:
	default:
		r.Log.Warn().Str("kind", job.Kind).Str("request_id", job.RequestID).Msg("too many fleeting jobs, one dropped")
	}
}

// Start begins to carry jobs out. It may be called again after Stop.
func (r *Relay) Start(ctx context.Context) error {
	r.life.Lock()
	defer r.life.Unlock()
	if r.stop != nil {
		return nil
	}
	var work context.Context
	work, r.kill = context.WithCancel(context.WithoutCancel(ctx))
	ctx, r.stop = context.WithCancel(work)
	r.ended = make(chan struct{})
	r.reload, r.scanned = time.Time{}, false
	go r.run(ctx, work, r.ended)
	return nil
}

// Stop begins no new job and waits for those that run until ctx ends; then it
// ends them. All of them are in the store.
func (r *Relay) Stop(ctx context.Context) error {
	r.life.Lock()
	defer r.life.Unlock()
	if r.stop == nil {
		return nil
	}
	r.stop()
	select {
	case <-r.ended:
	case <-ctx.Done():
		r.kill()
		<-r.ended
	}
	r.kill()
	r.stop = nil
	return nil
}

// run is the one goroutine that owns the plan.
func (r *Relay) run(ctx, work context.Context, ended chan<- struct{}) {
	defer close(ended)
	var fleet sync.WaitGroup
	for range maxFleeting {
		fleet.Go(func() { r.runFleeting(ctx, work) })
	}
	defer fleet.Wait()
	p := newPlan(r.Kinds)
	prune := time.NewTicker(time.Hour)
	defer prune.Stop()
	for ctx.Err() == nil {
		r.refill(ctx, p)
		r.launch(work, p)
		r.await(ctx, p, prune.C)
	}
	for p.running > 0 {
		r.settle(p, <-r.done)
	}
}

// refill takes the announced rows into the plan, and from time to time looks
// for others in the store.
func (r *Relay) refill(ctx context.Context, p *plan) {
	r.mu.Lock()
	fresh := r.fresh
	r.fresh = nil
	r.mu.Unlock()
	now := r.Clock()
	for _, h := range fresh {
		p.add(h, now)
	}
	if now.Before(r.reload) {
		return
	}
	r.reload = now.Add(rescan)
	if err := r.scan(ctx, p); err != nil && ctx.Err() == nil {
		r.storeAway(err, "read the outbox")
		r.reload = now.Add(away)
		return
	}
	r.storeBack()
}

// scan reclaims what a dead process had leased, and reads all that waits.
func (r *Relay) scan(ctx context.Context, p *plan) error {
	now := r.Clock()
	ended := now
	if !r.scanned { // at the start every lease is a dead process's
		ended = now.Add(2 * lease)
	}
	lost, err := r.Store.Reclaim(ctx, ended)
	if err != nil {
		return err
	}
	r.scanned = true
	for _, h := range lost {
		if p.add(h, now) {
			r.Meter.JobResent(h.Kind)
		}
	}
	for after := int64(0); ; {
		heads, err := r.Store.Waiting(ctx, after, page)
		if err != nil {
			return err
		}
		for _, h := range heads {
			p.add(h, now)
			after = h.ID
		}
		if len(heads) < page {
			return nil
		}
	}
}

// launch starts what the plan and the gate let go now.
func (r *Relay) launch(work context.Context, p *plan) {
	if r.away && r.Clock().Before(r.reload) {
		return
	}
	var batch []*entry
	for p.running < maxRunning {
		e := p.next(r.Clock(), r.Gate)
		if e == nil {
			break
		}
		p.running++
		batch = append(batch, e)
	}
	if len(batch) > 0 {
		go r.carryOut(work, batch)
	}
}

// await blocks until there may be something to do.
func (r *Relay) await(ctx context.Context, p *plan, prune <-chan time.Time) {
	at := r.reload
	if due, ok := p.nextDue(); ok && due.Before(at) && !r.away {
		at = due
	}
	timer := time.NewTimer(max(0, at.Sub(r.Clock())))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.wake:
	case e := <-r.done:
		r.settle(p, e)
		for range len(r.done) {
			r.settle(p, <-r.done)
		}
	case <-prune:
		if _, err := r.Store.Prune(ctx, r.Clock().Add(-keep)); err != nil && ctx.Err() == nil {
			r.Log.Warn().Err(err).Msg("could not prune finished rows")
		}
	}
}

// settle takes the end of a job into the plan.
func (r *Relay) settle(p *plan, e *entry) {
	p.running--
	now := r.Clock()
	if e.Chat != 0 {
		r.Gate.Release(e.Chat, now)
	}
	if e.err != nil {
		r.storeAway(e.err, "work on the outbox")
		if !e.again { // its lease runs out, and it is found again
			r.Log.Error().Err(e.err).Str("kind", e.Kind).Int64("job", e.ID).Msg("outcome not recorded")
		}
	} else {
		r.storeBack()
	}
	p.settle(e, now)
}

func (r *Relay) storeAway(err error, doing string) {
	if !r.away {
		r.Log.Error().Err(err).Str("doing", doing).Msg("the store is away, all jobs wait")
	}
	r.away = true
	r.reload = r.Clock().Add(away)
}

func (r *Relay) storeBack() {
	if r.away {
		r.Log.Info().Msg("the store is back, jobs are carried out again")
	}
	r.away = false
}
