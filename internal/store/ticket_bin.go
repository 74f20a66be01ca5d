package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// DeletedTicket finds a ticket in the bin.
func (q queries) DeletedTicket(ctx context.Context, id int64) (ticket.Ticket, error) {
	return q.ticket(ctx, "find a deleted ticket", sqlf(`SELECT `+ticketColumns+` FROM tickets
		WHERE id = ? AND `+inBin, id))
}

// Bin lists the deleted tickets behind a place in that list, the last deleted
// first, limit at most.
func (q queries) Bin(ctx context.Context, after ticket.BinPlace, limit int) ([]ticket.Ticket, error) {
	if after.DeletedAt.IsZero() {
		after.DeletedAt = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	page, err := all[ticketRow](ctx, q, "list the bin", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets
			WHERE `+inBin+` AND (deleted_at, id) < (?, ?) ORDER BY deleted_at DESC, id DESC LIMIT `+pageOf(limit),
			instant(after.DeletedAt), after.ID)
	})
	return page[:min(len(page), limit)], err
}

// Delete puts a ticket into the bin, where no kept answer shows it any more, and reports whether this call did it.
func (t *tx) Delete(ctx context.Context, id int64) (bool, error) {
	if _, err := t.exec(ctx, "forget answers about a ticket", forgetAnswers, id); err != nil {
		return false, err
	}
	n, err := t.exec(ctx, "delete a ticket", `
		UPDATE tickets SET deleted_at = ?, version = version + 1 WHERE id = ? AND `+visible, instant(t.now), id)
	return n == 1, err
}

// Restore takes a ticket out of the bin, unless its owner has another open one
// for its VIN by now, and reports whether this call did it. Its deadlines are looked
// at at once: a time in the past says so.
func (t *tx) Restore(ctx context.Context, id int64) (bool, error) {
	n, err := t.exec(ctx, "restore a ticket", `
		UPDATE tickets SET deleted_at = NULL, version = version + 1,
			look_at = CASE WHEN status = 'new' OR status = 'taken' THEN opened_at END
		WHERE id = ? AND `+inBin+` AND NOT (`+openStatuses+` AND owner_id <> 0 AND EXISTS (
			SELECT 1 FROM tickets AS other WHERE other.owner_id = tickets.owner_id AND other.vin = tickets.vin AND other.owner_id <> 0
			AND (other.status = 'new' OR other.status = 'taken' OR other.status = 'delivering' OR other.status = 'undelivered')
			AND other.`+visible+`))`, id)
	return n == 1, err
}
