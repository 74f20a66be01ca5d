package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/outbox"
)

// deadKept is for how much longer than others a delivery is kept that was given
// up: until then it can be sent again by hand.
const deadKept = 23 * 24 * time.Hour

// deliveryQueue is the table of deliveries, as a relay takes it. Nothing in it
// merges.
type deliveryQueue struct{ s *Store }

var _ outbox.Store = deliveryQueue{}

// Waiting lists waiting deliveries after an id, by id, whenever they are due.
func (q deliveryQueue) Waiting(ctx context.Context, after int64, limit int) ([]outbox.Head, error) {
	db, err := q.s.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []deliveryRow
	err = db.Raw(`SELECT id, webhook_id, ticket_id, run_at FROM deliveries
		WHERE state = 'waiting' AND id > ? ORDER BY id LIMIT ?`, after, limit).Scan(&rows).Error
	return heads(rows), q.s.fault("list the waiting deliveries", err)
}

func heads(rows []deliveryRow) []outbox.Head {
	made := make([]outbox.Head, len(rows))
	for i, r := range rows {
		made[i] = r.head()
	}
	slices.SortFunc(made, func(a, b outbox.Head) int { return int(a.ID - b.ID) })
	return made
}

// Claim leases those that still wait, counts an attempt each, and gives them.
func (q deliveryQueue) Claim(ctx context.Context, ids []int64, lease time.Duration) (jobs []outbox.Job, err error) {
	err = q.s.do(ctx, func(ctx context.Context, t *tx) error {
		jobs = make([]outbox.Job, 0, len(ids))
		for from, to := range portions(len(ids)) {
			rows, err := t.deliveries(ctx, "claim deliveries", `UPDATE deliveries SET state = 'leased', attempt = attempt + 1, leased_until = ?
				WHERE state = 'waiting' AND id IN (`+repeated("?", to-from)+`) RETURNING `+deliveryColumns,
				append([]any{instant(t.now.Add(lease))}, anys(ids[from:to])...)...)
			if err != nil {
				return err
			}
			for _, r := range rows {
				jobs = append(jobs, r.job())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(jobs, func(a, b outbox.Job) int { return int(a.ID - b.ID) })
	return jobs, nil
}

// deliveries runs a statement that gives deliveries.
func (t *tx) deliveries(ctx context.Context, doing, statement string, args ...any) (rows []deliveryRow, err error) {
	db, err := t.on(ctx)
	if err != nil {
		return nil, err
	}
	return rows, t.fault(doing, db.Raw(statement, args...).Scan(&rows).Error)
}

// leased chooses a delivery while its lease is the attempt's.
const leased = `WHERE id = ? AND attempt = ? AND state = 'leased'`

// Renew prolongs a lease.
func (q deliveryQueue) Renew(ctx context.Context, id int64, attempt int, lease time.Duration) error {
	return q.s.do(ctx, func(ctx context.Context, t *tx) error {
		return t.fenced(ctx, "renew a lease", `UPDATE deliveries SET leased_until = ? `+leased, instant(t.now.Add(lease)), id, attempt)
	})
}

// Finish marks a delivery done and runs record in the same transaction.
func (q deliveryQueue) Finish(ctx context.Context, job outbox.Job, record func(ctx context.Context) error) error {
	return q.s.do(ctx, func(ctx context.Context, t *tx) error {
		err := t.fenced(ctx, "finish a delivery", `UPDATE deliveries SET state = 'done', last_error = '', leased_until = NULL, finished_at = ? `+leased,
			instant(t.now), job.ID, job.Attempt)
		return then(ctx, err, job, record)
	})
}

// FinishAll is Finish for several: each is sent alone, so there is but one.
func (q deliveryQueue) FinishAll(ctx context.Context, jobs []outbox.Job, record func(ctx context.Context) error) error {
	if len(jobs) != 1 {
		return errors.New("deliveries are not gathered")
	}
	return q.Finish(ctx, jobs[0], record)
}

// Bury marks a delivery dead with the reason and runs record in the same
// transaction.
func (q deliveryQueue) Bury(ctx context.Context, job outbox.Job, reason string, record func(ctx context.Context) error) error {
	return q.s.do(ctx, func(ctx context.Context, t *tx) error {
		err := t.fenced(ctx, "give a delivery up", `UPDATE deliveries SET state = 'dead', last_error = ?, leased_until = NULL, finished_at = ? `+leased,
			reason, instant(t.now), job.ID, job.Attempt)
		return then(ctx, err, job, record)
	})
}

// Retry puts a delivery back to wait until at.
func (q deliveryQueue) Retry(ctx context.Context, job outbox.Job, at time.Time, reason string) (bool, error) {
	err := q.s.do(ctx, func(ctx context.Context, t *tx) error {
		return t.fenced(ctx, "put a delivery back", `UPDATE deliveries SET state = 'waiting', last_error = ?, leased_until = NULL, run_at = ? `+leased,
			reason, instant(at), job.ID, job.Attempt)
	})
	return err == nil, err
}

// Reclaim puts deliveries back to wait whose lease ended before a time, and
// gives them.
func (q deliveryQueue) Reclaim(ctx context.Context, before time.Time) (back []outbox.Head, err error) {
	err = q.s.do(ctx, func(ctx context.Context, t *tx) error {
		rows, err := t.deliveries(ctx, "put expired deliveries back", `UPDATE deliveries SET state = 'waiting', leased_until = NULL
			WHERE state = 'leased' AND leased_until < ? RETURNING `+deliveryColumns, instant(before))
		back = heads(rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	return back, nil
}

// Prune forgets what was delivered before a time, with every try at it, and
// later what was given up. It goes in steps, so that it holds up nobody.
func (q deliveryQueue) Prune(ctx context.Context, before time.Time) (int, error) {
	done, err := q.s.prune(ctx, "forget deliveries", `DELETE FROM deliveries WHERE id IN (
		SELECT id FROM deliveries WHERE state = 'done' AND finished_at < ? ORDER BY finished_at LIMIT ?)`, before)
	if err != nil {
		return done, err
	}
	dead, err := q.s.prune(ctx, "forget deliveries that were given up", `DELETE FROM deliveries WHERE id IN (
		SELECT id FROM deliveries WHERE state = 'dead' AND finished_at < ? ORDER BY finished_at LIMIT ?)`, before.Add(-deadKept))
	return done + dead, err
}

// depthRow is what waits in all.
type depthRow struct {
	Waiting int
	Oldest  instant
}

func (r depthRow) domain() outbox.Depth {
	return outbox.Depth{Waiting: r.Waiting, Oldest: time.Time(r.Oldest)}
}

// Depths counts what waits. All of it is of one urgency.
func (q deliveryQueue) Depths(ctx context.Context) ([]outbox.Depth, error) {
	return all[depthRow](ctx, q.s.queries, "count the deliveries that wait", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT count(*) AS waiting, min(queued_at) AS oldest FROM deliveries WHERE state = 'waiting' AND id > 0`)
	})
}
