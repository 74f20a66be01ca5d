package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// panelSessions keeps who is signed in to the panel.
type panelSessions struct{ s *Store }

var _ account.PanelSessions = panelSessions{}

// PanelSessions gives who is signed in to the panel.
func (s *Store) PanelSessions() account.PanelSessions { return panelSessions{s} }

// MakeLink stores a link by the hash of its secret.
func (k panelSessions) MakeLink(ctx context.Context, l account.LoginLink, hash []byte) error {
	return k.s.alone(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "store a login link", `INSERT INTO login_links (hash, user_id, expires_at) VALUES (?, ?, ?)`,
			hash, l.User, instant(l.ExpiresAt))
		return err
	})
}

// Link finds a link, whether it works or not.
func (k panelSessions) Link(ctx context.Context, hash []byte) (account.LoginLink, error) {
	var l account.LoginLink
	var expires, used instant
	err := k.s.scan(ctx, "find a login link", sqlf(`SELECT user_id, expires_at, used_at FROM login_links WHERE hash = ?`, hash),
		&l.User, &expires, &used)
	l.ExpiresAt, l.UsedAt = time.Time(expires), time.Time(used)
	return l, err
}

// Enter spends a link and begins the session of its person.
func (k panelSessions) Enter(ctx context.Context, link []byte, s account.PanelSession, hash []byte) (account.PanelSession, error) {
	err := k.s.alone(ctx, func(ctx context.Context, t *tx) error {
		err := t.scan(ctx, "spend a login link", sqlf(`UPDATE login_links SET used_at = ?
			WHERE hash = ? AND used_at IS NULL AND expires_at > ? RETURNING user_id`, instant(t.now), link, instant(t.now)), &s.User)
		if ticket.IsNotFound(err) {
			return ticket.NewError(ticket.CodeConflict, "the link was used, or its time is over", nil)
		}
		if err != nil {
			return err
		}
		return t.beginPanel(ctx, &s, hash)
	})
	return s, err
}

// Begin begins a session for somebody whom Telegram vouches for.
func (k panelSessions) Begin(ctx context.Context, s account.PanelSession, hash []byte) (account.PanelSession, error) {
	err := k.s.alone(ctx, func(ctx context.Context, t *tx) error { return t.beginPanel(ctx, &s, hash) })
	return s, err
}

// panelsKept is how many sessions a person has in the panel at most; the oldest
// goes.
const panelsKept = 20

func (t *tx) beginPanel(ctx context.Context, s *account.PanelSession, hash []byte) error {
	s.CreatedAt, s.SeenAt, s.ExpiresAt = t.now, t.now, t.now.Add(account.PanelTime)
	err := t.scan(ctx, "begin a session in the panel", sqlf(`
		INSERT INTO panel_sessions (hash, user_id, agent, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
		hash, s.User, s.Agent, instant(t.now), instant(t.now), instant(s.ExpiresAt)), &s.ID)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "end sessions in the panel beyond the last", `DELETE FROM panel_sessions WHERE user_id = ? AND id NOT IN (
		SELECT id FROM panel_sessions WHERE user_id = ? ORDER BY id DESC LIMIT ?)`, s.User, s.User, panelsKept)
	return err
}

// panelRow is a row of panel_sessions.
type panelRow struct {
	ID        int64
	UserID    int64
	Agent     string
	CreatedAt instant
	SeenAt    instant
	ExpiresAt instant
}

// TableName names the table.
func (panelRow) TableName() string { return "panel_sessions" }

func (r panelRow) domain() account.PanelSession {
	return account.PanelSession{
		ID: r.ID, User: r.UserID, Agent: r.Agent,
		CreatedAt: time.Time(r.CreatedAt), SeenAt: time.Time(r.SeenAt), ExpiresAt: time.Time(r.ExpiresAt),
	}
}

// Find finds a session that has neither ended nor been revoked.
func (k panelSessions) Find(ctx context.Context, hash []byte, now time.Time) (account.PanelSession, error) {
	var r panelRow
	err := k.s.scan(ctx, "find a session in the panel", sqlf(`SELECT id, user_id, agent, created_at, seen_at, expires_at
		FROM panel_sessions WHERE hash = ? AND expires_at > ? AND revoked_at IS NULL`, hash, instant(now)),
		&r.ID, &r.UserID, &r.Agent, &r.CreatedAt, &r.SeenAt, &r.ExpiresAt)
	return r.domain(), err
}

// Touch notes that a session is used.
func (k panelSessions) Touch(ctx context.Context, id int64) error {
	return k.s.alone(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "note that a session is used", `UPDATE panel_sessions SET seen_at = ? WHERE id = ?`, instant(t.now), id)
		return err
	})
}

// List lists the sessions that let in, the newest first.
func (k panelSessions) List(ctx context.Context, user int64, now time.Time) ([]account.PanelSession, error) {
	return all[panelRow](ctx, k.s.queries, "list the sessions in the panel", func(db *gorm.DB) *gorm.DB {
		db = db.Where("expires_at > ? AND revoked_at IS NULL", instant(now)).Order("expires_at DESC, id DESC")
		if user != 0 {
			db = db.Where("user_id = ?", user)
		}
		return db
	})
}

// Revoke ends a session, and reports whether there was one.
func (k panelSessions) Revoke(ctx context.Context, id, user int64) (bool, error) {
	var n int64
	err := k.s.alone(ctx, func(ctx context.Context, t *tx) error {
		where, values := `id = ? AND revoked_at IS NULL AND expires_at > ?`, []any{instant(t.now), id, instant(t.now)}
		if user != 0 {
			where, values = where+` AND user_id = ?`, append(values, user)
		}
		var err error
		n, err = t.exec(ctx, "revoke a session in the panel", `UPDATE panel_sessions SET revoked_at = ? WHERE `+where, values...)
		return err
	})
	return err == nil && n == 1, err
}
