package store

import (
	"slices"
	"time"

	"vinbot/internal/ticket"
)

// On a database that is far the tickets of a group are inserted together, too. What
// is said of a ticket names its number, so numbers are taken from the sequence before:
// where updates of several people share a transaction, as many as there are people.
// What is left of them serves the next tickets; after a second it serves none, so that
// nobody finds a ticket among those that another process opened long before. Such
// numbers are missing. Where people write one by one, as they mostly do, none is.

// numbersLife is how long a number that was taken may be used.
const numbersLife = time.Second

// numbers are of tickets that there are not yet, the least first.
type numbers struct {
	left  []int64
	until time.Time
}

// demanded is what somebody has a ticket for.
type demanded struct {
	owner int64
	vin   string
}

// numbering takes as many numbers as are missing for those whom a group's updates are
// from, and looks which tickets they have open: none of them needs a second for a VIN.
func (w *writer) numbering() (steps []step) {
	l := &w.late
	if !w.dialect.far() || len(l.from) < 2 {
		return nil
	}
	if missing := len(l.from) - len(w.unused()); missing > 0 {
		w.numbers = numbers{left: slices.Clone(w.numbers.left), until: w.clock().Add(numbersLife)}
		steps = append(steps, sqlf(`SELECT nextval(pg_get_serial_sequence('tickets', 'id')) FROM generate_series(1, CAST(? AS BIGINT))`, missing).
			reading("take numbers of tickets", func(scan func(into ...any) error) error {
				var number int64
				err := scan(&number)
				w.numbers.left = append(w.numbers.left, number)
				return err
			}))
	}
	l.open = make(map[demanded]struct{}, len(l.from))
	for ids := range portions(l.from) {
		in, values := within(ids)
		steps = append(steps, sqlf(`SELECT owner_id, vin FROM tickets WHERE owner_id`+in+` AND owner_id <> 0 AND `+openStatuses+` AND `+visible, values...).
			reading("find open tickets", func(scan func(into ...any) error) error {
				var d demanded
				err := scan(&d.owner, &d.vin)
				l.open[d] = struct{}{}
				return err
			}))
	}
	return steps
}

// unused are the numbers that may still be used.
func (w *writer) unused() []int64 {
	if w.clock().After(w.numbers.until) {
		w.numbers = numbers{}
	}
	return w.numbers.left
}

// use takes the number that a new ticket has got.
func (w *writer) use(number int64) {
	if len(w.numbers.left) > 0 && w.numbers.left[0] == number {
		w.numbers.left = w.numbers.left[1:]
	}
}

// insertLate has a new ticket inserted with others, where its number and what its owner
// has open are known; else it is not written. An error says that its owner has an open
// one for the VIN.
func (t *tx) insertLate(k *ticket.Ticket, values []any) (written bool, _ error) {
	l := t.later()
	if l == nil || l.open == nil || !k.Status.Open() || !slices.Contains(l.from, k.OwnerID) {
		return false, nil
	}
	d := demanded{k.OwnerID, k.VIN}
	if _, known := l.open[d]; known {
		return false, secondForVIN()
	}
	unused := t.writer.unused()
	if len(unused) == 0 {
		return false, nil
	}
	l.open[d] = struct{}{}
	k.ID = unused[0]
	t.writer.use(k.ID)
	l.ticketRows = append(append(l.ticketRows, values...), k.ID)
	return true, nil
}

// secondForVIN is why an owner gets no ticket.
func secondForVIN() error {
	return ticket.NewError(ticket.CodeConflict, "insert a ticket: its owner has an open one for the VIN", nil)
}
