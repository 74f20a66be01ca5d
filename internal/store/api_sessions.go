package store

import (
	"context"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// sessions keeps the owners who signed in.
type sessions struct{ s *Store }

var _ account.Sessions = sessions{}

// Sessions gives the owners who signed in.
func (s *Store) Sessions() account.Sessions { return sessions{s} }

// Begin begins a session by the hashes of its first two secrets.
func (k sessions) Begin(ctx context.Context, begun account.Session, access, refresh []byte) error {
	return k.s.alone(ctx, func(ctx context.Context, t *tx) error {
		err := t.scan(ctx, "begin a session", sqlf(`
			INSERT INTO api_sessions (owner_id, hash, access_until, expires_at, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id`,
			begun.Owner, access, instant(begun.AccessUntil), instant(begun.ExpiresAt), instant(t.now)), &begun.ID)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, "end sessions beyond the last", `DELETE FROM api_sessions WHERE owner_id = ? AND id NOT IN (
				SELECT id FROM api_sessions WHERE owner_id = ? ORDER BY id DESC LIMIT ?)`, begun.Owner, begun.Owner, sessionsKept); err != nil {
			return err
		}
		return t.addRefresh(ctx, begun.ID, refresh)
	})
}

// sessionsKept is how many sessions an owner has at most; the oldest goes.
const sessionsKept = 20

func (t *tx) addRefresh(ctx context.Context, session int64, hash []byte) error {
	_, err := t.exec(ctx, "store a refresh token", `INSERT INTO refresh_tokens (hash, session_id) VALUES (?, ?)`, hash, session)
	return err
}

// Find finds the session of an access token, unless its time is up.
func (k sessions) Find(ctx context.Context, access []byte, now time.Time) (account.Session, error) {
	var found account.Session
	var access2, expires instant
	err := k.s.scan(ctx, "find a session", sqlf(`SELECT id, owner_id, access_until, expires_at FROM api_sessions
		WHERE hash = ? AND access_until > ?`, access, instant(now)), &found.ID, &found.Owner, &access2, &expires)
	found.AccessUntil, found.ExpiresAt = time.Time(access2), time.Time(expires)
	return found, err
}

// Renew takes a refresh token, once, and gives a session new secrets. One that
// was taken before ends the session, with all its secrets: somebody else has
// it. Either way what does not work is a ticket.CodeNotFound error.
func (k sessions) Renew(ctx context.Context, refresh []byte, next account.Renewal) (owner int64, reused bool, err error) {
	// Whoever guesses makes nobody write.
	var known int64
	if err := k.s.scan(ctx, "look for a refresh token", sqlf(`SELECT session_id FROM refresh_tokens WHERE hash = ?`, refresh), &known); err != nil {
		return 0, false, err
	}
	err = k.s.alone(ctx, func(ctx context.Context, t *tx) error {
		var session int64
		var expires instant
		err := t.scan(ctx, "find a refresh token", sqlf(`SELECT s.id, s.owner_id, s.expires_at FROM refresh_tokens r
			JOIN api_sessions s ON s.id = r.session_id WHERE r.hash = ?`, refresh), &session, &owner, &expires)
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, "use a refresh token", `UPDATE refresh_tokens SET used_at = ? WHERE hash = ? AND used_at IS NULL`,
			instant(t.now), refresh)
		switch {
		case err != nil:
			return err
		case n == 0:
			reused = true
			_, err = t.exec(ctx, "end a session whose token was stolen", `DELETE FROM api_sessions WHERE id = ?`, session)
			return err
		case !time.Time(expires).After(t.now):
			return ticket.NewError(ticket.CodeNotFound, "renew a session: it has ended", nil)
		}
		if _, err := t.exec(ctx, "renew a session", `UPDATE api_sessions SET hash = ?, access_until = ?, expires_at = ? WHERE id = ?`,
			next.Access, instant(next.AccessUntil), instant(next.ExpiresAt), session); err != nil {
			return err
		}
		return t.addRefresh(ctx, session, next.Refresh)
	})
	return owner, reused, err
}

// End ends a session.
func (k sessions) End(ctx context.Context, id int64) error {
	return k.s.alone(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "end a session", `DELETE FROM api_sessions WHERE id = ?`, id)
		return err
	})
}
