package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// LastPoll gives the time that Polled noted last; zero if it never did.
func (s *Store) LastPoll(ctx context.Context) (time.Time, error) {
	db, err := s.reading(ctx)
	if err != nil {
		return time.Time{}, err
	}
	var at time.Time
	err = db.Raw(`SELECT at FROM last_poll WHERE id = 1`).Row().Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return at.UTC(), fault("read the last poll's time", err)
}

// Polled notes when Telegram last answered a poll.
func (s *Store) Polled(ctx context.Context, at time.Time) error {
	return s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "note the last poll's time", `
			INSERT INTO last_poll (id, at) VALUES (1, ?)
			ON CONFLICT (id) DO UPDATE SET at = excluded.at`, instant(at))
		return err
	})
}
