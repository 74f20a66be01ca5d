package store

import (
	"context"
	"time"
)

// ForgetDead removes updates and effects that were set aside before a time:
// they keep what somebody wrote. It goes in steps, so that it holds up nobody.
func (s *Store) ForgetDead(ctx context.Context, before time.Time) (int, error) {
	updates, err := s.prune(ctx, "forget updates that were set aside", `DELETE FROM updates WHERE seq IN (
		SELECT seq FROM updates WHERE state = 'dead' AND handled_at < ? ORDER BY handled_at LIMIT ?)`, before)
	if err != nil {
		return updates, err
	}
	effects, err := s.prune(ctx, "forget effects that were set aside", `DELETE FROM outbox WHERE id IN (
		SELECT id FROM outbox WHERE state = 'dead' AND finished_at < ? ORDER BY finished_at LIMIT ?)`, before)
	return updates + effects, err
}

// peopleStep is how many people are looked at in one transaction.
const peopleStep = 200

// ForgetPeople looks at the next people after an id, and removes those who were
// not seen since a time and whose no ticket is, in the bin or not; what was done to
// them in the panel names them no more. It gives the last one that it looked at, 0
// when it looked at all, and how many are gone.
func (s *Store) ForgetPeople(ctx context.Context, before time.Time, after int64) (last int64, forgotten int, err error) {
	err = s.do(ctx, func(ctx context.Context, t *tx) error {
		ids, err := t.ids(ctx, "look at people", `SELECT id FROM users WHERE id > ? ORDER BY id LIMIT ?`, after, peopleStep)
		if err != nil || len(ids) == 0 {
			return err
		}
		const gone = `FROM users WHERE id > ? AND id <= ? AND last_seen < ?
			AND NOT EXISTS (SELECT 1 FROM tickets WHERE owner_id = users.id AND ` + visible + `)
			AND NOT EXISTS (SELECT 1 FROM tickets WHERE owner_id = users.id AND ` + inBin + `)`
		upTo := ids[len(ids)-1]
		_, err = t.exec(ctx, "forget to whom something was done", `UPDATE audit SET person_id = 0
			WHERE person_id <> 0 AND person_id > ? AND person_id <= ? AND person_id IN (SELECT id `+gone+`)`, after, upTo, after, upTo, instant(before))
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, "forget people", `DELETE `+gone, after, upTo, instant(before))
		if forgotten = int(n); len(ids) == peopleStep {
			last = ids[len(ids)-1]
		}
		if err != nil {
			return err
		}
		return t.cleanContacts(ctx, after, upTo)
	})
	if err != nil {
		return 0, 0, err
	}
	return last, forgotten, nil
}
