package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// headRow is what a waiting row of outbox is planned by.
type headRow struct {
	ID        int64
	Kind      string
	Lane      string
	ChatID    int64
	GatherKey string
	Urgency   int
	RunAt     instant
}

// headColumns are those of headRow.
const headColumns = `id, kind, lane, chat_id, gather_key, urgency, run_at`

// TableName names the table.
func (headRow) TableName() string { return "outbox" }

func (r headRow) domain() outbox.Head {
	return outbox.Head{
		ID: r.ID, Kind: r.Kind, Lane: r.Lane, Chat: r.ChatID, Gather: r.GatherKey, Urgency: r.Urgency,
		RunAt: time.Time(r.RunAt),
	}
}

// outboxStore keeps the effects.
type outboxStore struct{ s *Store }

var _ outbox.Store = outboxStore{}

// Waiting lists waiting rows after an id, by id, whatever their RunAt.
func (o outboxStore) Waiting(ctx context.Context, after int64, limit int) ([]outbox.Head, error) {
	return all[headRow](ctx, o.s.queries, "list the waiting effects", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+headColumns+` FROM outbox
			WHERE state = 'waiting' AND id > ? ORDER BY id LIMIT ?`, after, limit)
	})
}

// Claim leases those of the rows that still wait, and gives them by id.
func (o outboxStore) Claim(ctx context.Context, ids []int64, lease time.Duration) ([]outbox.Job, error) {
	var jobs []outbox.Job
	err := o.s.stepwise(ctx, func(now time.Time) (steps []step) {
		jobs = make([]outbox.Job, 0, len(ids))
		for some := range portions(ids) {
			in, values := within(some)
			steps = append(steps, sqlf(`UPDATE outbox SET state = 'leased', attempt = attempt + 1, leased_until = ?
				WHERE `+checked(`state = 'waiting'`)+` AND id`+in+` RETURNING `+headColumns+`, payload, attempt, request_id, ticket_id, created_at`,
				append([]any{instant(now.Add(lease))}, values...)...).
				reading("claim effects", func(scan func(into ...any) error) error {
					var j outbox.Job
					err := scan(&j.ID, &j.Kind, &j.Lane, &j.Chat, &j.Gather, &j.Urgency, (*instant)(&j.RunAt),
						&j.Payload, &j.Attempt, &j.RequestID, &j.TicketID, (*instant)(&j.CreatedAt))
					jobs = append(jobs, j)
					return err
				}))
		}
		return steps
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(jobs, func(a, b outbox.Job) int { return int(a.ID - b.ID) })
	return jobs, nil
}

// Renew prolongs a lease.
func (o outboxStore) Renew(ctx context.Context, id int64, attempt int, lease time.Duration) error {
	return o.s.again(ctx, func(ctx context.Context, t *tx) error {
		return t.fenced(ctx, "renew a lease", `UPDATE outbox SET leased_until = ?
			WHERE id = ? AND attempt = ? AND state = 'leased'`, instant(t.now.Add(lease)), id, attempt)
	})
}

// Finish marks a job done, erases its payload and runs record in the same
// transaction, with the job's request id in its context.
func (o outboxStore) Finish(ctx context.Context, job outbox.Job, record func(ctx context.Context) error) error {
	return o.s.marked(ctx, markOf(job), outbox.ErrLost, func(ctx context.Context, _ *tx) error {
		return then(ctx, nil, job, record)
	})
}

// FinishAll is Finish for jobs that were carried out as one. Those whose lease
// is lost are left out; it is [outbox.ErrLost] where that is all of them.
func (o outboxStore) FinishAll(ctx context.Context, jobs []outbox.Job, record func(ctx context.Context) error) error {
	return o.s.again(ctx, func(ctx context.Context, t *tx) error {
		finished := int64(0)
		for _, job := range jobs {
			n, err := t.mark(ctx, markOf(job))
			if err != nil {
				return err
			}
			finished += n
		}
		if finished == 0 {
			return outbox.ErrLost
		}
		return then(ctx, nil, jobs[0], record)
	})
}

// Bury marks a job dead with the reason and runs record in the same
// transaction, with the job's request id in its context.
func (o outboxStore) Bury(ctx context.Context, job outbox.Job, reason string, record func(ctx context.Context) error) error {
	return o.s.again(ctx, func(ctx context.Context, t *tx) error {
		err := t.fenced(ctx, "bury an effect", `UPDATE outbox SET
				state = 'dead', last_error = ?, leased_until = NULL, finished_at = ?
			WHERE id = ? AND attempt = ? AND state = 'leased'`, reason, instant(t.now), job.ID, job.Attempt)
		return then(ctx, err, job, record)
	})
}

// then records what became of a job that could be marked.
func then(ctx context.Context, err error, job outbox.Job, record func(ctx context.Context) error) error {
	if err != nil || record == nil {
		return err
	}
	return record(ticket.WithRequestID(ctx, job.RequestID))
}

// fenced runs a statement that touches the row only while its lease is this
// attempt's.
func (t *tx) fenced(ctx context.Context, doing, statement string, args ...any) error {
	n, err := t.exec(ctx, doing, statement, args...)
	if err == nil && n == 0 {
		return outbox.ErrLost
	}
	return err
}

// Depths counts what waits, by urgency and kind.
func (o outboxStore) Depths(ctx context.Context) ([]outbox.Depth, error) {
	const doing = "count the waiting effects"
	db, err := o.s.on(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := db.Raw(`SELECT urgency, kind, count(*),
			min(CASE WHEN attempt > 0 THEN created_at ELSE run_at END) FROM outbox
		WHERE state = 'waiting' AND id > 0 GROUP BY urgency, kind ORDER BY urgency, kind`).Rows()
	if err != nil {
		return nil, o.s.fault(doing, err)
	}
	defer rows.Close()
	now := o.s.writer.clock()
	var depths []outbox.Depth
	for rows.Next() {
		var d outbox.Depth
		if err := rows.Scan(&d.Urgency, &d.Kind, &d.Waiting, (*instant)(&d.Oldest)); err != nil {
			return nil, o.s.fault(doing, err)
		}
		if d.Oldest.After(now) {
			d.Oldest = time.Time{}
		}
		depths = append(depths, d)
	}
	return depths, o.s.fault(doing, rows.Err())
}
