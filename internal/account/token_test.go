package account_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
)

func TestSecretsAreLongRandomAndKeptAsAHash(t *testing.T) {
	t.Parallel()
	one, hash := account.NewSecret(account.PrefixToken)
	other, _ := account.NewSecret(account.PrefixToken)
	assert.NotEqual(t, one, other)
	assert.Len(t, strings.TrimPrefix(one, "vbt_"), 43, "256 bits")
	assert.Equal(t, hash, account.HashSecret(one))
	assert.Len(t, hash, 32)
}

func TestScopesAreReadAndUnknownOnesRefused(t *testing.T) {
	t.Parallel()
	scopes, err := account.ParseScopes("tickets:read, manage manage")
	require.NoError(t, err)
	assert.Equal(t, []account.Scope{account.ScopeTicketsRead, account.ScopeManage}, scopes)
	scopes, err = account.ParseScopes("")
	require.NoError(t, err)
	assert.Empty(t, scopes)
	_, err = account.ParseScopes("tickets:read,everything")
	assert.ErrorContains(t, err, `"everything"`)
}
