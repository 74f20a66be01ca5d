package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// queued chooses the tickets of the queue, in the words of the partial index.
const queued = `status = 'new' AND ` + visible

// Ahead counts the tickets of the queue that are worked off before one.
func (q queries) Ahead(ctx context.Context, t ticket.Ticket) (int, error) {
	counts := []string{`(SELECT count(*) FROM tickets WHERE ` + queued + `
		AND priority = ? AND (opened_at < ? OR (opened_at = ? AND id < ?)))`}
	values := []any{t.Priority, instant(t.OpenedAt), instant(t.OpenedAt), t.ID}
	for _, higher := range t.Priority.Higher() {
		counts = append(counts, `(SELECT count(*) FROM tickets WHERE `+queued+` AND priority = ?)`)
		values = append(values, higher)
	}
	var ahead int
	err := q.scan(ctx, "count the tickets ahead", statement{`SELECT ` + strings.Join(counts, ` + `), values}, &ahead)
	return ahead, err
}

// Demand tells how much an owner has asked for. Every VIN asks it.
func (q queries) Demand(ctx context.Context, owner int64, nth int) (ticket.Demand, error) {
	var found ticket.Demand
	var at instant
	err := q.scan(ctx, "count an owner's tickets", sqlf(`SELECT
		(SELECT count(*) FROM tickets WHERE owner_id = ? AND `+openStatuses+` AND `+visible+`),
		(SELECT opened_at FROM tickets WHERE owner_id = ? AND `+visible+` ORDER BY id DESC LIMIT 1 OFFSET ?)`,
		owner, owner, nth-1), &found.Open, &at)
	found.Nth = time.Time(at)
	return found, err
}

// DoneOf lists an owner's tickets that are done, newest first, a page of them,
// and counts all.
func (q queries) DoneOf(ctx context.Context, owner int64, offset, limit int) (page []ticket.Ticket, total int, err error) {
	const chosen = ` FROM tickets WHERE owner_id = ? AND ` + visible + ` AND status = 'done'`
	err = q.scan(ctx, "count an owner's done tickets", sqlf(`SELECT count(*)`+chosen, owner), &total)
	if err != nil {
		return nil, 0, err
	}
	page, err = all[ticketRow](ctx, q, "list an owner's done tickets", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+chosen+` ORDER BY id DESC LIMIT ? OFFSET ?`, owner, limit, offset)
	})
	return page, total, err
}

// DoneSince lists the tickets that were done last, newest first.
func (q queries) DoneSince(ctx context.Context, since time.Time, limit int) ([]ticket.Ticket, error) {
	return all[ticketRow](ctx, q, "list the tickets that were done last", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets WHERE status = 'done' AND `+visible+` AND closed_at >= ?
			ORDER BY closed_at DESC, id DESC LIMIT ?`, instant(since), limit)
	})
}
