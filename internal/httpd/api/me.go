package api

import (
	"context"
	"net/http"

	"vinbot/internal/ticket"
)

// Me is who calls.
type Me struct {
	Kind      string   `json:"kind" enum:"program,owner"`
	Name      string   `json:"name" doc:"Of a program, that of its token."`
	OwnerID   int64    `json:"owner_id,omitempty" doc:"Of an owner: the Telegram user."`
	Language  string   `json:"language,omitempty" doc:"Of an owner whom the bot knows: the one that it speaks to them."`
	Chat      bool     `json:"chat" doc:"Of an owner: the bot can write to them, so that reports go there, too."`
	Scopes    []string `json:"scopes" nullable:"false" doc:"Of a program."`
	PerMinute int      `json:"per_minute" doc:"How many requests the caller may make in a minute."`
}

type meOutput struct{ Body Me }

func (a *API) aboutCallers() {
	add(a, operation{
		ID: "getMe", Method: "GET", Path: root + "/me", Tag: "Account", Summary: "Who calls", Owners: true,
	}, a.me)
	add(a, operation{
		ID: "forgetMe", Method: "DELETE", Path: root + "/me", Tag: "Account", Summary: "Erase all that is known of the owner",
		Details: "As /delete_me does in the chat, but without a question: ask before. Open tickets are cancelled, reports are erased, every session ends. " +
			"It is done a moment later, and nobody can bring it back.",
		Owners: true, Status: http.StatusAccepted,
	}, a.forgetMe)
}

// forgetMe has the owner who asks forgotten.
func (a *API) forgetMe(ctx context.Context, _ *struct{}) (*struct{}, error) {
	who := callerOf(ctx)
	if who.owner == 0 {
		return nil, problem(http.StatusForbidden, string(ticket.CodeForbidden), "a program is nobody to be forgotten; its token is revoked by vinbot token revoke")
	}
	known, err := a.People.User(ctx, who.owner)
	if err != nil && !ticket.IsNotFound(err) {
		return nil, err
	}
	err = a.Forgetting.Confirm(ctx, ticket.Erasure{Owner: who.owner, Language: known.Language})
	if err == nil {
		a.Log.Info().Int64("user", who.owner).Str("request_id", ticket.RequestID(ctx)).Msg("somebody wants to be forgotten")
	}
	return &struct{}{}, err
}

func (a *API) me(ctx context.Context, _ *struct{}) (*meOutput, error) {
	who := callerOf(ctx)
	said := Me{Kind: "program", Name: who.token.Name, Scopes: []string{}, PerMinute: who.perMinute()}
	for _, scope := range who.token.Scopes {
		said.Scopes = append(said.Scopes, string(scope))
	}
	if who.owner == 0 {
		return &meOutput{Body: said}, nil
	}
	said.Kind, said.OwnerID = "owner", who.owner
	person, err := a.People.User(ctx, who.owner)
	if err != nil && !ticket.IsNotFound(err) {
		return nil, err
	}
	said.Name, said.Language, said.Chat = person.Name, person.Language, err == nil && !person.Unreachable
	return &meOutput{Body: said}, nil
}
