package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/account"
)

// members keeps who is in the managers' groups.
type members struct{ s *Store }

var _ account.Members = members{}

// Members gives who is in the managers' groups.
func (s *Store) Members() account.Members { return members{s} }

// memberRow is a row of members.
type memberRow struct {
	ChatID    int64
	Inside    bool
	CheckedAt instant
}

// TableName names the table.
func (memberRow) TableName() string { return "members" }

func (r memberRow) domain() account.Membership {
	return account.Membership{Chat: r.ChatID, Inside: r.Inside, CheckedAt: time.Time(r.CheckedAt)}
}

// Note notes what Telegram says at this moment.
func (m members) Note(ctx context.Context, chat, user int64, inside bool) error {
	return m.s.alone(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "note who is in a group", `
			INSERT INTO members (user_id, chat_id, inside, checked_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (user_id, chat_id) DO UPDATE SET inside = excluded.inside, checked_at = excluded.checked_at`,
			user, chat, inside, instant(t.now))
		return err
	})
}

// Of lists what is known of a person.
func (m members) Of(ctx context.Context, user int64) ([]account.Membership, error) {
	return all[memberRow](ctx, m.s.queries, "look who is in a group", func(db *gorm.DB) *gorm.DB {
		return db.Where("user_id = ?", user).Order("chat_id")
	})
}

// membersKept is for how long it is known who was in a group: far longer than it
// is believed.
const membersKept = 24 * time.Hour

// SweepPanel removes what the panel need not know any more: sessions and links
// whose time is over, who was in a group long ago, and what was done longer ago
// than it is kept.
func (s *Store) SweepPanel(ctx context.Context, now time.Time) error {
	for _, sweep := range []struct {
		doing, statement string
		before           time.Time
	}{
		{"forget sessions in the panel", `DELETE FROM panel_sessions WHERE id IN (
			SELECT id FROM panel_sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`, now},
		{"forget login links", `DELETE FROM login_links WHERE hash IN (
			SELECT hash FROM login_links WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`, now.Add(-time.Hour)}, // who comes late is told why
		{"forget who was in a group", `DELETE FROM members WHERE (user_id, chat_id) IN (
			SELECT user_id, chat_id FROM members WHERE checked_at < ? ORDER BY checked_at LIMIT ?)`, now.Add(-membersKept)},
		{"forget deeds", `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?)`, now.Add(-account.AuditKept)},
	} {
		if _, err := s.prune(ctx, sweep.doing, sweep.statement, sweep.before); err != nil {
			return err
		}
	}
	return nil
}
