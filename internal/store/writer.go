package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
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
	}()
	begun := w.clock()
	err = w.commit(units)
	if w.onEnd != nil {
		w.onEnd(ending(err), w.clock().Sub(begun))
	}
}

// commit runs the units in one transaction. A unit's own fault is in its err;
// the error given here is everybody's.
//
// Where all of them may run again they do so without savepoints: those would take
// a third of what SQLite does for a VIN, and nearly no unit fails. Should one do so
// after all nothing was done, and they run once more, each in a savepoint.
func (w *writer) commit(units []*unit) error {
	bare := !slices.ContainsFunc(units, func(u *unit) bool { return !u.brief && !u.again })
	failed, err := w.runAll(units, bare || len(units) == 1)
	if err == nil && failed && len(units) > 1 {
		for _, u := range units {
			u.tx, u.err = nil, nil
		}
		failed, err = w.runAll(units, false)
	}
	if err != nil || failed {
		return err
	}
	if err := w.tell(units); err != nil {
		return err
	}
	if err := w.session.control("COMMIT"); err != nil {
		return err
	}
	w.announce(units)
	return nil
}

// runAll begins a transaction and runs the units in it, each in a savepoint of its
// own unless they are bare. Where one of those fails everything is rolled back.
func (w *writer) runAll(units []*unit, bare bool) (failed bool, err error) {
	if err := w.beginAll(); err != nil {
		return false, err
	}
	for _, u := range units {
		if err := w.runOne(u, bare); err != nil {
			return false, err
		}
		if bare && u.tx != nil && u.err != nil && (!u.brief || len(units) == 1) {
			return true, w.session.control("ROLLBACK")
		}
	}
	return false, nil
}

// tell has the commit tell another process of the rows of outbox that it brings,
// and of those of the other queues.
func (w *writer) tell(units []*unit) error {
	statement := w.dialect.news()
	if w.tells == nil || statement == "" || !w.tells() {
		return nil
	}
	first := map[Queue]int64{}
	for _, u := range units {
		if u.err != nil {
			continue
		}
		first[""] = least(first[""], u.tx.left.heads)
		for in, heads := range u.tx.left.queued {
			first[in] = least(first[in], heads)
		}
	}
	for in, from := range first {
		if from == 0 {
			continue
		}
		n := News{Queue: in, From: from}
		if _, err := w.session.line.execute(w.ctx, statement, []any{n.said()}); err != nil {
			return fault("tell of what is to be done", err)
		}
	}
	return nil
}

// least is the least id of rows, and of another where that is not 0.
func least(id int64, of []outbox.Head) int64 {
	for _, h := range of {
		if id == 0 || h.ID < id {
			id = h.ID
		}
	}
	return id
}

// beginAll begins the transaction of a group. A connection that was cut since
// the last one, as by a restart of the server, is made anew: nothing was asked
// of it yet.
func (w *writer) beginAll() error {
	w.fenced = 0
	fresh := w.session == nil
	if err := w.connect(); err != nil {
		return err
	}
	err := w.session.control(w.dialect.begin())
	if err == nil || fresh || !isAway(err) {
		return err
	}
	w.disconnect()
	if err := w.connect(); err != nil {
		return err
	}
	return w.session.control(w.dialect.begin())
}

// runOne runs a unit in a savepoint of its own, but for one that is bare or brief.
func (w *writer) runOne(u *unit, bare bool) error {
	if err := u.ctx.Err(); err != nil {
		u.err = fmt.Errorf("wait for the writer: %w", err)
		return nil
	}
	if deposed, err := w.fence(u); err != nil || deposed {
		return err
	}
	apart := !bare && !u.brief
	if apart {
		if err := w.session.control("SAVEPOINT unit"); err != nil {
			return err
		}
	}
	u.tx = w.begin(u.ctx)
	u.err = w.call(u)
	u.tx.over.Store(true)
	if u.err == nil {
		u.err = u.tx.failed // it went on in spite of a fault, and did nothing
	}
	switch {
	case u.tx.broken != nil:
		return u.tx.broken
	case u.brief && u.tx.failed != nil:
		return away("write for several", u.tx.failed)
	case !apart:
		return nil
	case u.err != nil:
		if err := w.session.control("ROLLBACK TO SAVEPOINT unit"); err != nil {
			return err
		}
	}
	return w.session.control("RELEASE SAVEPOINT unit")
}

// call runs the unit's function; a panic in it is an error of its own.
func (w *writer) call(u *unit) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = w.panicked(u.tx.ctx, p)
		}
	}()
	return u.run(u.tx.ctx, u.tx)
}

// panicked logs a panic with its stack and makes an error of it. The value is
// told only where it is the runtime's, since any other may quote a person.
func (w *writer) panicked(ctx context.Context, value any) error {
	said := fmt.Sprintf("%T", value)
	if e, ok := value.(runtime.Error); ok {
		said = e.Error()
	}
	w.log.Error().Str("request_id", ticket.RequestID(ctx)).Str("panic", said).
		Bytes("stack", debug.Stack()).Msg("a unit of work panicked and was rolled back")
	return ticket.NewError(ticket.CodeInternal, "a unit of work panicked", nil)
}

// announce tells what the committed units left to be done.
func (w *writer) announce(units []*unit) {
	var all outcome
	for _, u := range units {
		if u.err == nil {
			all.heads = append(all.heads, u.tx.left.heads...)
			all.fleeting = append(all.fleeting, u.tx.left.fleeting...)
			all.events = append(all.events, u.tx.left.events...)
			for in, heads := range u.tx.left.queued {
				all.queue(in, heads...)
			}
			for _, then := range u.tx.left.after {
				then()
			}
		}
	}
	if w.onEvents != nil && len(all.events) > 0 { // before what follows from them: a log has them in this order
		w.onEvents(all.events)
	}
	if w.onCommit != nil && len(all.heads)+len(all.fleeting) > 0 {
		w.onCommit(all.heads, all.fleeting)
	}
	for in, heads := range all.queued {
		if w.onQueued != nil {
			w.onQueued(in, heads)
		}
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
