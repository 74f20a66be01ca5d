package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// Queue lists the tickets that nobody has taken, as they are worked off, a page
// of them, and counts all, in one walk along the index: PostgreSQL takes longer
// to plan a statement for each priority than to count. For the page each
// priority is a walk.
func (q queries) Queue(ctx context.Context, offset, limit int) (page []ticket.Ticket, total int, err error) {
	// Every priority is as much as ''; it has SQLite count by the queue's index.
	err = q.scan(ctx, "count the queue", sqlf(`SELECT count(*) FROM tickets WHERE `+queued+` AND priority >= ''`), &total)
	if err != nil {
		return nil, 0, err
	}
	for _, p := range slices.Backward(ticket.Priorities()) {
		some, err := all[ticketRow](ctx, q, "list the queue", func(db *gorm.DB) *gorm.DB {
			return db.Raw(`SELECT `+ticketColumns+` FROM tickets WHERE `+queued+` AND priority = ?
				ORDER BY opened_at, id LIMIT ?`, p, offset+limit-len(page))
		})
		if err != nil {
			return nil, 0, err
		}
		if page = append(page, some...); len(page) == offset+limit {
			break
		}
	}
	return page[min(offset, len(page)):], total, nil
}

// InHand lists the open tickets that a manager has, the oldest first, limit at
// most.
func (q queries) InHand(ctx context.Context, manager int64, limit int) ([]ticket.Ticket, error) {
	return all[ticketRow](ctx, q, "list a manager's tickets", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets WHERE assignee_id = ? AND `+openStatuses+` AND `+visible+`
			ORDER BY id LIMIT ?`, manager, limit)
	})
}

// CountInHand counts the open tickets that a manager has.
func (q queries) CountInHand(ctx context.Context, manager int64) (total int, err error) {
	return total, q.scan(ctx, "count a manager's tickets", sqlf(`SELECT count(*) FROM tickets
		WHERE assignee_id = ? AND `+openStatuses+` AND `+visible, manager), &total)
}

// Find lists the tickets for a VIN, or for the last six characters of one,
// whatever became of them, the newest first, limit at most.
func (q queries) Find(ctx context.Context, vin string, limit int) ([]ticket.Ticket, error) {
	where, values := ofNumber(vin)
	return all[ticketRow](ctx, q, "find tickets by VIN", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets WHERE `+where+` AND `+visible+`
			ORDER BY id DESC LIMIT ?`, append(values, limit)...)
	})
}

// CountFound counts the tickets for a VIN, or for the last six characters of one.
func (q queries) CountFound(ctx context.Context, vin string) (total int, err error) {
	where, values := ofNumber(vin)
	return total, q.scan(ctx, "count tickets by VIN", sqlf(`SELECT count(*) FROM tickets WHERE `+where+` AND `+visible, values...), &total)
}

// ofNumber chooses the tickets for a VIN, or for the last characters of one.
func ofNumber(vin string) (where string, values []any) {
	if len(vin) > ticket.TailLength {
		return ofVIN, []any{tail(vin), vin}
	}
	return ofTail, []any{vin}
}

// The tickets for the last characters of a VIN, and for those and the whole of
// it, in the words of the index, which knows the last characters alone.
const (
	ofTail = `substr(vin, 12) = ? AND erased_at IS NULL`
	ofVIN  = ofTail + ` AND vin = ?`
)

// tail gives the last characters of a VIN.
func tail(vin string) string { return vin[max(0, len(vin)-ticket.TailLength):] }

// ByUsername finds the person whom others write behind an @, in any case of
// letters. Names change hands: it is the one who was seen with it last.
func (a accounts) ByUsername(ctx context.Context, username string) (account.User, error) {
	var r userRow
	err := a.s.scan(ctx, "find a person by username", sqlf(`SELECT `+userColumns+` FROM users
		WHERE lower(username) = ? AND username <> '' ORDER BY last_seen DESC LIMIT 1`, strings.ToLower(username)), r.columns()...)
	if err != nil {
		return account.User{}, err
	}
	return r.domain(), nil
}
