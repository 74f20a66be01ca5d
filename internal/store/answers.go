package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// answersKept is for how long a request that comes again has the same answer.
const answersKept = 24 * time.Hour

// answers keeps the answers to requests that may come again.
type answers struct{ s *Store }

var _ account.Answers = answers{}

// Answers gives the answers to requests that may come again.
func (s *Store) Answers() account.Answers { return answers{s} }

// Claim takes a key for a request, and gives what was answered to the one that
// has it already. It does not wait for another process that has it: that one may
// wait for this one's group already.
func (a answers) Claim(ctx context.Context, k account.AnswerKey) (kept account.Answer, fresh bool, err error) {
	err = a.s.do(ctx, func(ctx context.Context, t *tx) error {
		if err := t.claim(ctx, k.Caller+" "+k.Name); err != nil {
			return err
		}
		n, err := t.exec(ctx, "claim an idempotency key", `
			INSERT INTO idempotency_keys (caller, name, request, status, headers, answer, ticket_id, created_at)
			VALUES (?, ?, ?, 0, '{}', ?, 0, ?)
			ON CONFLICT (caller, name) DO UPDATE SET request = excluded.request, status = 0, headers = excluded.headers,
				answer = excluded.answer, ticket_id = 0, created_at = excluded.created_at
			WHERE idempotency_keys.created_at <= ?`,
			k.Caller, k.Name, k.Request, []byte{}, instant(t.now), instant(t.now.Add(-answersKept)))
		if fresh = n == 1; err != nil || fresh {
			return err
		}
		var headers string
		err = t.scan(ctx, "find an answer", sqlf(`SELECT request, status, headers, answer, ticket_id FROM idempotency_keys
			WHERE caller = ? AND name = ?`, k.Caller, k.Name), &kept.Request, &kept.Status, &headers, &kept.Body, &kept.Ticket)
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(headers), &kept.Headers); err != nil {
			return fmt.Errorf("read an answer's headers: %w", err)
		}
		return nil
	})
	return kept, fresh && err == nil, err
}

// claim holds a name until the transaction's end, unless another process does.
func (t *tx) claim(ctx context.Context, name string) error {
	question := t.writer.dialect.claim()
	if question == "" {
		return nil
	}
	var free bool
	if err := t.scan(ctx, "claim a name", sqlf(question, name), &free); err != nil {
		return err
	}
	if !free {
		return account.ErrUnderway
	}
	return nil
}

// Keep keeps the answer to the request that claimed a key.
func (a answers) Keep(ctx context.Context, k account.AnswerKey, said account.Answer) error {
	headers, err := json.Marshal(said.Headers)
	if err != nil {
		return fmt.Errorf("write an answer's headers: %w", err)
	}
	return a.s.do(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, "keep an answer", `
			UPDATE idempotency_keys SET status = ?, headers = ?, answer = ?, ticket_id = ? WHERE caller = ? AND name = ?`,
			said.Status, string(headers), append([]byte{}, said.Body...), said.Ticket, k.Caller, k.Name)
		if err == nil && n == 0 {
			return ticket.NewError(ticket.CodeNotFound, "keep an answer: nobody claimed its key", nil)
		}
		return err
	})
}
