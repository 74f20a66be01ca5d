package store

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// Updates is the queue of incoming updates, for those who are told that some of
// it wait again.
const Updates Queue = "updates"

var _ inbox.Shelf = inboxStore{}

// Shelf gives the updates of a bot that were set aside.
func (s *Store) Shelf(botID int64) inbox.Shelf { return inboxStore{s: s, bot: botID} }

// asideRow is a row of updates that was set aside.
type asideRow struct {
	Seq        int64
	UpdateID   int64
	Body       []byte
	Attempt    int
	RequestID  string
	ReceivedAt instant
	HandledAt  instant
	LastError  string
}

// TableName names the table.
func (asideRow) TableName() string { return "updates" }

func (r asideRow) domain() inbox.Aside {
	return inbox.Aside{
		Seq: r.Seq, ID: r.UpdateID, Kind: updateKind(r.Body), Attempt: r.Attempt, RequestID: r.RequestID,
		ReceivedAt: time.Time(r.ReceivedAt), AsideAt: time.Time(r.HandledAt), Reason: r.LastError,
	}
}

// updateKind is what Telegram calls an update: the name of its one field beside the
// number. Of what cannot be read it is empty.
func updateKind(body []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return ""
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return ""
		}
		if text, ok := name.(string); ok && text != "update_id" {
			return text
		}
		var skipped json.RawMessage
		if decoder.Decode(&skipped) != nil {
			return ""
		}
	}
	return ""
}

// asideOf chooses the updates of a bot that were set aside.
const asideOf = `state = 'dead' AND handled_at >= ? AND bot_id = ?`

// Asides lists the updates that were set aside, the last first.
func (b inboxStore) Asides(ctx context.Context, limit int) ([]inbox.Aside, int, error) {
	const doing = "list the updates that were set aside"
	list, err := all[asideRow](ctx, b.s.queries, doing, func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT seq, update_id, body, attempt, request_id, received_at, handled_at, last_error FROM updates
			WHERE `+asideOf+` ORDER BY handled_at DESC, seq DESC LIMIT ?`, instant(beginning), b.bot, limit)
	})
	if err != nil || len(list) < limit {
		return list, len(list), err
	}
	var total int
	err = b.s.scan(ctx, doing, sqlf(`SELECT count(*) FROM updates WHERE `+asideOf, instant(beginning), b.bot), &total)
	return list, total, err
}

// PutBack has updates wait again that were set aside.
func (b inboxStore) PutBack(ctx context.Context, seqs []int64) (n int, err error) {
	err = b.s.do(ctx, func(ctx context.Context, t *tx) error {
		n = 0
		for _, seq := range seqs {
			var back int64
			err := t.scan(ctx, "put an update back", sqlf(`
				UPDATE updates SET state = 'waiting', attempt = 0, last_error = '', handled_at = NULL
				WHERE seq = ? AND bot_id = ? AND state = 'dead' RETURNING seq`, seq, b.bot), &back)
			switch {
			case ticket.IsNotFound(err):
			case err != nil:
				return err
			default:
				n++
				t.left.queue(Updates, outbox.Head{ID: back})
			}
		}
		return nil
	})
	return n, err
}

// Drop forgets what updates say that were set aside. Their numbers stay known,
// so that they do not come again.
func (b inboxStore) Drop(ctx context.Context, seqs []int64) (n int, err error) {
	err = b.s.do(ctx, func(ctx context.Context, t *tx) error {
		n = 0
		for _, seq := range seqs {
			dropped, err := t.exec(ctx, "drop an update", `UPDATE updates SET state = 'done', body = NULL, last_error = '', handled_at = ?
				WHERE seq = ? AND bot_id = ? AND state = 'dead'`, instant(t.now), seq, b.bot)
			if err != nil {
				return err
			}
			n += int(dropped)
		}
		return nil
	})
	return n, err
}
