package store

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// Select lists the tickets of a selection, the newest first. Whatever it is
// chosen by, it is a walk along an index, or a few of them: where several
// statuses are asked for, each kind of them is a walk of its own.
func (q queries) Select(ctx context.Context, by ticket.Selection) ([]ticket.Ticket, error) {
	if by.Priority != "" && len(by.Statuses) == 0 { // each is a walk of its own
		by.Statuses = ticket.Statuses()
	}
	where, values := chosen(by)
	if len(by.Statuses) == 0 || by.Owner != 0 || by.Assignee != 0 || by.VIN != "" {
		if len(by.Statuses) > 0 {
			where, values = where+` AND status IN ?`, append(values, by.Statuses)
		}
		return q.walk(ctx, where, values, by.Limit)
	}
	var found []ticket.Ticket
	for _, kind := range kindsOf(by.Statuses) {
		some, err := q.walk(ctx, where+` AND `+kind.where, slices.Concat(values, kind.values), by.Limit)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b ticket.Ticket) int { return cmp.Compare(b.ID, a.ID) })
	return found[:min(len(found), by.Limit)], nil
}

func (q queries) walk(ctx context.Context, where string, values []any, limit int) ([]ticket.Ticket, error) {
	page, err := all[ticketRow](ctx, q, "list tickets", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets WHERE `+where+` AND `+visible+` ORDER BY id DESC LIMIT `+pageOf(limit), values...)
	})
	return page[:min(len(page), limit)], err
}

// chosen is what a selection chooses by, but for the statuses.
func chosen(by ticket.Selection) (where string, values []any) {
	where, values = `id < ?`, []any{cmp.Or(by.Before, math.MaxInt64)}
	if by.Owner != 0 {
		where, values = where+` AND owner_id = ?`, append(values, by.Owner)
	}
	if by.Assignee != 0 {
		// Who hides has no name in it, and is not found.
		where, values = where+` AND assignee_id = ? AND assignee_id <> 0 AND assignee_name <> ''`, append(values, by.Assignee)
	}
	if by.Priority != "" {
		where, values = where+` AND priority = ?`, append(values, by.Priority)
		if by.Priority != ticket.Normal && by.Owner == 0 && by.Assignee == 0 && by.VIN == "" { // in the words of the index
			where += ` AND priority <> 'normal'`
		}
	}
	switch {
	case by.VIN == "":
	case len(by.VIN) == ticket.TailLength:
		where, values = where+` AND `+ofTail, append(values, by.VIN)
	default:
		where, values = where+` AND `+ofVIN, append(values, tail(by.VIN), by.VIN)
	}
	return where, values
}

// condition is a part of a question, with its values.
type condition struct {
	where  string
	values []any
}

// kindsOf divides statuses by the index that finds them: the open ones are few,
// those without a report have their own, and done are most of the others.
func kindsOf(statuses []ticket.Status) []condition {
	var open []ticket.Status
	var kinds []condition
	for _, s := range statuses {
		switch {
		case s.Open():
			open = append(open, s)
		case s == ticket.Done:
			kinds = append(kinds, condition{`status = 'done'`, nil})
		default: // in the words of the index
			kinds = append(kinds, condition{`status = ? AND (status = 'rejected' OR status = 'cancelled')`, []any{s}})
		}
	}
	if len(open) > 0 {
		kinds = append(kinds, condition{openStatuses + ` AND status IN ?`, []any{open}})
	}
	return kinds
}
