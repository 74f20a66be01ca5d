package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/outbox"
)

// crmShelf gives the jobs for the CRM that were given up. Their kinds are those
// that the jobs are about, behind a prefix.
type crmShelf struct{ s *Store }

var _ outbox.Shelf = crmShelf{}

// crmPrefix is what the kinds of jobs for the CRM begin with.
const crmPrefix = "crm."

// DeadCRMJobs gives the jobs for the CRM that were given up.
func (s *Store) DeadCRMJobs() outbox.Shelf { return crmShelf{s} }

// AsideKinds counts them, by kind.
func (c crmShelf) AsideKinds(ctx context.Context) ([]outbox.AsideKind, error) {
	return all[asideKindRow](ctx, c.s.queries, "count the CRM's jobs that were given up", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT '`+crmPrefix+`' || what AS kind, count(*) AS count, min(finished_at) AS since FROM crm_jobs
			WHERE state = 'dead' AND finished_at >= ? GROUP BY what ORDER BY what`, instant(beginning))
	})
}

// deadCRMRow is a row of crm_jobs that was given up.
type deadCRMRow struct {
	ID         int64
	What       string
	TicketID   *int64
	Attempt    int
	RequestID  string
	CreatedAt  instant
	FinishedAt instant
	LastError  string
}

// TableName names the table.
func (deadCRMRow) TableName() string { return "crm_jobs" }

func (r deadCRMRow) domain() outbox.Aside {
	a := outbox.Aside{
		ID: r.ID, Kind: crmPrefix + r.What, Attempt: r.Attempt, RequestID: r.RequestID,
		CreatedAt: time.Time(r.CreatedAt), AsideAt: time.Time(r.FinishedAt), Reason: r.LastError,
	}
	if r.TicketID != nil {
		a.Ticket = *r.TicketID
	}
	return a
}

// Asides lists those of a kind, or all, the last given up first.
func (c crmShelf) Asides(ctx context.Context, kind string, limit int) ([]outbox.Aside, error) {
	what := strings.TrimPrefix(kind, crmPrefix)
	return all[deadCRMRow](ctx, c.s.queries, "list the CRM's jobs that were given up", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT id, what, ticket_id, attempt, request_id, created_at, finished_at, last_error FROM crm_jobs
			WHERE state = 'dead' AND finished_at >= ? AND (? = '' OR what = ?) ORDER BY finished_at DESC, id DESC LIMIT ?`,
			instant(beginning), what, what, limit)
	})
}

// PutBack has jobs wait again that were given up. They count as made now, since
// one is given up for its age; that it was tried before stays known. A ticket of
// which a job waits already needs no other.
func (c crmShelf) PutBack(ctx context.Context, ids []int64) (n int, err error) {
	err = c.s.do(ctx, func(ctx context.Context, t *tx) error {
		n = 0
		for _, id := range ids {
			handled, err := t.putCRMBack(ctx, id)
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

// putCRMBack has one wait again, or ends it where its ticket's waits, and reports
// whether there was such a one.
func (t *tx) putCRMBack(ctx context.Context, id int64) (bool, error) {
	const doing = "put a job of the CRM back that was given up"
	db, err := t.on(ctx)
	if err != nil {
		return false, err
	}
	var rows []workRow
	err = db.Raw(`UPDATE crm_jobs SET state = 'waiting', last_error = '', finished_at = NULL, created_at = ?, run_at = ?
		WHERE id = ? AND state = 'dead' AND NOT EXISTS (
			SELECT 1 FROM crm_jobs AS other WHERE other.ticket_id = crm_jobs.ticket_id AND other.state = 'waiting')
		RETURNING `+crmJobPlan, instant(t.now), instant(t.now), id).Scan(&rows).Error
	if err != nil {
		return false, t.fault(doing, err)
	}
	for _, r := range rows {
		t.left.queue(CRMJobs, crmHead(r))
		return true, nil
	}
	merged, err := t.exec(ctx, doing, `UPDATE crm_jobs SET state = 'done', last_error = 'merged', finished_at = ? WHERE id = ? AND state = 'dead'`,
		instant(t.now), id)
	return merged == 1, err
}

// Drop removes jobs that were given up.
func (c crmShelf) Drop(ctx context.Context, ids []int64) (n int, err error) {
	err = c.s.do(ctx, func(ctx context.Context, t *tx) error {
		n = 0
		for _, id := range ids {
			dropped, err := t.exec(ctx, "drop a job of the CRM", `DELETE FROM crm_jobs WHERE id = ? AND state = 'dead'`, id)
			if err != nil {
				return err
			}
			n += int(dropped)
		}
		return nil
	})
	return n, err
}
