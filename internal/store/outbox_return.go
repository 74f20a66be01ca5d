package store

import (
	"context"
	"slices"
	"time"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// merged ends a row whose effect another that waits will have.
const merged = over + `, last_error = 'merged', finished_at = ?`

// waits puts a row back.
const waits = `state = 'waiting', leased_until = NULL`

// twinWaits chooses rows of outbox whose merge key waits in another.
const twinWaits = `merge_key <> '' AND EXISTS (SELECT 1 FROM outbox twin
	WHERE twin.kind = outbox.kind AND twin.merge_key = outbox.merge_key AND twin.merge_key <> '' AND twin.state = 'waiting')`

// twinTries is how often a row is put back while other processes put its twin
// in at the same instant.
const twinTries = 3

// twinless runs fn, which puts rows back that have no waiting twin, again where
// another process put one in after fn had looked.
func (s *Store) twinless(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	return s.do(ctx, func(ctx context.Context, t *tx) (err error) {
		for range twinTries {
			if err = t.apart(ctx, fn); ticket.CodeOf(err) != ticket.CodeConflict {
				return err
			}
		}
		return err
	})
}

// Retry puts a job back to wait until at; false where another row with its
// merge key waits by now.
func (o outboxStore) Retry(ctx context.Context, job outbox.Job, at time.Time, reason string) (bool, error) {
	const doing = "put an effect back"
	back := false
	err := o.s.twinless(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, doing, `UPDATE outbox SET `+waits+`, run_at = ?, last_error = ?
			WHERE id = ? AND attempt = ? AND state = 'leased' AND NOT (`+twinWaits+`)`,
			instant(at), reason, job.ID, job.Attempt)
		if back = n == 1; err != nil || back {
			return err
		}
		return t.fenced(ctx, doing, `UPDATE outbox SET `+merged+`
			WHERE id = ? AND attempt = ? AND state = 'leased'`, instant(t.now), job.ID, job.Attempt)
	})
	return back && err == nil, err
}

// Reclaim puts rows back to wait whose lease ended before a time, merging as
// Retry does, and gives them by id. Of several expired ones that share a merge
// key the newest stays.
func (o outboxStore) Reclaim(ctx context.Context, before time.Time) ([]outbox.Head, error) {
	const doing = "put expired effects back"
	var heads []outbox.Head
	err := o.s.twinless(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, doing, `UPDATE outbox SET `+merged+`
			WHERE state = 'leased' AND leased_until < ? AND (`+twinWaits+` OR merge_key <> '' AND EXISTS (
				SELECT 1 FROM outbox newer WHERE newer.state = 'leased' AND newer.leased_until < ?
				AND newer.kind = outbox.kind AND newer.merge_key = outbox.merge_key AND newer.id > outbox.id))`,
			instant(t.now), instant(before), instant(before))
		if err != nil {
			return err
		}
		db, err := t.on(ctx)
		if err != nil {
			return err
		}
		var rows []headRow
		err = db.Raw(`UPDATE outbox SET `+waits+`
			WHERE state = 'leased' AND leased_until < ? RETURNING `+headColumns, instant(before)).Scan(&rows).Error
		if err != nil {
			return t.fault(doing, err)
		}
		heads = domain[headRow, outbox.Head](rows)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(heads, func(a, b outbox.Head) int { return int(a.ID - b.ID) })
	return heads, nil
}

// Prune forgets what was done before a time. It goes in steps, so that it
// holds up nobody.
func (o outboxStore) Prune(ctx context.Context, before time.Time) (int, error) {
	return o.s.prune(ctx, "forget finished effects", `DELETE FROM outbox WHERE id IN (
		SELECT id FROM outbox WHERE state = 'done' AND finished_at < ? ORDER BY finished_at LIMIT ?)`, before)
}
