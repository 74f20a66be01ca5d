package api

import (
	"context"

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
