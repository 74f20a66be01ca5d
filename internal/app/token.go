package app

import (
	"context"

	"vinbot/internal/account"
)

// tryPerMinute is how many requests a minute somebody may make who tries the API.
const tryPerMinute = 600

// NewToken makes a token that may do everything, for who tries the API, and gives
// its secret.
func (a *App) NewToken(ctx context.Context, name string) (string, error) {
	secret, hash := account.NewSecret(account.PrefixToken)
	_, err := a.store.Tokens().Create(ctx, account.Token{Name: name, Scopes: account.Scopes(), PerMinute: tryPerMinute}, hash)
	return secret, err
}
