package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/outbox"
)

var _ outbox.Shelf = outboxStore{}

// DeadEffects gives the effects that were set aside.
func (s *Store) DeadEffects() outbox.Shelf { return outboxStore{s} }

// asideKindRow counts what is set aside of a kind.
type asideKindRow struct {
	Kind  string
	Count int
	Since instant
}

// TableName names the table.
func (asideKindRow) TableName() string { return "outbox" }

func (r asideKindRow) domain() outbox.AsideKind {
	return outbox.AsideKind{Kind: r.Kind, Count: r.Count, Since: time.Time(r.Since)}
}

// AsideKinds counts what is set aside, by kind.
func (o outboxStore) AsideKinds(ctx context.Context) ([]outbox.AsideKind, error) {
	return all[asideKindRow](ctx, o.s.queries, "count the effects that were set aside", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT kind, count(*) AS count, min(finished_at) AS since FROM outbox
			WHERE state = 'dead' AND finished_at >= ? GROUP BY kind ORDER BY kind`, instant(beginning))
	})
}

// deadRow is a row of outbox that was set aside.
type deadRow struct {
	ID         int64
	Kind       string
	TicketID   int64
	Attempt    int
	RequestID  string
	CreatedAt  instant
	FinishedAt instant
	LastError  string
}

// TableName names the table.
func (deadRow) TableName() string { return "outbox" }

func (r deadRow) domain() outbox.Aside {
	return outbox.Aside{
		ID: r.ID, Kind: r.Kind, Ticket: r.TicketID, Attempt: r.Attempt, RequestID: r.RequestID,
		CreatedAt: time.Time(r.CreatedAt), AsideAt: time.Time(r.FinishedAt), Reason: r.LastError,
	}
}

// Asides lists what is set aside of a kind, or all, the last first.
func (o outboxStore) Asides(ctx context.Context, kind string, limit int) ([]outbox.Aside, error) {
	return all[deadRow](ctx, o.s.queries, "list the effects that were set aside", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT id, kind, ticket_id, attempt, request_id, created_at, finished_at, last_error FROM outbox
			WHERE state = 'dead' AND finished_at >= ? AND (? = '' OR kind = ?) ORDER BY finished_at DESC, id DESC LIMIT ?`,
			instant(beginning), kind, kind, limit)
	})
}

// PutBack has effects wait again that were set aside. They count as made now,
// since whoever carries them out has patience with what is new, and what is old
// and waits is a sign of trouble.
func (o outboxStore) PutBack(ctx context.Context, ids []int64) (n int, err error) {
	err = o.s.twinless(ctx, func(ctx context.Context, t *tx) error {
		n = 0
		for _, id := range ids {
			handled, err := t.putBack(ctx, id)
			if err != nil {
				return err
			}
			if handled {
				n++
			}
		}
		return nil
	})
	return n, err
}

// putBack has one wait again, or ends it where its twin waits, and reports
// whether there was such a one.
func (t *tx) putBack(ctx context.Context, id int64) (bool, error) {
	const doing = "put an effect back that was set aside"
	db, err := t.on(ctx)
	if err != nil {
		return false, err
	}
	var rows []headRow
	err = db.Raw(`UPDATE outbox SET state = 'waiting', last_error = '', finished_at = NULL, created_at = ?, run_at = ?
		WHERE id = ? AND state = 'dead' AND NOT (`+twinWaits+`) RETURNING `+headColumns,
		instant(t.now), instant(t.now), id).Scan(&rows).Error
	if err != nil {
		return false, t.fault(doing, err)
	}
	for _, r := range rows {
		t.left.heads = append(t.left.heads, r.domain())
		return true, nil
	}
	merged, err := t.exec(ctx, doing, `UPDATE outbox SET `+merged+` WHERE id = ? AND state = 'dead'`, instant(t.now), id)
	return merged == 1, err
}

// Drop removes effects that were set aside.
func (o outboxStore) Drop(ctx context.Context, ids []int64) (n int, err error) {
	err = o.s.do(ctx, func(ctx context.Context, t *tx) error {
		n = 0
		for _, id := range ids {
			dropped, err := t.exec(ctx, "drop an effect", `DELETE FROM outbox WHERE id = ? AND state = 'dead'`, id)
			if err != nil {
				return err
			}
			n += int(dropped)
		}
		return nil
	})
	return n, err
}
