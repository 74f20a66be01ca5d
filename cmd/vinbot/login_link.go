package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/app"
	"vinbot/internal/config"
	"vinbot/internal/store"
)

// askTime is how long Telegram may take to say whether somebody is in a group.
const askTime = 15 * time.Second

// loginLink makes a link into the panel for a manager or an admin, also while a
// bot runs.
func (p *program) loginLink(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	user := flags.Int64("user", 0, "")
	rest, err := parse(flags, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usageError{"takes no argument: " + rest[0]}
	case *user <= 0:
		return usageError{"wants a person: --user and their Telegram id, a number"}
	}
	cfg, err := config.Load(p.environ, p.dir)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	opened, err := store.Open(ctx, store.Options{Database: app.Database(cfg), Clock: p.now, Log: zerolog.Nop()})
	if err != nil {
		return err
	}
	err = p.makeLink(ctx, cfg, opened, *user)
	return errors.Join(err, opened.Close())
}

// makeLink makes the link, for who may use it.
func (p *program) makeLink(ctx context.Context, cfg config.Config, opened *store.Store, user int64) error {
	roles := account.Roles{Managers: cfg.ManagerIDs, Admins: cfg.AdminIDs}
	switch {
	case roles.Admin(user):
	case !roles.MayAct(user):
		return fmt.Errorf("%d is neither in MANAGER_IDS nor in ADMIN_IDS: only managers and admins use the panel", user)
	default:
		if err := p.lookForMember(ctx, cfg, opened, user); err != nil {
			return err
		}
	}
	secret, hash := account.NewSecret(account.PrefixLink)
	if err := opened.PanelSessions().MakeLink(ctx, account.LoginLink{User: user, ExpiresAt: p.now().Add(account.LinkTime)}, hash); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "For %d alone, once, within five minutes:\n", user)
	fmt.Fprintln(p.stdout, string(cfg.Site(string(cfg.HTTPAddr)))+"/login/"+secret)
	return nil
}

// lookForMember asks Telegram whether a person is in one of the managers' groups,
// and notes what it says.
func (p *program) lookForMember(ctx context.Context, cfg config.Config, opened *store.Store, user int64) error {
	groups := account.NewGroups(app.Places(cfg.ManagerChats), opened.Accounts())
	if err := groups.Load(ctx); err != nil {
		return err
	}
	asks := &patient{cfg: cfg, now: p.now, client: &http.Client{Timeout: askTime}}
	inside := false
	for _, at := range groups.Current() {
		var is struct {
			Status   string `json:"status"`
			IsMember bool   `json:"is_member"` // of who is restricted
		}
		err := asks.call(ctx, "getChatMember", url.Values{
			"chat_id": {strconv.FormatInt(at.Chat, 10)}, "user_id": {strconv.FormatInt(user, 10)},
		}, &is)
		if err != nil && !unknownThere(err) {
			return fmt.Errorf("ask Telegram whether %d is in the group %d (the bot must be in it, best as an admin): %w", user, at.Chat, err)
		}
		member := is.Status == "creator" || is.Status == "administrator" || is.Status == "member" || is.Status == "restricted" && is.IsMember
		inside = inside || member
		if err := opened.Members().Note(ctx, at.Chat, user, member); err != nil {
			return err
		}
	}
	if !inside {
		return fmt.Errorf("%d is in none of the managers' groups, and not in ADMIN_IDS", user)
	}
	return nil
}

// unknownThere reports whether Telegram says that a group never had such a member.
func unknownThere(err error) bool {
	var no refusal
	if !errors.As(err, &no) || no.Code != http.StatusBadRequest {
		return false
	}
	for _, words := range []string{"participant_id_invalid", "user not found", "member not found", "user_not_participant"} {
		if strings.Contains(strings.ToLower(no.Description), words) {
			return true
		}
	}
	return false
}
