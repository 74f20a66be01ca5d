package store

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// commit runs the units in one transaction. A unit's own fault is in its err;
// the error given here is everybody's.
//
// Where all of them may run again they do so without savepoints: those would take
// a third of what SQLite does for a VIN, and nearly no unit fails. Should one do so
// after all nothing was done, and they run once more, each in a savepoint.
func (w *writer) commit(units []*unit) error {
	single := len(units) == 1
	late := !slices.ContainsFunc(units, func(u *unit) bool { return !u.again })
	done, err := w.runAll(units, late || single, late)
	if err == nil && !done && late && (!single || units[0].err == nil) {
		for _, u := range units {
			u.tx, u.err, u.begun = nil, nil, false
		}
		done, err = w.runAll(units, single, false)
	}
	if err == nil && done {
		w.announce(units)
	}
	return err
}

// runAll begins a transaction, runs the units in it, each in a savepoint of its own
// unless they are bare, and commits it. Where one of those that are bare fails, or
// what they wrote late does, everything is rolled back, and not done.
func (w *writer) runAll(units []*unit, bare, late bool) (done bool, err error) {
	noted, err := w.opening(units, late)
	w.late.numbers = w.numbers
	if err != nil || !noted {
		return false, w.undo(err)
	}
	for _, u := range units {
		if err := w.runOne(u, bare); err != nil {
			return false, err
		}
		if bare && u.tx != nil && u.err != nil {
			return false, w.undo(nil)
		}
	}
	if err := w.closing(units); err != nil {
		return false, w.undo(err)
	}
	return true, nil
}

// opening begins the transaction of a group. Where its units may all run again it
// takes what they begin with, too. False says that something that one of them begins
// with was done before, or is lost.
//
// A connection that was cut since the last transaction, as by a restart of the server,
// is made anew: nothing was asked of it yet.
func (w *writer) opening(units []*unit, late bool) (noted bool, err error) {
	fresh := w.session == nil
	if err := w.connect(); err != nil {
		return false, err
	}
	began := false
	noted, err = w.open(units, late, &began)
	if err == nil || fresh || began || !isAway(err) {
		return noted, err
	}
	w.disconnect()
	if err := w.connect(); err != nil {
		return false, err
	}
	return w.open(units, late, &began)
}

func (w *writer) open(units []*unit, allowed bool, began *bool) (noted bool, err error) {
	w.fenced, w.late = 0, late{allowed: allowed}
	begin := control(w.dialect.begin())
	begin.ended = func(int64, int64) error {
		*began = true
		return nil
	}
	steps := []step{begin}
	if !allowed {
		return true, w.session.together(steps)
	}
	beginnings, marks := w.beginnings(units)
	steps = append(steps, beginnings...)
	changed := int64(0)
	for _, s := range markings(marks, w.now()) {
		next := s.step("note that some things are done")
		next.ended = func(touched, _ int64) error {
			changed += touched
			return nil
		}
		steps = append(steps, next)
	}
	steps = append(steps, w.learn(marks)...)
	if w.late.committed = !slices.ContainsFunc(units, func(u *unit) bool { return !u.begun || u.mark != nil }); w.late.committed {
		steps = append(steps, control("COMMIT"))
	}
	err = w.session.together(steps)
	return changed == int64(len(marks)), err
}

// beginnings are what the units begin with: first that the term lasts in which they
// were put in.
func (w *writer) beginnings(units []*unit) (steps []step, marks []mark) {
	for _, u := range units {
		u.begun = (u.mark != nil || u.steps != nil) && u.ctx.Err() == nil
		if epoch, ok := u.ctx.Value(termKey{}).(int64); ok && u.begun && epoch != w.fenced {
			w.fenced = epoch
			steps = append(steps, insisting(epoch))
		}
	}
	for _, u := range units {
		switch {
		case !u.begun:
		case u.mark != nil:
			marks = append(marks, *u.mark)
		default:
			steps = append(steps, u.steps(w.now())...)
		}
	}
	return steps, marks
}

// now is the time of what is written now.
func (w *writer) now() time.Time { return w.clock().UTC().Truncate(time.Microsecond) }

// runOne runs a unit, in a savepoint of its own unless it is bare.
func (w *writer) runOne(u *unit, bare bool) error {
	if !u.begun { // what is begun is done
		if err := u.ctx.Err(); err != nil {
			u.err = fmt.Errorf("wait for the writer: %w", err)
			return nil
		}
		if deposed, err := w.fence(u); err != nil || deposed {
			return err
		}
	}
	if !bare {
		if err := w.session.control("SAVEPOINT unit"); err != nil {
			return err
		}
	}
	numbers := w.numbers
	u.tx = w.begin(u.ctx)
	u.tx.begun = u.begun
	u.err = w.call(u)
	u.tx.over.Store(true)
	if u.err == nil {
		u.err = u.tx.failed // it went on in spite of a fault, and did nothing
	}
	switch {
	case u.tx.broken != nil:
		return u.tx.broken
	case bare:
		return nil
	case u.err != nil:
		w.numbers = numbers
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

// undo rolls a transaction back. An error ends it for all its units, unless they may
// run again, one by one, to find whose it is.
func (w *writer) undo(err error) error {
	if err != nil && (isAway(err) || !w.late.allowed) {
		return err
	}
	w.numbers = w.late.numbers
	return w.session.control("ROLLBACK")
}

// closing writes what is late and commits, and has another process told.
func (w *writer) closing(units []*unit) error {
	if w.late.committed {
		return nil
	}
	steps := w.late.steps(w.dialect)
	if w.tells != nil && w.dialect.news() != "" && w.tells() {
		if err := w.session.together(steps); err != nil { // by which the rows get the numbers that are told
			return err
		}
		if err := w.tell(units); err != nil {
			return err
		}
		steps = nil
	}
	return w.session.together(append(steps, control("COMMIT")))
}

// tell has the commit tell another process of the rows of outbox that it brings,
// and of those of the other queues.
func (w *writer) tell(units []*unit) error {
	first := map[Queue]int64{}
	if id := least(0, w.late.heads); id != 0 {
		first[""] = id
	}
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
		if _, err := w.session.line.execute(w.ctx, w.dialect.news(), []any{n.said()}); err != nil {
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

// announce tells what the committed units left to be done.
func (w *writer) announce(units []*unit) {
	all := outcome{heads: w.late.heads}
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
	slices.SortFunc(all.heads, func(a, b outbox.Head) int { return cmp.Compare(a.ID, b.ID) })
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
