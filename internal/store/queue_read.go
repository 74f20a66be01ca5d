package store

import (
	"context"
	"strconv"
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
	err := q.scan(ctx, "count the tickets ahead", sqlf(`SELECT `+strings.Join(counts, ` + `), values...), &ahead)
	return ahead, err
}

// Demand tells how much an owner has asked for. Every VIN asks it.
func (q queries) Demand(ctx context.Context, owner int64, nth int) (ticket.Demand, error) {
	return q.demandedBy(ctx, sqlf(`SELECT `+demandOf("?", nth), owner, owner))
}

func (q queries) demandedBy(ctx context.Context, s statement) (d ticket.Demand, err error) {
	var at instant
	err = q.scan(ctx, "count an owner's tickets", s, &d.Open, &at)
	d.Nth = time.Time(at)
	return d, err
}

// Demand is that of queries, of what the group has learned where it has.
func (t *tx) Demand(ctx context.Context, owner int64, nth int) (ticket.Demand, error) {
	if d, known := t.demand(owner, nth); known {
		return d, nil
	}
	return t.demandedBy(ctx, t.ofTickets(`SELECT `+demandOf("?", nth), owner, owner))
}

// demandOf are the columns of somebody's demand. That the owner is not 0 has
// PostgreSQL find their open tickets by the index that is theirs, and not read those
// of everybody, while it does not know yet how many there are. Which ticket is meant is
// in the text, since it is a setting: PostgreSQL would plan anew each time otherwise.
func demandOf(owner string, nth int) string {
	return `
		(SELECT count(*) FROM tickets WHERE owner_id = ` + owner + ` AND owner_id <> 0 AND ` + openStatuses + ` AND ` + visible + `),
		(SELECT opened_at FROM tickets WHERE owner_id = ` + owner + ` AND ` + visible + ` ORDER BY id DESC LIMIT 1 OFFSET ` + strconv.Itoa(nth-1) + `)`
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
