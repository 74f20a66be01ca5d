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
	// session is the owner's.
	session account.Session
}

// perMinuteOwner is how many requests an owner may make in a minute.
const perMinuteOwner = 120

// name tells callers apart in tables.
func (c caller) name() string {
	if c.owner != 0 {
		return account.OwnerCaller(c.owner)
	}
	return account.ProgramCaller(c.token.ID)
}

// perMinute is how many requests the caller may make in a minute.
func (c caller) perMinute() int {
	if c.owner != 0 {
		return perMinuteOwner
	}
	return c.token.PerMinute
}

// has reports whether a program may do something.
func (c caller) has(scope account.Scope) bool { return slices.Contains(c.token.Scopes, scope) }

// sees reports whether a ticket exists for the caller: an owner has their own.
func (c caller) sees(t ticket.Ticket) bool { return c.owner == 0 || t.OwnerID == c.owner }

// actor is the caller in a ticket's history. A program is the negative of its
// token's id, which no person has.
func (c caller) actor() ticket.Actor {
	if c.owner != 0 {
		return ticket.Actor{ID: c.owner}
	}
	return ticket.Actor{ID: -c.token.ID, Name: c.token.Name}
}

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
	switch {
	case strings.HasPrefix(secret, account.PrefixToken):
		token, err := a.Tokens.Find(ctx, account.HashSecret(secret))
		return caller{token: token}, err
	case strings.HasPrefix(secret, account.PrefixAccess):
		session, err := a.Sessions.Find(ctx, account.HashSecret(secret), a.Clock())
		if err != nil {
			return caller{}, err
		}
		return caller{owner: session.Owner, session: session}, a.notBanned(ctx, session.Owner)
	}
	return caller{}, unauthorized()
}

// notBanned refuses who may not use the bot.
func (a *API) notBanned(ctx context.Context, owner int64) error {
	_, err := a.Bans.Banned(ctx, owner)
	switch {
	case ticket.IsNotFound(err):
		return nil
	case err != nil:
		return err
	}
	return problem(http.StatusForbidden, string(ticket.CodeForbidden), "this person may not use the bot")
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
