package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

const (
	// accessTime is how long an access token lets in, refreshTime how long it
	// can be had anew without Telegram.
	accessTime  = time.Hour
	refreshTime = 30 * 24 * time.Hour
)

type signInInput struct {
	Body struct {
		InitData string                     `json:"init_data,omitempty" maxLength:"8192" doc:"Of a Mini App: Telegram.WebApp.initData, as it is."`
		Widget   map[string]json.RawMessage `json:"widget,omitempty" maxProperties:"10" doc:"Of the Login Widget: the object that it gives, with hash."`
	}
}

// Secrets are what an owner shows from now on.
type Secrets struct {
	AccessToken  string `json:"access_token" doc:"Authorization: Bearer …"`
	TokenType    string `json:"token_type" enum:"Bearer"`
	ExpiresIn    int    `json:"expires_in" doc:"Seconds until another is needed."`
	RefreshToken string `json:"refresh_token" doc:"For one use, within 30 days: whoever uses it a second time ends the session."`
}

type secretsOutput struct{ Body Secrets }

// signIn lets an owner in whom Telegram vouches for.
func (a *API) signIn(ctx context.Context, in *signInInput) (*secretsOutput, error) {
	if (in.Body.InitData == "") == (len(in.Body.Widget) == 0) {
		return nil, invalid(FieldFault{Location: "body", Message: "must hold either init_data or widget"})
	}
	var owner int64
	var err error
	if in.Body.InitData != "" {
		owner, err = a.verifier.AppUser(in.Body.InitData)
	} else {
		owner, err = a.verifier.WidgetUser(plainFields(in.Body.Widget))
	}
	if err != nil {
		return nil, problem(http.StatusUnauthorized, codeUnauthorized, err.Error())
	}
	if err := a.notBanned(ctx, owner); err != nil {
		return nil, err
	}
	said, next := a.newSecrets()
	err = a.Sessions.Begin(ctx, account.Session{Owner: owner, AccessUntil: next.AccessUntil, ExpiresAt: next.ExpiresAt}, next.Access, next.Refresh)
	return &secretsOutput{Body: said}, err
}

// plainFields are an object's values as they stand in what is signed: numbers
// as they are written, texts without quotes.
func plainFields(object map[string]json.RawMessage) map[string]string {
	fields := map[string]string{}
	for name, value := range object {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = strings.TrimSpace(string(value))
		}
		fields[name] = text
	}
	return fields
}

func (a *API) newSecrets() (Secrets, account.Renewal) {
	access, accessHash := account.NewSecret(account.PrefixAccess)
	refresh, refreshHash := account.NewSecret(account.PrefixRefresh)
	now := a.Clock()
	return Secrets{AccessToken: access, TokenType: "Bearer", ExpiresIn: int(accessTime.Seconds()), RefreshToken: refresh},
		account.Renewal{Access: accessHash, Refresh: refreshHash, AccessUntil: now.Add(accessTime), ExpiresAt: now.Add(refreshTime)}
}

type renewInput struct {
	Body struct {
		RefreshToken string `json:"refresh_token" maxLength:"128"`
	}
}

// renew gives an owner new secrets for their refresh token.
func (a *API) renew(ctx context.Context, in *renewInput) (*secretsOutput, error) {
	said, next := a.newSecrets()
	owner, reused, err := a.Sessions.Renew(ctx, account.HashSecret(in.Body.RefreshToken), next)
	switch {
	case ticket.IsNotFound(err), reused:
		if reused {
			a.Log.Warn().Int64("user", owner).Str("request_id", ticket.RequestID(ctx)).
				Msg("a refresh token was used twice: the session is ended")
		}
		return nil, problem(http.StatusUnauthorized, codeUnauthorized, "the refresh token does not work, or no more: sign in again")
	case err != nil:
		return nil, err
	}
	return &secretsOutput{Body: said}, a.notBanned(ctx, owner)
}

// signOut ends the session of the owner who asks.
func (a *API) signOut(ctx context.Context, _ *struct{}) (*struct{}, error) {
	who := callerOf(ctx)
	if who.owner == 0 {
		return nil, problem(http.StatusForbidden, string(ticket.CodeForbidden), "a program has no session; its token is revoked by vinbot token revoke")
	}
	return &struct{}{}, a.Sessions.End(ctx, who.session.ID)
}

// aboutSigningIn are the routes by which owners come in.
func (a *API) aboutSigningIn() {
	const tag = "Signing in"
	add(a, operation{
		ID: "signIn", Method: "POST", Path: root + "/auth/telegram", Tag: tag, Summary: "Sign an owner in",
		Details: "Telegram must have signed the data within the last day.", Open: true,
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden},
	}, a.signIn)
	add(a, operation{
		ID: "renewSession", Method: "POST", Path: root + "/auth/refresh", Tag: tag, Summary: "Have new tokens", Open: true,
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden},
	}, a.renew)
	add(a, operation{
		ID: "signOut", Method: "DELETE", Path: root + "/session", Tag: tag, Summary: "End the session", Owners: true,
		Status: http.StatusNoContent,
	}, a.signOut)
}
