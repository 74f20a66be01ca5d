package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// Supersede ends the row that waits for the effect's merge key, and enqueues the
// effect.
func (t *tx) Supersede(ctx context.Context, e ticket.Effect) error {
	if _, err := t.Withdraw(ctx, e.Kind, e.Merge); err != nil {
		return err
	}
	return t.Enqueue(ctx, e)
}

// Withdraw ends the row of a kind that waits for a merge key.
func (t *tx) Withdraw(ctx context.Context, kind ticket.EffectKind, merge string) (bool, error) {
	n, err := t.exec(ctx, "withdraw an effect", `UPDATE outbox SET `+merged+`
		WHERE state = 'waiting' AND kind = ? AND merge_key = ? AND merge_key <> ''`, instant(t.now), string(kind), merge)
	return n > 0, err
}

// Enqueue puts an effect into the outbox, unless one of its kind with the same
// merge key waits there. A fleeting one is kept in memory until the commit.
func (t *tx) Enqueue(ctx context.Context, e ticket.Effect) error {
	requestID := ticket.RequestID(ctx)
	payload, err := json.Marshal(e.Payload)
	if err != nil { // its text may quote the payload
		return fmt.Errorf("enqueue an effect: its payload (%T) is no JSON", e.Payload)
	}
	if e.Fleeting {
		t.left.fleeting = append(t.left.fleeting, Fleeting{Effect: e, Payload: payload, RequestID: requestID})
		return nil
	}
	head := outbox.Head{
		Kind: string(e.Kind), Lane: e.Lane, Chat: e.Chat, Gather: e.Gather, Urgency: int(e.Urgency),
		RunAt: t.now.Add(max(e.After, 0)).Truncate(time.Microsecond),
	}
	values := []any{
		head.Kind, head.Lane, head.Chat, head.Gather, head.Urgency, e.Merge, string(payload), e.TicketID, requestID,
		instant(t.now), instant(head.RunAt),
	}
	if l := t.later(); l != nil && e.Merge == "" { // what merges may find one that waits
		l.effectRows, l.waiting = append(l.effectRows, values...), append(l.waiting, head)
		return nil
	}
	row := newEffects()
	head.ID, err = t.insert(ctx, row.doing, sqlf(row.text(1), values...))
	switch {
	case ticket.IsNotFound(err): // one that waits will do it
		return nil
	case err != nil:
		return err
	}
	t.left.heads = append(t.left.heads, head)
	return nil
}
