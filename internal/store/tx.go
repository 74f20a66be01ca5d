package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

var (
	// errOver says that a transaction is used after its end.
	errOver = errors.New("the transaction is over")
	// errFailed says that a statement failed before.
	errFailed = errors.New("the transaction has failed")
)

// tx is one unit's transaction, or its savepoint in a shared one.
type tx struct {
	queries

	writer *writer
	ctx    context.Context // the unit's, carrying this transaction
	db     *gorm.DB        // nil until it is asked for
	now    time.Time

	left   outcome
	broken error // the database failed: nothing more may be written
	failed error // a statement did: nothing more may, but what [tx.apart] ran is undone with it
	over   atomic.Bool

	begun  bool // its unit's beginning is done
	within int  // how many savepoints it is within: what is late there would be undone without being known
}

var _ ticket.Tx = (*tx)(nil)

// outcome is what a unit's commit must be followed by.
type outcome struct {
	heads    []outbox.Head
	fleeting []Fleeting
	events   []ticket.Event
	after    []func()

	queued map[Queue][]outbox.Head // rows of the other queues
}

// queue notes rows of another queue than outbox.
func (o *outcome) queue(in Queue, heads ...outbox.Head) {
	if o.queued == nil {
		o.queued = map[Queue][]outbox.Head{}
	}
	o.queued[in] = append(o.queued[in], heads...)
}

// txKey is the context's key of the transaction that it carries.
type txKey struct{}

// begin starts a unit's transaction. Its context is never done: a statement
// that is broken off may take the other units of the group with it, and what
// ran is committed whatever its caller thinks meanwhile.
func (w *writer) begin(ctx context.Context) *tx {
	t := &tx{writer: w, now: w.now()}
	t.ctx = context.WithValue(context.WithoutCancel(ctx), txKey{}, t)
	t.queries = queries{on: t.on, by: t.by, past: t.past, spoil: t.spoil}
	return t
}

// Now gives the time of everything in the transaction.
func (t *tx) Now() time.Time { return t.now }

// After has fn run once the transaction is committed.
func (t *tx) After(fn func()) { t.left.after = append(t.left.after, fn) }

func (t *tx) on(context.Context) (*gorm.DB, error) {
	if err := t.catchUp(); err != nil {
		return nil, err
	}
	if t.db == nil { // most units do without
		t.db = t.writer.session.db.Session(&gorm.Session{NewDB: true, Context: t.ctx})
	}
	return t.db, nil
}

// by is on, past GORM. A statement runs in the transaction's own context.
func (t *tx) by(ctx context.Context) (line, context.Context, error) {
	if err := t.catchUp(); err != nil {
		return line{}, nil, err
	}
	return t.past(ctx)
}

// past is by for a statement that is blind to what is late.
func (t *tx) past(context.Context) (line, context.Context, error) {
	if err := t.usable(); err != nil {
		return line{}, nil, err
	}
	return t.writer.session.line, t.ctx, nil
}

// catchUp writes what is late.
func (t *tx) catchUp() error {
	if err := t.usable(); err != nil {
		return err
	}
	err := t.writer.catchUp()
	if err != nil {
		t.spoil(err)
	}
	return err
}

// later is where a row goes that may be written late; nil where none may.
func (t *tx) later() *late {
	if t.usable() != nil || t.within > 0 || !t.writer.late.allowed {
		return nil
	}
	return &t.writer.late
}

// usable says why no statement may run; nil where one may.
func (t *tx) usable() error {
	switch {
	case t.broken != nil:
		return t.broken
	case t.failed != nil:
		return fmt.Errorf("%w: %w", errFailed, t.failed)
	case t.over.Load():
		return errOver
	}
	return nil
}

// spoil notes that a statement failed. Where the database was away the whole
// transaction ends. Else the unit does, or what of it runs apart: PostgreSQL
// takes no further statement then, and so nor do we on SQLite.
func (t *tx) spoil(err error) {
	switch {
	case isAway(err):
		t.broken = err
	case ticket.IsNotFound(err), errors.Is(err, errOver), errors.Is(err, errFailed):
	default:
		t.failed = err
	}
}

