package outbox

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
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
	// Gather has many jobs of the kind carried out as one; nil: each goes alone.
	Gather *Gathering
	// Parallel bounds the jobs of the kind that have no chat, whose limits
	// would; 0 means eight, so that no kind takes all places.
	Parallel int
	// Quiet kinds are carried out without a line at the level info: it would be
	// noise to who follows a ticket.
	Quiet bool
}

// Gathering carries out several jobs as one, where a chat's limit would hold
// them back: those of the kind that are for the same chat and share a gather
// key, the oldest first.
type Gathering struct {
	// Handle carries them out; its outcome is that of each. Jobs that fail
	// together are tried again one by one, so that one harms no other.
	Handle func(ctx context.Context, jobs []Job) Outcome
	// Least is how many are worth it, Most how many fit.
	Least, Most int
}

// Gate keeps Telegram's limits.
type Gate interface {
	// Admit takes a slot of the chat for a row of an urgency, or says how long
	// to wait for one: the less urgent never wait for less.
	Admit(chat int64, urgency int, now time.Time) (wait time.Duration)
	// Room tells how many more rows of an urgency the chat's own limit would let
	// go now.
	Room(chat int64, urgency int, now time.Time) int
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
	// Repeatable says that what is sent twice harms nobody: a process that has
	// just begun sends as much at once as an old one.
	Repeatable bool
	// Chats is what the log calls a job's chat; empty: chat.
	Chats string
	// AtOnce is how many jobs run at once; 0 is 64. A store that takes longer to
	// note what was carried out needs more of them under way.
	AtOnce int
}

const (
	// usualAtOnce is how many jobs run at once where nobody says.
	usualAtOnce = 64
	// defaultParallel bounds the jobs of a kind that have no chat.
	defaultParallel = 8
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

	mu    sync.Mutex // guards fresh and look
	fresh []Head
	look  int64 // from which row on another process put rows in; 0 for none
	wake  chan struct{}
	done  chan *entry

	life  sync.Mutex
	stop  context.CancelFunc // no new jobs
	kill  context.CancelFunc // ends those that run
	ended chan struct{}

	// Of the one goroutine that owns the plan.
	reload    time.Time // when the store is read again
	after     int64     // the id up to which it was read
	reclaimed bool      // what an earlier process had leased
	whole     bool      // it was read whole once
	awayUntil time.Time // all wait until then for the store; zero if it answers
	young     young
	adult     bool // it never was young
	crew      *crew
	grows     time.Time // when more may be under way; zero once there is no such bound

	claiming atomic.Bool // a batch: the next one waits
	probing  atomic.Bool // the store was away: one job shows whether it is back
	answered atomic.Bool // it is
}

// New makes a relay; Start begins its work.
func New(o Options) *Relay {
	o.AtOnce = cmp.Or(o.AtOnce, usualAtOnce)
	return &Relay{
		Options:  o,
		fleeting: make(chan Job, maxFleetingQueue),
		wake:     make(chan struct{}, 1),
		done:     make(chan *entry, o.AtOnce),
		adult:    o.Repeatable,
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
	r.poke()
}

// Look tells the relay of rows that another process put in, from an id on. It
// never blocks.
func (r *Relay) Look(from int64) {
	r.mu.Lock()
	if r.look == 0 || from < r.look {
		r.look = from
	}
	r.mu.Unlock()
	r.poke()
}

func (r *Relay) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
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
	r.reload, r.after, r.reclaimed, r.whole = time.Time{}, 0, false, false
	r.young = young{begun: r.Clock()}
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
