package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// groupLimit is how many units share a commit at most: enough to make the
// fsync cheap, few enough for the first of them not to wait long.
const groupLimit = 64

// errUnfinished answers the units of a group that one of them ended the
// goroutine of.
var errUnfinished = errors.New("store: a unit of work ended the writer's goroutine")

// writer is the one goroutine that writes. It takes the units that wait, runs
// them in one transaction, a savepoint each where need be, commits, and answers
// them.
type writer struct {
	ctx      context.Context // for what outlives a unit; never done
	clock    func() time.Time
	log      zerolog.Logger
	onCommit func([]outbox.Head, []Fleeting)
	onEvents func([]ticket.Event)
	tells    func() bool // whether another process is told of new rows of outbox
	limit    int
	dialect  dialect
	db       *sql.DB  // of one connection
	fenced   int64    // the term that the transaction made sure of; 0 for none
	session  *session // nil until it is needed, and after a fault
	late     late     // of the transaction
	nth      int      // which of an owner's tickets was asked for last; see demand
	bans     *banMemory
	numbers  numbers // of tickets, taken before there are tickets
	queue    *queue
	stopped  chan struct{}

	onQueued func(Queue, []outbox.Head)
	onEnd    func(result string, took time.Duration)
	lookAt   func(ticket.Ticket, time.Time) time.Time
}

func newWriter(ctx context.Context, o Options) (*writer, error) {
	db, err := o.Database.open(forWriting)
	if err != nil {
		return nil, err
	}
	w := &writer{
		ctx:      context.WithoutCancel(ctx),
		clock:    o.Clock,
		log:      o.Log,
		onCommit: o.OnCommit,
		onEvents: o.OnEvents,
		tells:    o.Elsewhere,
		limit:    cmp.Or(o.groupLimit, groupLimit),
		dialect:  o.Database.dialect,
		db:       db,
		queue:    newQueue(),
		stopped:  make(chan struct{}),

		onQueued: o.OnQueued,
		onEnd:    o.OnTransaction,
		lookAt:   o.LookAt,
	}
	if err := w.connect(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go w.loop()
	return w, nil
}

// submit has a unit run within a transaction and waits for its commit.
func (w *writer) submit(u *unit) error {
	u.done = make(chan struct{})
	if !w.queue.put(u) {
		return away("write", errClosed)
	}
	<-u.done
	return u.err
}

// stop waits for what is being written and what waits, and ends the writer.
func (w *writer) stop() {
	w.queue.close()
	<-w.stopped
}

// close closes the database of a writer that was stopped.
func (w *writer) close() error {
	w.disconnect()
	return fault("close the writer", w.db.Close())
}

func (w *writer) loop() {
	finished := false
	defer func() {
		if !finished { // a unit called runtime.Goexit, as a failing test does
			go w.loop()
			return
		}
		close(w.stopped)
	}()
	for {
		units := w.queue.take(w.limit)
		if len(units) == 0 {
			finished = true
			return
		}
		w.group(units)
	}
}

// group commits units together and answers them.
func (w *writer) group(units []*unit) {
	err := errUnfinished
	defer func() {
		if err != nil {
			w.disconnect() // closing the connection rolls back
		}
		for _, u := range units {
			if u.err == nil {
				u.err = err
			}
			close(u.done)
		}
		w.late = late{} // what is in it is nobody's any more
	}()
	begun := w.clock()
	err = w.commit(units)
	if w.onEnd != nil {
		w.onEnd(ending(err), w.clock().Sub(begun))
	}
}

// connect makes the writer's connection where there is none.
func (w *writer) connect() error {
	if w.session != nil {
		return nil
	}
	s, err := newSession(w.ctx, w.dialect, w.db)
	if err != nil {
		return err
	}
	w.session = s
	return nil
}

// disconnect drops the connection, and with it an unfinished transaction.
func (w *writer) disconnect() {
	if w.session != nil {
		w.session.discard()
		w.session = nil
	}
}