// exec runs one statement and reports how many rows it touched.
func (t *tx) exec(ctx context.Context, doing, text string, args ...any) (int64, error) {
	return t.run(ctx, doing, sqlf(text, args...))
}

// run is exec for a statement that may be blind.
func (t *tx) run(ctx context.Context, doing string, s statement) (int64, error) {
	l, ctx, err := t.reach(ctx, s)
	if err != nil {
		return 0, err
	}
	result, err := l.execute(ctx, s.text, s.args)
	if err != nil {
		return 0, t.fault(doing, err)
	}
	touched, err := result.RowsAffected()
	return touched, t.fault(doing, err)
}

// insert runs an INSERT, and gives the id of the row; a [ticket.CodeNotFound]
// error where a conflict kept it out. SQLite knows the id without being asked: for
// RETURNING it makes a table, which costs as much as the row.
func (t *tx) insert(ctx context.Context, doing string, s statement) (id int64, err error) {
	if t.writer.dialect.returns() {
		s.text += ` RETURNING id`
		return id, t.scan(ctx, doing, s, &id)
	}
	l, ctx, err := t.reach(ctx, s)
	if err != nil {
		return 0, err
	}
	result, err := l.execute(ctx, s.text, s.args)
	if err != nil {
		return 0, t.fault(doing, err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return 0, ticket.NewError(ticket.CodeNotFound, doing+": there is none", nil)
	}
	if err == nil {
		id, err = result.LastInsertId()
	}
	return id, t.fault(doing, err)
}

// joined gives the transaction that ctx carries, if it is this store's.
func (s *Store) joined(ctx context.Context) *tx {
	t, ok := ctx.Value(txKey{}).(*tx)
	if !ok || t.writer != s.writer || t.over.Load() {
		return nil
	}
	return t
}

// again is do for what may run several times before it is committed: the work on
// an update or on a job, which is tried again where it fails in any case. So it
// can share a transaction without a savepoint.
func (s *Store) again(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	if t := s.joined(ctx); t != nil {
		return fn(ctx, t)
	}
	return s.writer.submit(&unit{ctx: ctx, run: fn, again: true})
}

// do runs fn in a transaction of its own, or in the one that ctx carries.
func (s *Store) do(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	if t := s.joined(ctx); t != nil {
		return fn(ctx, t)
	}
	return s.writer.submit(&unit{ctx: ctx, run: fn})
}

// alone runs fn in a transaction that it shares with no other unit, where
// several processes write. Two of them that lock the same rows for units of a
// group, each in the order in which these came, would wait for each other, and
// one of the groups would be undone with all that is in it. So whatever many
// callers at once make a process write, of rows that are not a ticket's, is done
// here.
func (s *Store) alone(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	if t := s.joined(ctx); t != nil {
		return fn(ctx, t)
	}
	return s.aside.submit(&unit{ctx: ctx, run: fn})
}

// apart runs fn within the transaction so that an error, or a panic, undoes
// what fn did and no more: the caller decides whether the rest goes on, as a
// handler does that answers a refusal.
func (t *tx) apart(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	if err := t.catchUp(); err != nil {
		return err
	}
	if err := t.control("SAVEPOINT joined"); err != nil {
		return err
	}
	t.within++
	defer func() { t.within-- }()
	before, numbers := t.left, t.writer.numbers
	kept := false
	defer func() {
		if !kept && t.broken == nil {
			t.left, t.failed, t.writer.numbers = before, nil, numbers
			_ = t.control("ROLLBACK TO SAVEPOINT joined") // spoils the transaction where it fails
			_ = t.control("RELEASE SAVEPOINT joined")
		}
	}()
	if err := fn(ctx, t); err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	kept = true
	return t.control("RELEASE SAVEPOINT joined")
}

// control divides the transaction. Where that fails it cannot be trusted with
// anything more.
func (t *tx) control(statement string) error {
	if err := t.usable(); err != nil {
		return err
	}
	err := t.writer.session.control(statement)
	if err != nil {
		t.broken = err
	}
	return err
}
