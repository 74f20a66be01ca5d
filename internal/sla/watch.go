package sla

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/ticket"
)

const (
	// page is how many tickets are read at a time.
	page = 500
	// pause is how often the tickets are looked at.
	pause = 5 * time.Second
	// storm is of how many tickets at once a place is told in one message: more
	// than that are overdue together after a long stop, or in the morning.
	storm = 5
)

// steps keeps which steps were taken.
type steps interface {
	// Watched lists the tickets after an id that are new or taken, by id, limit
	// at most.
	Watched(ctx context.Context, after int64, limit int) ([]ticket.Watched, error)
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

// Watcher asks for reminders.
type Watcher struct{ Options }

// NewWatcher makes a watcher.
func NewWatcher(o Options) *Watcher { return &Watcher{o} }

// Turn looks at the tickets once, for a loop: it says when to look again.
func (w *Watcher) Turn(ctx context.Context) time.Duration {
	if _, err := w.RunOnce(ctx); err != nil && ctx.Err() == nil {
		w.Log.Error().Str("fault", "database").Err(err).Msg("the deadlines were not looked at")
	}
	return pause
}

// RunOnce looks at every ticket that waits for a manager, and takes the steps
// that are due, each once, in one transaction with what it has sent. It reports
// how many it took.
func (w *Watcher) RunOnce(ctx context.Context) (taken int, err error) {
	now := w.Clock()
	if !w.Policy.Calendar.Open(now) {
		return 0, nil
	}
	late, err := w.late(ctx, now)
	if err != nil || len(late) == 0 {
		return 0, err
	}
	ctx = ticket.OwnRequest(ctx, "sla", now)
	err = w.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		taken = 0
		var all []ticket.Overdue
		for _, l := range late {
			overdue, err := w.take(ctx, tx, l)
			if err != nil {
				return err
			}
			all = append(all, overdue...)
		}
		taken = len(all)
		return w.tell(ctx, tx, all)
	})
	if err != nil {
		return 0, fmt.Errorf("take the steps that are due: %w", err)
	}
	w.Log.Info().Int("steps", taken).Str("request_id", ticket.RequestID(ctx)).Msg("the time of tickets is up")
	return taken, nil
}

// late lists the tickets about which something is due.
func (w *Watcher) late(ctx context.Context, now time.Time) ([]ticket.Watched, error) {
	var late []ticket.Watched
	for after := int64(0); ; {
		read, err := w.Steps.Watched(ctx, after, page)
		if err != nil {
			return nil, fmt.Errorf("list the tickets that wait: %w", err)
		}
		for _, t := range read {
			if len(Due(t, w.Policy, now).Due) > 0 {
				late = append(late, t)
			}
			after = t.ID
		}
		if len(read) < page {
			return late, nil
		}
	}
}

// take takes the steps that are due about a ticket, as it is by now.
func (w *Watcher) take(ctx context.Context, tx ticket.Tx, l ticket.Watched) ([]ticket.Overdue, error) {
	t, err := tx.Ticket(ctx, l.ID)
	if ticket.IsNotFound(err) || err == nil && t.Cycle != l.Cycle {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a ticket that is overdue: %w", err)
	}
	due := Due(ticket.Watched{Ticket: t, Steps: l.Steps}, w.Policy, tx.Now()).Due
	if slices.Contains(due, ticket.StepRelease) { // who holds it back has it no more: nobody need press them
		due = slices.DeleteFunc(due, func(s ticket.Step) bool { return s == ticket.StepDone || s == ticket.StepDoneAdmins })
	}
	var taken []ticket.Overdue
	for _, step := range due {
		o := ticket.Overdue{Ticket: t.ID, Cycle: t.Cycle, Step: step}
		if step == ticket.StepOwner {
			o.Cycle = 0
		}
		fresh, err := w.Steps.Mark(ctx, o.Ticket, o.Cycle, o.Step)
		if err != nil {
			return nil, fmt.Errorf("mark a step: %w", err)
		}
		if !fresh {
			continue
		}
		if err := w.note(ctx, t, &o); err != nil {
			return nil, err
		}
		taken = append(taken, o)
	}
	return taken, nil
}

// note writes a step into the ticket's history, and releases a ticket that is
// held back.
func (w *Watcher) note(ctx context.Context, t ticket.Ticket, o *ticket.Overdue) error {
	if err := w.Tickets.NoteOverdue(ctx, t, o.Step); err != nil {
		return err
	}
	if o.Step != ticket.StepRelease {
		return nil
	}
	if t.AssigneeName != "" && t.AssigneeID > 0 { // nothing unmasks an admin who hides; a program is nobody
		o.User = t.AssigneeID
	}
	_, _, err := w.Tickets.Release(ctx, t.ID, ticket.Actor{}) // nobody: the program
	return err
}

// tell enqueues what the steps have told: to the groups, the admins, and the
// owners. Of a storm each place is told in one message; owners each hear of
// their own ticket.
func (w *Watcher) tell(ctx context.Context, tx ticket.Tx, all []ticket.Overdue) error {
	var toGroups, toAdmins []ticket.Overdue
	var effects []ticket.Effect
	for _, o := range all {
		switch o.Step {
		case ticket.StepTake, ticket.StepDone, ticket.StepRelease:
			toGroups = append(toGroups, o)
		case ticket.StepTakeAdmins, ticket.StepDoneAdmins:
			toAdmins = append(toAdmins, o)
		case ticket.StepOwner:
			t, err := tx.Ticket(ctx, o.Ticket)
			if err != nil {
				return fmt.Errorf("read a ticket whose owner waits: %w", err)
			}
			if t.OwnerID != 0 && !t.Fetched {
				effects = append(effects, ticket.Remind(o, ticket.Place{Chat: t.OwnerID}))
			}
		}
	}
	for _, p := range w.Groups.Current() {
		effects = append(effects, news(toGroups, p)...)
	}
	for _, admin := range w.Admins {
		effects = append(effects, news(toAdmins, ticket.Place{Chat: admin})...)
	}
	for _, e := range effects {
		if err := tx.Enqueue(ctx, e); err != nil {
			return fmt.Errorf("enqueue %s: %w", e.Kind, err)
		}
	}
	return nil
}

// news are the messages that tell a place of overdue tickets.
func news(overdue []ticket.Overdue, to ticket.Place) []ticket.Effect {
	if len(overdue) > storm {
		return []ticket.Effect{ticket.TellBacklog(overdue, to)}
	}
	effects := make([]ticket.Effect, len(overdue))
	for i, o := range overdue {
		effects[i] = ticket.Remind(o, to)
	}
	return effects
}
