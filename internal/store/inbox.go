package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/inbox"
	"vinbot/internal/ticket"
)

// updateRow is a row of updates.
type updateRow struct {
	Seq        int64
	UpdateID   int64
	Body       []byte
	Attempt    int
	RequestID  string
	ReceivedAt instant
}

// TableName names the table.
func (updateRow) TableName() string { return "updates" }

func (r updateRow) domain() inbox.Update {
	return inbox.Update{
		Seq:        r.Seq,
		ID:         r.UpdateID,
		Body:       r.Body,
		Attempt:    r.Attempt,
		RequestID:  r.RequestID,
		ReceivedAt: time.Time(r.ReceivedAt),
	}
}

// inboxStore keeps the updates of one bot.
type inboxStore struct {
	s   *Store
	bot int64
}

var _ inbox.Store = inboxStore{}

// Append stores a batch, leaving out what it has, and reports how many were new.
func (b inboxStore) Append(ctx context.Context, batch []inbox.Raw) (int, error) {
	ids, err := requestIDs(len(batch))
	if err != nil {
		return 0, err
	}
	total := 0
	err = b.s.stepwise(ctx, func(now time.Time) []step {
		total = 0
		rows := newUpdates()
		values := make([]any, 0, rows.width*len(batch))
		for i, u := range batch {
			values = append(values, b.bot, u.ID, u.Body, ids[i], instant(now))
		}
		steps := rows.all(values)
		for i := range steps {
			steps[i].ended = func(inserted, _ int64) error {
				total += int(inserted)
				return nil
			}
		}
		return steps
	})
	if err != nil {
		return 0, err
	}
	return total, nil
}

// Pending lists the waiting updates after a sequence number, in order.
func (b inboxStore) Pending(ctx context.Context, after int64, limit int) ([]inbox.Update, error) {
	const doing = "list the waiting updates"
	l, ctx, err := b.s.by(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := l.list(ctx, `SELECT seq, update_id, body, attempt, request_id, received_at FROM updates
		WHERE bot_id = ? AND state = 'waiting' AND seq > ? ORDER BY seq LIMIT ?`, []any{b.bot, after, limit})
	if err != nil {
		return nil, b.s.fault(doing, err)
	}
	defer rows.Close()
	found := []inbox.Update{}
	for rows.Next() {
		var u inbox.Update
		if err := rows.Scan(&u.Seq, &u.ID, &u.Body, &u.Attempt, &u.RequestID, (*instant)(&u.ReceivedAt)); err != nil {
			return nil, b.s.fault(doing, err)
		}
		found = append(found, u)
	}
	return found, b.s.fault(doing, rows.Err())
}

// Claim counts an attempt for each of the updates.
func (b inboxStore) Claim(ctx context.Context, seqs []int64) error {
	return b.countAttempts(ctx, "count an attempt", `attempt + 1`, seqs)
}

// Unclaim takes an attempt back.
func (b inboxStore) Unclaim(ctx context.Context, seqs []int64) error {
	return b.countAttempts(ctx, "take an attempt back", `CASE attempt WHEN 0 THEN 0 ELSE attempt - 1 END`, seqs)
}

func (b inboxStore) countAttempts(ctx context.Context, doing, attempt string, seqs []int64) error {
	return b.s.stepwise(ctx, func(time.Time) (steps []step) {
		for some := range portions(seqs) {
			in, values := within(some)
			steps = append(steps, sqlf(`UPDATE updates SET attempt = `+attempt+` WHERE `+checked(`state = 'waiting'`)+` AND seq`+in, values...).step(doing))
		}
		return steps
	})
}

// Consume runs fn in one transaction that also marks the update handled and
// erases its body. Whom it is from is looked up ahead. An update that no longer waits is left alone: it was handled before, though
// the answer may have been lost.
func (b inboxStore) Consume(ctx context.Context, seq, from int64, fn func(ctx context.Context) error) error {
	return b.s.marked(ctx, mark{update: seq, from: from}, nil, func(ctx context.Context, _ *tx) error {
		if fn == nil {
			return nil
		}
		return fn(ctx)
	})
}

// SetAside marks the update dead, with the reason, keeping its body, and runs
// fn in the same transaction.
func (b inboxStore) SetAside(ctx context.Context, seq int64, reason string, fn func(ctx context.Context) error) error {
	return b.s.again(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, "set an update aside", `UPDATE updates SET state = 'dead', last_error = ?, handled_at = ?
			WHERE seq = ? AND state = 'waiting'`, reason, instant(t.now), seq)
		if err != nil || n == 0 || fn == nil {
			return err
		}
		return fn(ctx)
	})
}

// Prune forgets what was handled before a time, whichever bot's it was. It
// goes in steps, so that it holds up nobody.
func (b inboxStore) Prune(ctx context.Context, before time.Time) (int, error) {
	return b.s.prune(ctx, "forget handled updates", `DELETE FROM updates WHERE seq IN (
		SELECT seq FROM updates WHERE state = 'done' AND handled_at < ? ORDER BY handled_at LIMIT ?)`, before)
}

// Oldest gives the arrival of the oldest waiting update; false if none waits.
func (b inboxStore) Oldest(ctx context.Context) (time.Time, bool, error) {
	u, err := one[updateRow](ctx, b.s.queries, "find the oldest update", func(db *gorm.DB) *gorm.DB {
		return db.Select("received_at").Where("bot_id = ? AND state = 'waiting'", b.bot).Order("seq")
	})
	if ticket.IsNotFound(err) {
		return time.Time{}, false, nil
	}
	return u.ReceivedAt, err == nil, err
}

// requestIDs makes ids of 16 hexadecimal characters.
func requestIDs(n int) ([]string, error) {
	const size = 8
	random := make([]byte, size*n)
	if _, err := rand.Read(random); err != nil {
		return nil, errors.Join(errors.New("make request ids"), fmt.Errorf("read random bytes: %w", err))
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = hex.EncodeToString(random[size*i : size*(i+1)])
	}
	return ids, nil
}
