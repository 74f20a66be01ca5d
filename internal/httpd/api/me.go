package api

import "context"

// Me is who calls.
type Me struct {
	Kind      string   `json:"kind" enum:"program"`
	Name      string   `json:"name" doc:"That of the token."`
	Scopes    []string `json:"scopes" nullable:"false"`
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
	return &meOutput{Body: said}, nil
}
