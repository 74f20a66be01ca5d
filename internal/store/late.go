package store

import (
	"context"
	"fmt"

	"vinbot/internal/outbox"
)

// The units of a group are alike: most of them note that something is done, and
// write lines of history, effects and cards. What a database takes for a statement
// it takes for each, PostgreSQL a tenth of a millisecond with the way there and
// back. So a group whose units may run again notes for all of them at its beginning
// that these things are done (marks.go), asks then what each would ask (ahead.go), and
// writes the rows that nobody reads before the commit together at its end.
//
// Nothing of that shows: before any statement that might touch such a row, or change
// what is known ahead, all that is late is written, and that forgotten. Those that
// cannot are the few that each VIN needs, and say that they are blind to it. Should a
// late row be refused the group is undone, and each of its units runs alone, and meets
// the refusal itself.

// insertion is an INSERT that several rows may share.
type insertion struct {
	doing string
	into  string // the statement up to its rows
	width int    // values of a row
	then  string // what follows the rows
}

// text is the statement for n rows.
func (r insertion) text(n int) string {
	return r.into + ` VALUES ` + repeated("("+repeated("?", r.width)+")", n) + r.then
}

// newPeople leaves the indexes of names alone, which seldom change.
func newPeople() insertion {
	return insertion{
		doing: "note a person",
		into:  `INSERT INTO users (id, name, username, language, first_seen, last_seen, folded, last_word)`,
		width: 8,
		then: ` ON CONFLICT (id) DO UPDATE SET
			name = excluded.name, username = excluded.username, last_seen = excluded.last_seen,
			language = CASE WHEN users.language_chosen OR excluded.language = '' THEN users.language ELSE excluded.language END`,
	}
}

func newUpdates() insertion {
	return insertion{
		doing: "store the updates",
		into:  `INSERT INTO updates (bot_id, update_id, body, request_id, received_at)`,
		width: 5,
		then:  ` ON CONFLICT DO NOTHING`,
	}
}

func newTickets() insertion {
	return insertion{doing: "insert a ticket", into: `INSERT INTO tickets (` + newTicketColumns + `, id)`, width: 22}
}

func newEvents() insertion {
	return insertion{
		doing: "add an event",
		into:  `INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)`,
		width: 9,
	}
}

func newCards(known string) insertion {
	return insertion{
		doing: "add a card",
		into:  `INSERT INTO cards (chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at)`,
		width: 7,
		then: ` ON CONFLICT ` + known + ` DO UPDATE SET
			ticket_id = excluded.ticket_id, kind = excluded.kind, rendered = excluded.rendered`,
	}
}

// What a card is known by, and one of a digest.
const (
	byMessage          = `(chat_id, message_id) WHERE kind <> 'digest'`
	byMessageAndTicket = `(chat_id, message_id, ticket_id)`
)

func newEffects() insertion {
	return insertion{
		doing: "enqueue an effect",
		into: `INSERT INTO outbox (kind, lane, chat_id, gather_key, urgency, merge_key, payload, ticket_id, request_id,
			created_at, run_at)`,
		width: 11,
		then:  ` ON CONFLICT DO NOTHING`,
	}
}

// late is what a group has not written yet. What it knows ahead is true until then.
type late struct {
	ahead

	// The values of rows, one behind the other.
	personRows, ticketRows, eventRows, cardRows, effectRows []any

	allowed   bool          // the group's units may all run again
	committed bool          // there was nothing to it but its beginning
	waiting   []outbox.Head // of the effects, but for their ids
	heads     []outbox.Head // of those that are written
	numbers   numbers       // of tickets, as they are again when the group is undone
}

// none reports whether all is written.
func (l *late) none() bool {
	return len(l.personRows)+len(l.ticketRows)+len(l.eventRows)+len(l.cardRows)+len(l.effectRows) == 0
}

// steps are what writes what is late, and forgets what is known ahead: whatever
// follows may read the one, and change the other.
func (l *late) steps(d dialect) []step {
	l.ahead = ahead{}
	if l.none() {
		return nil
	}
	steps := newPeople().all(l.personRows)
	steps = append(steps, newTickets().all(l.ticketRows)...)
	steps = append(steps, newEvents().all(l.eventRows)...)
	steps = append(steps, newCards(byMessage).all(l.cardRows)...)
	steps = append(steps, l.enqueue(d)...)
	l.personRows, l.ticketRows, l.eventRows, l.cardRows, l.effectRows, l.waiting = nil, nil, nil, nil, nil, nil
	return steps
}

// all inserts rows whose values stand one behind the other.
func (r insertion) all(values []any) (steps []step) {
	for from, to := range runs(len(values) / r.width) {
		steps = append(steps, sqlf(r.text(to-from), values[from*r.width:to*r.width]...).step(r.doing))
	}
	return steps
}

// enqueue inserts the effects and notes their heads. Rows of one statement get their
// ids in their order.
func (l *late) enqueue(d dialect) (steps []step) {
	rows := newEffects()
	for from, to := range runs(len(l.waiting)) {
		heads := l.waiting[from:to]
		text, values := rows.text(to-from), l.effectRows[from*rows.width:to*rows.width]
		if !d.returns() {
			next := sqlf(text, values...).step(rows.doing)
			next.ended = func(touched, last int64) error { // nobody else writes meanwhile
				for i, head := range heads {
					head.ID = last - int64(len(heads)-1-i)
					l.heads = append(l.heads, head)
				}
				return missing(touched, heads)
			}
			steps = append(steps, next)
			continue
		}
		n := 0
		next := sqlf(text+` RETURNING id`, values...).reading(rows.doing, func(scan func(into ...any) error) error {
			head := heads[n]
			n++
			err := scan(&head.ID)
			l.heads = append(l.heads, head)
			return err
		})
		next.ended = func(touched, _ int64) error { return missing(touched, heads) }
		steps = append(steps, next)
	}
	return steps
}

// insertOne inserts one row at once.
func (t *tx) insertOne(ctx context.Context, r insertion, values []any) error {
	_, err := t.exec(ctx, r.doing, r.text(1), values...)
	return err
}

// missing is an error where not all rows were inserted.
func missing(inserted int64, of []outbox.Head) error {
	if inserted != int64(len(of)) {
		return fmt.Errorf("%d rows of %d were inserted", inserted, len(of))
	}
	return nil
}

// catchUp writes what is late.
func (w *writer) catchUp() error { return w.session.together(w.late.steps(w.dialect)) }
