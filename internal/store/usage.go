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
	for _, old := range s.sweepings() {
		if err := s.sweep(ctx, old, now); err != nil {
			return err
		}
	}
	return nil
}

// sweeping is a DELETE of two values, a time and a limit, of what is older than so
// much.
type sweeping struct {
	doing, statement string
	age              time.Duration
}

// sweepings are what is swept. A session may have had hundreds of refresh tokens:
// they go before it, a step at a time. What somebody uses at this moment is left to
// the next time.
func (s *Store) sweepings() []sweeping {
	skip := s.dialect.skip()
	return []sweeping{
		{"forget old answers", `DELETE FROM idempotency_keys WHERE (caller, name) IN (
			SELECT caller, name FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT ?` + skip + `)`, answersKept},
		{"forget the secrets of sessions that have ended", `DELETE FROM refresh_tokens WHERE hash IN (
			SELECT hash FROM refresh_tokens WHERE session_id IN (
				SELECT id FROM api_sessions WHERE expires_at < ?) LIMIT ?` + skip + `)`, 0},
		{"forget sessions that have ended", `DELETE FROM api_sessions WHERE id IN (
			SELECT id FROM api_sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?` + skip + `)`, 0},
	}
}

// sweepStep is how many rows a step of sweeping removes: each is over in a few
// milliseconds, and others write in between.
const sweepStep = 100

func (s *Store) sweep(ctx context.Context, old sweeping, now time.Time) error {
	for {
		var n int64
		err := s.alone(ctx, func(ctx context.Context, t *tx) (err error) {
			n, err = t.exec(ctx, old.doing, old.statement, instant(now.Add(-old.age)), sweepStep)
			return err
		})
		if err != nil || n < sweepStep {
			return err
		}
	}
}
