package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func testTokens(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	f := open(t)
	tokens := f.Tokens()
	secret, hash := account.NewSecret(account.PrefixToken)
	made, err := tokens.Create(t.Context(), account.Token{
		Name: "Сайт", Scopes: []account.Scope{account.ScopeManage, account.ScopeReportsRead}, PerMinute: 60,
	}, hash)
	require.NoError(t, err)
	assert.Positive(t, made.ID)
	assert.Equal(t, stored(start()), made.CreatedAt)
	found, err := tokens.Find(t.Context(), account.HashSecret(secret))
	require.NoError(t, err)
	assert.Equal(t, made, found)
	_, err = tokens.Find(t.Context(), account.HashSecret(secret+"x"))
	require.True(t, ticket.IsNotFound(err))
	_, err = tokens.Create(t.Context(), account.Token{Name: "Другой", PerMinute: 1}, hash)
	require.Error(t, err, "a secret opens one door")

	f.clock.Advance(time.Hour)
	for _, first := range []bool{true, false} {
		done, err := tokens.Revoke(t.Context(), made.ID)
		require.NoError(t, err)
		assert.Equal(t, first, done)
	}
	_, err = tokens.Find(t.Context(), hash)
	require.True(t, ticket.IsNotFound(err))
	list, err := tokens.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, stored(start().Add(time.Hour)), list[0].RevokedAt)
}
