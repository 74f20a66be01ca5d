package sla

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/ticket"
)

const (
	// page is how many tickets are read at a time when all are looked at.
	page = 500
	// bite is how many tickets one transaction is about, since others who write wait
	// for it, and how many are read at a time of those whose time has come.
	bite = 100
	// pause is how often is looked for tickets that are to be looked at.
	pause = 5 * time.Second
	// review is how often all tickets are looked at that wait, a page with each
	// turn: another process may have other settings than this one.
	review = time.Hour
)

// steps keeps which steps were taken, and when to look for the next.
type steps interface {
	// Watched lists the tickets after an id that are new or taken, by id, limit
	// at most.
	Watched(ctx context.Context, after int64, limit int) ([]ticket.Watched, error)
	// Ripe lists the tickets that are to be looked at by an instant, behind one
	// of them or from the first on, by when they were to be, limit at most.
	Ripe(ctx context.Context, by time.Time, after ticket.Watched, limit int) ([]ticket.Watched, error)
	// Look notes when tickets are to be looked at next, but for those that have
	// changed since they were read.
	Look(ctx context.Context, at []ticket.Watched) error
	// Mark notes that a step is taken, and reports whether it had not been
	// before. It joins the transaction that ctx carries.
	Mark(ctx context.Context, id int64, cycle int, step ticket.Step) (bool, error)
}

// tickets is what the loop has done about them.
type tickets interface {
	NoteOverdue(ctx context.Context, t ticket.Ticket, step ticket.Step) error
	Release(ctx context.Context, id int64, by ticket.Actor) (ticket.Ticket, bool, error)
}

// groups tells where the managers are.
type groups interface{ Current() []ticket.Place }

// Options of a watcher.
type Options struct {
	Policy  Policy
	Store   ticket.Store
	Steps   steps
	Tickets tickets
	Groups  groups
	Admins  []int64 // who hears of what the group did not do; none: nobody
	Log     zerolog.Logger
	Clock   func() time.Time
}

// Watcher asks for reminders. With each ticket is stored when it is to be looked
// at next, so that a turn costs what is due, however many tickets wait.
type Watcher struct {
	Options

	begun    atomic.Bool // what is stored was made sure of since Begin
	after    int64       // where the review of all goes on; 0 while there is none
	reviewed time.Time   // when it ended last
}

// NewWatcher makes a watcher.
func NewWatcher(o Options) *Watcher { return &Watcher{Options: o} }

// Begin has the next turn look at every ticket that waits: who wrote when to look
// at it may have had other settings. It is for a process that begins, or begins to
// lead, before the first turn.
func (w *Watcher) Begin() { w.begun.Store(false) }

// Turn looks at the tickets once, for a loop: it says when to look again.
func (w *Watcher) Turn(ctx context.Context) time.Duration {
	if _, err := w.RunOnce(ctx); err != nil && ctx.Err() == nil {
		w.Log.Error().Str("fault", "database").Err(err).Msg("the deadlines were not looked at")
	}
	return pause
}

// RunOnce looks at the tickets whose time has come, and takes the steps that are
// due, each once, in one transaction with what it has sent. It reports how many it
// took.
func (w *Watcher) RunOnce(ctx context.Context) (taken int, err error) {
	now := w.Clock()
	if !w.Policy.Calendar.Open(now) {
		return 0, nil
	}
	ctx = ticket.OwnRequest(ctx, "sla", now)
	t := &turn{Watcher: w, now: now, told: map[ticket.Place]told{}}
	err = t.run(ctx)
	if t.taken > 0 {
		w.Log.Info().Int("steps", t.taken).Str("request_id", ticket.RequestID(ctx)).Msg("the time of tickets is up")
	}
	return t.taken, err
}

// turn is one look at the tickets.
type turn struct {
	*Watcher

	now   time.Time
	taken int                   // steps
	told  map[ticket.Place]told // what was said of them
}

func (t *turn) run(ctx context.Context) error {
	if !t.begun.Load() {
		t.after = 0
		return t.all(ctx, true)
	}
	if err := t.ripe(ctx); err != nil {
		return err
	}
	if t.after == 0 && t.now.Before(t.reviewed.Add(review)) {
		return nil
	}
	return t.all(ctx, false)
}

// ripe looks at the tickets whose time has come. None of them is looked at twice,
// whatever comes of it.
func (t *turn) ripe(ctx context.Context) error {
	for last := (ticket.Watched{}); ; {
		read, err := t.Steps.Ripe(ctx, t.now, last, bite)
		if err != nil {
			return fmt.Errorf("list the tickets to look at: %w", err)
		}
		if err := t.look(ctx, read, len(read) == bite); err != nil || len(read) < bite {
			return err
		}
		last = read[len(read)-1]
	}
}

// all goes on through all tickets that wait: to the end, or a page of them.
func (t *turn) all(ctx context.Context, toTheEnd bool) error {
	for {
		read, err := t.Steps.Watched(ctx, t.after, page)
		if err != nil {
			return fmt.Errorf("list the tickets that wait: %w", err)
		}
		if err := t.look(ctx, read, len(read) == page); err != nil {
			return err
		}
		if len(read) < page {
			t.after, t.reviewed = 0, t.now
			t.begun.Store(true)
			return nil
		}
		t.after = read[len(read)-1].ID
		if !toTheEnd {
			return nil
		}
	}
}

// look takes the steps that are due about tickets, and then notes when to look at
// each of them again, in transactions of their own: should it not come to that, they
// are looked at again, and no step is taken twice. More says that others follow.
func (t *turn) look(ctx context.Context, read []ticket.Watched, more bool) error {
	var due, next []ticket.Watched
	for _, k := range read {
		v := Due(k, t.Policy, t.now)
		switch at := v.Next.Truncate(time.Microsecond); { // as it is stored
		case len(v.Due) > 0:
			due = append(due, k)
		case !at.Equal(k.LookAt):
			k.LookAt = at
			next = append(next, k)
		}
	}
	for from := 0; from < len(due); from += bite {
		to := min(from+bite, len(due))
		looked, err := t.takeAll(ctx, due[from:to], more || to < len(due))
		if err != nil {
			return fmt.Errorf("take the steps that are due: %w", err)
		}
		next = append(next, looked...)
	}
	for some := range slices.Chunk(next, bite) {
		if err := t.Steps.Look(ctx, some); err != nil {
			return fmt.Errorf("note when to look at tickets again: %w", err)
		}
	}
	return nil
}
