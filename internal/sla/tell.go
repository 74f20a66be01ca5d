package sla

import (
	"context"
	"fmt"
	"time"

	"vinbot/internal/ticket"
)

const (
	// storm is of how many tickets at once a place is told in one message: more
	// than that are overdue together after a long stop, or in the morning.
	storm = 5
	// crowd is of how many one message tells at most, or a page more: all of them
	// are looked at when it is sent.
	crowd = 5000
	// gathering is how long a message waits that more tickets may come to.
	gathering = 10 * time.Second
)

// told is what a turn has told a place.
type told struct {
	singly   int              // tickets, each in a message of its own
	together []ticket.Overdue // in one message
	key      string           // by which that is found while it waits
}

// telling is what is to be known to tell of a page of tickets.
type telling struct {
	said map[ticket.Place]told // brought up to date
	more bool                  // there may be another page
}

// tell enqueues what the steps have told: to the groups, the admins, and the
// owners. Of a storm each place is told in one message; owners each hear of
// their own ticket.
func (t *turn) tell(ctx context.Context, tx ticket.Tx, all []ticket.Overdue, how telling) error {
	var toGroups, toAdmins []ticket.Overdue
	for _, o := range all {
		switch o.Step {
		case ticket.StepTake, ticket.StepDone, ticket.StepRelease:
			toGroups = append(toGroups, o)
		case ticket.StepTakeAdmins, ticket.StepDoneAdmins:
			toAdmins = append(toAdmins, o)
		case ticket.StepOwner:
			if err := tellOwner(ctx, tx, o); err != nil {
				return err
			}
		}
	}
	for _, p := range t.Groups.Current() {
		if err := how.place(ctx, tx, toGroups, p); err != nil {
			return err
		}
	}
	for _, admin := range t.Admins {
		if err := how.place(ctx, tx, toAdmins, ticket.Place{Chat: admin}); err != nil {
			return err
		}
	}
	return nil
}

func tellOwner(ctx context.Context, tx ticket.Tx, o ticket.Overdue) error {
	t, err := tx.Ticket(ctx, o.Ticket)
	if err != nil {
		return fmt.Errorf("read a ticket whose owner waits: %w", err)
	}
	if t.OwnerID == 0 || t.Fetched {
		return nil
	}
	return enqueue(ctx, tx, ticket.Remind(o, ticket.Place{Chat: t.OwnerID}))
}

// place tells a place of overdue tickets.
func (t telling) place(ctx context.Context, tx ticket.Tx, overdue []ticket.Overdue, to ticket.Place) error {
	if len(overdue) == 0 {
		return nil
	}
	before := t.said[to]
	if before.key == "" && before.singly+len(overdue) <= storm {
		before.singly += len(overdue)
		t.said[to] = before
		for _, o := range overdue {
			if err := enqueue(ctx, tx, ticket.Remind(o, to)); err != nil {
				return err
			}
		}
		return nil
	}
	now, err := gathered(ctx, tx, before, overdue, to)
	if err != nil {
		return err
	}
	t.said[to] = now
	e := ticket.TellBacklog(now.together, to)
	e.Merge = now.key
	if t.more {
		e.After = gathering
	}
	return enqueue(ctx, tx, e)
}

// gathered adds tickets to those of the message that waits for a place, which it
// takes back; or begins another where that is on its way, or long enough.
func gathered(ctx context.Context, tx ticket.Tx, before told, overdue []ticket.Overdue, to ticket.Place) (told, error) {
	if before.key != "" && len(before.together) < crowd {
		waited, err := tx.Withdraw(ctx, ticket.EffectBacklog, before.key)
		if err != nil {
			return told{}, fmt.Errorf("take a message back: %w", err)
		}
		if waited {
			before.together = append(before.together[:len(before.together):len(before.together)], overdue...)
			return before, nil
		}
	}
	first := overdue[0] // of which no other message tells
	key := fmt.Sprintf("turn:%s:%d:%d:%d:%d", first.Step, first.Ticket, first.Cycle, to.Chat, to.Topic)
	return told{singly: before.singly, together: overdue, key: key}, nil
}

func enqueue(ctx context.Context, tx ticket.Tx, e ticket.Effect) error {
	if err := tx.Enqueue(ctx, e); err != nil {
		return fmt.Errorf("enqueue %s: %w", e.Kind, err)
	}
	return nil
}
