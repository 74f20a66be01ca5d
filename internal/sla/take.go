package sla

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"vinbot/internal/ticket"
)

// takeAll takes the steps that are due about tickets, in one transaction with what
// that has sent, and gives those of the tickets to look at again, with when. More
// says that there may be more such tickets in this turn.
func (t *turn) takeAll(ctx context.Context, due []ticket.Watched, more bool) (next []ticket.Watched, err error) {
	var all []ticket.Overdue
	var said map[ticket.Place]told
	err = t.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		all, next, said = nil, nil, maps.Clone(t.told)
		for _, k := range due {
			overdue, again, err := t.take(ctx, tx, k)
			if err != nil {
				return err
			}
			all, next = append(all, overdue...), append(next, again...)
		}
		return t.tell(ctx, tx, all, telling{said: said, more: more})
	})
	if err != nil {
		return nil, err
	}
	t.taken, t.told = t.taken+len(all), said
	return next, nil
}

// take takes the steps that are due about a ticket, as it is by now, and gives it
// again with when to look at it next; not where it moved on, since whoever moved
// it has said when.
func (t *turn) take(ctx context.Context, tx ticket.Tx, l ticket.Watched) (taken []ticket.Overdue, next []ticket.Watched, err error) {
	k, err := tx.Ticket(ctx, l.ID)
	if ticket.IsNotFound(err) || err == nil && k.Cycle != l.Cycle {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read a ticket that is overdue: %w", err)
	}
	l.Ticket = k
	v := Due(l, t.Policy, tx.Now())
	due := v.Due
	releases := slices.Contains(due, ticket.StepRelease)
	if releases { // who holds it back has it no more: nobody need press them
		due = slices.DeleteFunc(due, func(s ticket.Step) bool { return s == ticket.StepDone || s == ticket.StepDoneAdmins })
	}
	for _, step := range due {
		o := ticket.Overdue{Ticket: k.ID, Cycle: k.Cycle, Step: step}
		if step == ticket.StepOwner {
			o.Cycle = 0
		}
		fresh, err := t.Steps.Mark(ctx, o.Ticket, o.Cycle, o.Step)
		if err != nil {
			return nil, nil, fmt.Errorf("mark a step: %w", err)
		}
		if !fresh {
			continue
		}
		if err := t.note(ctx, k, &o); err != nil {
			return nil, nil, err
		}
		taken = append(taken, o)
	}
	if releases {
		return taken, nil, nil
	}
	l.LookAt = v.Next // of the steps that are left
	return taken, []ticket.Watched{l}, nil
}

// note writes a step into the ticket's history, and releases a ticket that is
// held back.
func (t *turn) note(ctx context.Context, k ticket.Ticket, o *ticket.Overdue) error {
	if err := t.Tickets.NoteOverdue(ctx, k, o.Step); err != nil {
		return err
	}
	if o.Step != ticket.StepRelease {
		return nil
	}
	if k.AssigneeName != "" && k.AssigneeID > 0 { // nothing unmasks an admin who hides; a program is nobody
		o.User = k.AssigneeID
	}
	_, _, err := t.Tickets.Release(ctx, k.ID, ticket.Actor{}) // nobody: the program
	return err
}
