package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/outbox"
)

// Queue names a queue beside the outbox.
type Queue string

// The queues.
const (
	Deliveries Queue = "deliveries" // to webhooks
	CRMJobs    Queue = "crm"        // what is to be told to the CRM
)

// deadKept is for how much longer than others a row is kept that was given up:
// until then it can be carried out by hand.
const deadKept = 23 * 24 * time.Hour

// workRow is a row of any queue: what a queue lacks is zero.
type workRow struct {
	ID        int64
	TicketID  *int64
	WebhookID int64  // of a delivery
	What      string // of a job for the CRM, as the next
	Subject   int64
	RequestID string
	Attempt   int
	CreatedAt instant
	RunAt     instant
}

// ticket is the row's; 0 for none.
func (r workRow) ticket() int64 {
	if r.TicketID == nil {
		return 0
	}
	return *r.TicketID
}

// workQueue is a table of rows with a state, as a relay takes it. Nothing in it
// merges.
type workQueue struct {
	s     *Store
	table string
	// plan are the columns that a head is made of, which of what waits are in an
	// index, and head makes it.
	plan string
	head func(workRow) outbox.Head
	// since is when a row that waits could have been carried out first.
	since string
}

var _ outbox.Store = workQueue{}

// columns are those of a whole row.
func (q workQueue) columns() string { return q.plan + `, request_id, attempt, created_at` }

// Waiting lists waiting rows after an id, by id, whenever they are due.
func (q workQueue) Waiting(ctx context.Context, after int64, limit int) ([]outbox.Head, error) {
	db, err := q.s.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []workRow
	err = db.Raw(`SELECT `+q.plan+` FROM `+q.table+`
		WHERE state = 'waiting' AND id > ? ORDER BY id LIMIT ?`, after, limit).Scan(&rows).Error
	return q.heads(rows), q.s.fault("list what waits in "+q.table, err)
}

func (q workQueue) heads(rows []workRow) []outbox.Head {
	made := make([]outbox.Head, len(rows))
	for i, r := range rows {
		made[i] = q.head(r)
	}
	slices.SortFunc(made, func(a, b outbox.Head) int { return int(a.ID - b.ID) })
	return made
}

