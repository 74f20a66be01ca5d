package store

import (
	"context"
	"time"

	"vinbot/internal/account"
)

// usage counts what the API's callers were allowed.
type usage struct{ s *Store }

var _ account.Usage = usage{}

// Usage counts what the API's callers were allowed.
func (s *Store) Usage() account.Usage { return usage{s} }

// Grant counts a portion of requests that a caller may make in a minute, and
// gives how many they were granted in it by now, in all processes. Of a program
// it notes that its token was used.
func (u usage) Grant(ctx context.Context, g account.Grant) (total int, err error) {
	err = u.s.alone(ctx, func(ctx context.Context, t *tx) error {
		err := t.scan(ctx, "count requests", sqlf(`
			INSERT INTO api_usage (caller, minute, granted) VALUES (?, ?, ?)
			ON CONFLICT (minute, caller) DO UPDATE SET granted = api_usage.granted + excluded.granted RETURNING granted`,
			g.Caller, g.Minute.Unix()/secondsAMinute, g.Portion), &total)
		if err != nil || g.Token == 0 {
			return err
		}
		_, err = t.exec(ctx, "note that a token is used", `UPDATE api_tokens SET last_used_at = ? WHERE id = ?`, instant(t.now), g.Token)
		return err
	})
	return total, err
}

const secondsAMinute = 60

// usageKept is for how long it is known what a caller was allowed.
const usageKept = 5 * time.Minute

// SweepAPI removes what the API need not know any more: counts of past minutes,
// old answers, and sessions that have ended. It goes in steps, so that it holds
// up nobody.
func (s *Store) SweepAPI(ctx context.Context, now time.Time) error {
	err := s.alone(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "forget past minutes", `DELETE FROM api_usage WHERE minute < ?`, now.Add(-usageKept).Unix()/secondsAMinute)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := s.prune(ctx, "forget old answers", `DELETE FROM idempotency_keys WHERE (caller, name) IN (
		SELECT caller, name FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT ?)`, now.Add(-answersKept)); err != nil {
		return err
	}
	_, err = s.prune(ctx, "forget sessions that have ended", `DELETE FROM api_sessions WHERE id IN (
		SELECT id FROM api_sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`, now)
	return err
}
