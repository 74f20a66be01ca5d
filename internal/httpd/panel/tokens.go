package panel

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func (p *Panel) tokenRoutes() []route {
	return []route{
		{"GET", "/tokens", admins, (*visit).showTokens},
		{"POST", "/tokens", admins, (*visit).createToken},
		{"POST", "/tokens/{id}/revoke", admins, (*visit).revokeToken},
	}
}

// tokenPage is what the page of the API's tokens shows.
type tokenPage struct {
	Tokens    []account.Token
	Scopes    []account.Scope // that there are
	PerMinute int
	Made      *madeToken // the one that was just made; nil where none was
}

// madeToken is a token with its secret, which is shown this once.
type madeToken struct{ Name, Secret string }

// showTokens lists the tokens.
func (v *visit) showTokens() error {
	shown, err := v.tokenPage(nil)
	if err != nil {
		return err
	}
	return v.showTokensWith(shown)
}

func (v *visit) showTokensWith(shown tokenPage) error {
	return v.showAs(http.StatusOK, "tokens", page{Title: "tokens.title", Extra: extra{Scripts: []string{"copy.js"}}}, shown)
}

func (v *visit) tokenPage(made *madeToken) (tokenPage, error) {
	list, err := v.Tokens.List(v.ctx())
	return tokenPage{Tokens: list, Scopes: account.Scopes(), PerMinute: account.UsualPerMinute, Made: made}, err
}

// createToken makes a token, and shows its secret this once.
func (v *visit) createToken() error {
	wish, err := v.wishedToken()
	if err != nil {
		return err
	}
	secret, hash := account.NewSecret(account.PrefixToken)
	deed := account.Deed{Action: "token.create", Details: map[string]string{"scopes": scopesText(wish.Scopes)}}
	err = v.didTo(&deed, func(ctx context.Context) error {
		made, err := v.Tokens.Create(ctx, wish, hash)
		deed.Target = "token:" + number(made.ID)
		return err
	})
	if err != nil {
		return err
	}
	shown, err := v.tokenPage(&madeToken{wish.Name, secret})
	if err != nil {
		return err
	}
	if v.partial() {
		return v.part("tokens", shown)
	}
	return v.showTokensWith(shown)
}

// wishedToken reads what somebody wants of a token.
func (v *visit) wishedToken() (account.Token, error) {
	wish := account.Token{Name: ticket.Words(v.r.PostFormValue("name"))}
	var err error
	if wish.Scopes, err = account.ParseScopes(strings.Join(v.r.PostForm["scope"], " ")); err != nil {
		return wish, v.refuse(http.StatusUnprocessableEntity, "error.invalid")
	}
	wish.PerMinute, err = strconv.Atoi(v.r.PostFormValue("per_minute"))
	switch {
	case wish.Name == "" || !utf8.ValidString(wish.Name) || utf8.RuneCountInString(wish.Name) > account.MaxTokenName || strings.ContainsFunc(wish.Name, unicode.IsControl):
		return wish, v.refuse(http.StatusUnprocessableEntity, "tokens.bad_name", "Most", account.MaxTokenName)
	case len(wish.Scopes) == 0:
		return wish, v.refuse(http.StatusUnprocessableEntity, "tokens.no_scope")
	case err != nil || wish.PerMinute < 1 || wish.PerMinute > account.MostPerMinute:
		return wish, v.refuse(http.StatusUnprocessableEntity, "tokens.bad_rate", "Most", account.MostPerMinute)
	}
	return wish, nil
}

func scopesText(scopes []account.Scope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, " ")
}

// revokeToken has a token let nobody in any more.
func (v *visit) revokeToken() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	err = v.did(account.Deed{Action: "token.revoke", Target: "token:" + number(id)}, func(ctx context.Context) error {
		revoked, err := v.Tokens.Revoke(ctx, id)
		if err == nil && !revoked {
			return v.refuse(http.StatusNotFound, "tokens.gone")
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.done("/tokens", "tokens.revoked", "Number", id)
}
