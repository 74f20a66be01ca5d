package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/app"
	"vinbot/internal/config"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// token makes, lists and revokes the tokens of programs, also while a bot runs.
func (p *program) token(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageError{"wants create, list or revoke"}
	}
	verbs := map[string]func(ctx context.Context, args []string) error{
		"create": p.createToken, "list": p.listTokens, "revoke": p.revokeToken,
	}
	do, ok := verbs[args[0]]
	if !ok {
		return usageError{"wants create, list or revoke, not " + args[0]}
	}
	return do(ctx, args[1:])
}

func (p *program) createToken(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	name := flags.String("name", "", "")
	scopes := flags.String("scopes", "", "")
	perMinute := flags.Int("per-minute", account.UsualPerMinute, "")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	made := account.Token{Name: ticket.Words(*name), PerMinute: *perMinute}
	if made.Scopes, err = account.ParseScopes(*scopes); err != nil {
		return usageError{err.Error()}
	}
	switch {
	case len(rest) > 0:
		return usageError{"takes no argument: " + rest[0]}
	case made.Name == "":
		return usageError{"wants a name: --name 'What it is for'"}
	case len(made.Scopes) == 0:
		return usageError{"wants scopes: --scopes with some of " + scopeNames(account.Scopes(), ",")}
	case !utf8.ValidString(made.Name) || utf8.RuneCountInString(made.Name) > account.MaxTokenName || strings.ContainsFunc(made.Name, unicode.IsControl):
		return usageError{"wants a name of " + strconv.Itoa(account.MaxTokenName) + " characters at most, in one line: cards show it"}
	case made.PerMinute < 1:
		return usageError{"wants at least one request a minute"}
	case made.PerMinute > account.MostPerMinute:
		return usageError{"wants no more than " + strconv.Itoa(account.MostPerMinute) + " requests a minute"}
	}
	return p.withTokens(ctx, func(tokens account.Tokens) error {
		secret, hash := account.NewSecret(account.PrefixToken)
		made, err := tokens.Create(ctx, made, hash)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stderr, "Token %d for %s: keep it, it is shown once.\n", made.ID, made.Name)
		fmt.Fprintln(p.stdout, secret)
		return nil
	})
}

func (p *program) listTokens(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	return p.withTokens(ctx, func(tokens account.Tokens) error {
		list, err := tokens.List(ctx)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintln(p.stdout, "there is no token")
		}
		for _, t := range list {
			state := "never used"
			switch {
			case !t.RevokedAt.IsZero():
				state = "revoked " + t.RevokedAt.Format(time.DateOnly)
			case !t.LastUsedAt.IsZero():
				state = "last used " + t.LastUsedAt.Format("2006-01-02 15:04 UTC")
			}
			fmt.Fprintf(p.stdout, "%4d  %-24s  %-52s  %5d/min  made %s  %s\n",
				t.ID, strings.Map(printable, t.Name), scopeNames(t.Scopes, " "), t.PerMinute, t.CreatedAt.Format(time.DateOnly), state)
		}
		return nil
	})
}

func (p *program) revokeToken(ctx context.Context, args []string) error {
	rest, err := parse(flag.NewFlagSet("", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError{"wants the number of one token; vinbot token list shows them"}
	}
	id, err := strconv.ParseInt(rest[0], 10, 64)
	if err != nil {
		return usageError{"wants the number of a token, not " + rest[0]}
	}
	return p.withTokens(ctx, func(tokens account.Tokens) error {
		revoked, err := tokens.Revoke(ctx, id)
		if err != nil {
			return err
		}
		if !revoked {
			return fmt.Errorf("there is no token %d that lets anybody in", id)
		}
		fmt.Fprintf(p.stdout, "token %d lets nobody in any more\n", id)
		return nil
	})
}

// withTokens opens the database beside a bot that may run.
func (p *program) withTokens(ctx context.Context, do func(tokens account.Tokens) error) (err error) {
	cfg, err := config.Load(p.environ, p.dir)
	if err := config.Only(err, "DATABASE_URL"); err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	opened, err := store.Open(ctx, store.Options{Database: app.Database(cfg), Clock: p.now, Log: zerolog.Nop()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	return do(opened.Tokens())
}

func scopeNames(scopes []account.Scope, between string) string {
	names := make([]string, len(scopes))
	for i, scope := range scopes {
		names[i] = string(scope)
	}
	return strings.Join(names, between)
}
