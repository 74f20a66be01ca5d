package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// caller is who makes a request: a program with a token, or an owner.
type caller struct {
	token account.Token // of a program
	owner int64         // 0 for a program
}

// perMinuteOwner is how many requests an owner may make in a minute.
const perMinuteOwner = 120

// perMinute is how many requests the caller may make in a minute.
func (c caller) perMinute() int {
	if c.owner != 0 {
		return perMinuteOwner
	}
	return c.token.PerMinute
}

// has reports whether a program may do something.
func (c caller) has(scope account.Scope) bool { return slices.Contains(c.token.Scopes, scope) }

type callerKey struct{}

// callerOf gives who makes the request that ctx belongs to. A route that needs
// no token has nobody.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// authenticate finds out who makes a request. Whatever is wrong with the token
// is the same problem.
func (a *API) authenticate(r *http.Request) (caller, error) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || len(secret) > maxSecret {
		return caller{}, unauthorized()
	}
	found, err := a.known(r.Context(), secret)
	if ticket.IsNotFound(err) {
		return caller{}, unauthorized()
	}
	return found, err
}

// maxSecret is longer than any secret of ours.
const maxSecret = 128

// known finds whose a secret is.
func (a *API) known(ctx context.Context, secret string) (caller, error) {
	if !strings.HasPrefix(secret, account.PrefixToken) {
		return caller{}, unauthorized()
	}
	token, err := a.Tokens.Find(ctx, account.HashSecret(secret))
	return caller{token: token}, err
}

func unauthorized() *Problem {
	return problem(http.StatusUnauthorized, codeUnauthorized, "a valid token is needed: Authorization: Bearer …")
}

// authorize reports why a caller may not use a route.
func (c caller) authorize(op *operation) error {
	switch {
	case c.owner != 0 && op.Owners, c.owner == 0 && (op.Scope == "" || c.has(op.Scope)):
		return nil
	case c.owner != 0:
		return problem(http.StatusForbidden, string(ticket.CodeForbidden), "this is not for owners")
	}
	return problem(http.StatusForbidden, string(ticket.CodeForbidden), "the token lacks the scope "+string(op.Scope))
}
