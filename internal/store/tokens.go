package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/account"
)

// tokenRow is a row of api_tokens.
type tokenRow struct {
	ID         int64
	Name       string
	Scopes     string
	PerMinute  int
	CreatedAt  instant
	LastUsedAt instant
	RevokedAt  instant
}

const tokenColumns = `id, name, scopes, per_minute, created_at, last_used_at, revoked_at` //nolint:gosec // G101: names of columns

// TableName names the table.
func (tokenRow) TableName() string { return "api_tokens" }

func (r tokenRow) domain() account.Token {
	t := account.Token{
		ID: r.ID, Name: r.Name, PerMinute: r.PerMinute,
		CreatedAt: time.Time(r.CreatedAt), LastUsedAt: time.Time(r.LastUsedAt), RevokedAt: time.Time(r.RevokedAt),
	}
	for _, scope := range strings.Fields(r.Scopes) {
		t.Scopes = append(t.Scopes, account.Scope(scope))
	}
	return t
}

// tokens keeps the tokens of programs.
type tokens struct{ s *Store }

var _ account.Tokens = tokens{}

// Tokens gives the tokens of programs.
func (s *Store) Tokens() account.Tokens { return tokens{s} }

// Create stores a token by the hash of its secret, and gives it its ID.
func (k tokens) Create(ctx context.Context, made account.Token, hash []byte) (account.Token, error) {
	scopes := make([]string, len(made.Scopes))
	for i, scope := range made.Scopes {
		scopes[i] = string(scope)
	}
	err := k.s.do(ctx, func(ctx context.Context, t *tx) error {
		made.CreatedAt = t.now
		return t.scan(ctx, "store a token", sqlf(`
			INSERT INTO api_tokens (name, hash, scopes, per_minute, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id`,
			made.Name, hash, strings.Join(scopes, " "), made.PerMinute, instant(t.now)), &made.ID)
	})
	return made, err
}

// Find finds a token by the hash of its secret, unless it was revoked.
func (k tokens) Find(ctx context.Context, hash []byte) (account.Token, error) {
	var r tokenRow
	err := k.s.scan(ctx, "find a token", sqlf(`SELECT `+tokenColumns+` FROM api_tokens
		WHERE hash = ? AND revoked_at IS NULL`, hash),
		&r.ID, &r.Name, &r.Scopes, &r.PerMinute, &r.CreatedAt, &r.LastUsedAt, &r.RevokedAt)
	if err != nil {
		return account.Token{}, err
	}
	return r.domain(), nil
}

// List lists all tokens, oldest first.
func (k tokens) List(ctx context.Context) ([]account.Token, error) {
	return all[tokenRow](ctx, k.s.queries, "list the tokens", func(db *gorm.DB) *gorm.DB { return db.Order("id") })
}

// Revoke has a token let nobody in any more, and reports whether it did before.
func (k tokens) Revoke(ctx context.Context, id int64) (bool, error) {
	var n int64
	err := k.s.do(ctx, func(ctx context.Context, t *tx) error {
		var err error
		n, err = t.exec(ctx, "revoke a token",
			`UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL`, instant(t.now), id)
		return err
	})
	return err == nil && n == 1, err
}