// Claim leases those that still wait, counts an attempt each, and gives them.
func (q workQueue) Claim(ctx context.Context, ids []int64, lease time.Duration) (jobs []outbox.Job, err error) {
	err = q.s.do(ctx, func(ctx context.Context, t *tx) error {
		jobs = make([]outbox.Job, 0, len(ids))
		for some := range portions(ids) {
			in, values := within(some)
			rows, err := q.change(ctx, t, "claim", `UPDATE `+q.table+` SET state = 'leased', attempt = attempt + 1, leased_until = ?
				WHERE state = 'waiting' AND id`+in+` RETURNING `+q.columns(),
				append([]any{instant(t.now.Add(lease))}, values...)...)
			if err != nil {
				return err
			}
			for _, r := range rows {
				jobs = append(jobs, outbox.Job{
					Head: q.head(r), Attempt: r.Attempt, RequestID: r.RequestID, TicketID: r.ticket(), CreatedAt: time.Time(r.CreatedAt),
				})
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

// change runs a statement that gives the rows that it changed.
func (q workQueue) change(ctx context.Context, t *tx, doing, statement string, args ...any) (rows []workRow, err error) {
	db, err := t.on(ctx)
	if err != nil {
		return nil, err
	}
	return rows, t.fault(doing+" rows of "+q.table, db.Raw(statement, args...).Scan(&rows).Error)
}

// leased chooses a row while its lease is the attempt's.
const leased = `WHERE id = ? AND attempt = ? AND state = 'leased'`

// Renew prolongs a lease.
func (q workQueue) Renew(ctx context.Context, id int64, attempt int, lease time.Duration) error {
	return q.s.do(ctx, func(ctx context.Context, t *tx) error {
		return t.fenced(ctx, "renew a lease", `UPDATE `+q.table+` SET leased_until = ? `+leased, instant(t.now.Add(lease)), id, attempt)
	})
}

// Finish marks a row done and runs record in the same transaction.
func (q workQueue) Finish(ctx context.Context, job outbox.Job, record func(ctx context.Context) error) error {
	return q.s.do(ctx, func(ctx context.Context, t *tx) error {
		err := t.fenced(ctx, "finish a row of "+q.table,
			`UPDATE `+q.table+` SET state = 'done', last_error = '', leased_until = NULL, finished_at = ? `+leased,
			instant(t.now), job.ID, job.Attempt)
		return then(ctx, err, job, record)
	})
}

// FinishAll is Finish for several: each is carried out alone, so there is but
// one.
func (q workQueue) FinishAll(ctx context.Context, jobs []outbox.Job, record func(ctx context.Context) error) error {
	if len(jobs) != 1 {
		return errors.New("rows of " + q.table + " are not gathered")
	}
	return q.Finish(ctx, jobs[0], record)
}

// Bury marks a row dead with the reason and runs record in the same
// transaction.
func (q workQueue) Bury(ctx context.Context, job outbox.Job, reason string, record func(ctx context.Context) error) error {
	return q.s.do(ctx, func(ctx context.Context, t *tx) error {
		err := t.fenced(ctx, "give a row of "+q.table+" up",
			`UPDATE `+q.table+` SET state = 'dead', last_error = ?, leased_until = NULL, finished_at = ? `+leased,
			reason, instant(t.now), job.ID, job.Attempt)
		return then(ctx, err, job, record)
	})
}

// Retry puts a row back to wait until at.
func (q workQueue) Retry(ctx context.Context, job outbox.Job, at time.Time, reason string) (bool, error) {
	err := q.s.do(ctx, func(ctx context.Context, t *tx) error {
		return t.fenced(ctx, "put a row of "+q.table+" back",
			`UPDATE `+q.table+` SET state = 'waiting', last_error = ?, leased_until = NULL, run_at = ? `+leased,
			reason, instant(at), job.ID, job.Attempt)
	})
	return err == nil, err
}

// Reclaim puts rows back to wait whose lease ended before a time, and gives
// them.
func (q workQueue) Reclaim(ctx context.Context, before time.Time) (back []outbox.Head, err error) {
	err = q.s.do(ctx, func(ctx context.Context, t *tx) error {
		rows, err := q.change(ctx, t, "put back", `UPDATE `+q.table+` SET state = 'waiting', leased_until = NULL
			WHERE state = 'leased' AND leased_until < ? RETURNING `+q.columns(), instant(before))
		back = q.heads(rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	return back, nil
}

// Prune forgets what was done before a time, and later what was given up. It
// goes in steps, so that it holds up nobody.
func (q workQueue) Prune(ctx context.Context, before time.Time) (int, error) {
	done, err := q.s.prune(ctx, "forget rows of "+q.table, `DELETE FROM `+q.table+` WHERE id IN (
		SELECT id FROM `+q.table+` WHERE state = 'done' AND finished_at < ? ORDER BY finished_at LIMIT ?)`, before)
	if err != nil {
		return done, err
	}
	dead, err := q.s.prune(ctx, "forget rows of "+q.table+" that were given up", `DELETE FROM `+q.table+` WHERE id IN (
		SELECT id FROM `+q.table+` WHERE state = 'dead' AND finished_at < ? ORDER BY finished_at LIMIT ?)`, before.Add(-deadKept))
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
func (q workQueue) Depths(ctx context.Context) ([]outbox.Depth, error) {
	return all[depthRow](ctx, q.s.queries, "count what waits in "+q.table, func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT count(*) AS waiting, min(` + q.since + `) AS oldest FROM ` + q.table + ` WHERE state = 'waiting' AND id > 0`)
	})
}
