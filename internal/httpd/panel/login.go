package panel

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

func (p *Panel) loginRoutes() []route {
	return []route{
		{"GET", "/login", anybody, (*visit).showLogin},
		{"GET", "/login/app", anybody, (*visit).showApp},
		{"POST", "/login/app", anybody, (*visit).enterApp},
		{"GET", "/login/{secret}", anybody, (*visit).showLink},
		{"POST", "/login/{secret}", anybody, (*visit).spendLink},
		{"POST", "/logout", anybody, (*visit).signOut},
	}
}

// toLogin leads a stranger to the way in.
func (v *visit) toLogin() {
	v.w.Header().Set("Cache-Control", "no-store")
	if v.partial() {
		v.w.Header().Set("HX-Redirect", "/login")
		v.w.WriteHeader(http.StatusUnauthorized)
		return
	}
	v.want()
	http.Redirect(v.w, v.r, "/login", http.StatusSeeOther)
}

// showLogin tells how to get in.
func (v *visit) showLogin() error {
	if v.role > account.Nobody {
		return v.leave("/")
	}
	return v.show("login", "login.title", nil)
}

// showLink shows whom a link is for, and the button that spends it: whoever only
// looks, as a preview does, spends nothing.
func (v *visit) showLink() error {
	link, err := v.link()
	if err != nil {
		return err
	}
	person, err := v.personOf(link.User)
	if err != nil {
		return err
	}
	return v.show("login.link", "login.title", struct{ Person, Secret string }{nameOf(person), v.r.PathValue("secret")})
}

// spendLink signs in whom a link is for.
func (v *visit) spendLink() error {
	link, err := v.link()
	if err != nil {
		return err
	}
	deed := account.Deed{User: link.User, Action: "session.begin", Details: map[string]string{"by": "link"}}
	err = v.enter(deed, func(ctx context.Context, s account.PanelSession, hash []byte) error {
		_, err := v.Sessions.Enter(ctx, account.HashSecret(v.r.PathValue("secret")), s, hash)
		return err
	})
	if err != nil && ticket.CodeOf(err) == ticket.CodeConflict { // somebody was faster
		return v.refuse(http.StatusGone, "login.spent")
	}
	return err
}

// showApp is what Telegram opens as a Mini App: login.js sends on what Telegram
// signed, which stands behind the # of the address.
func (v *visit) showApp() error {
	return v.showAs(http.StatusOK, "login.app", page{Title: "login.title", Extra: extra{Scripts: []string{"login.js"}}}, nil)
}

// maxSigned is longer than what Telegram signs.
const maxSigned = 8 << 10

// enterApp signs in whom Telegram vouches for.
func (v *visit) enterApp() error {
	from, err := v.guess()
	if err != nil {
		return err
	}
	signed := v.r.PostFormValue("init_data")
	user, err := int64(0), httpd.ErrLogin
	if v.BotToken != "" && len(signed) <= maxSigned {
		user, err = v.verifier.AppUser(signed)
	}
	if err != nil {
		v.attempts.failed(from, v.Clock())
		return v.refuse(http.StatusForbidden, "login.not_signed")
	}
	if theme := themeNamed(v.r.PostFormValue("theme")); theme != "" {
		v.setCookie(telegramCookie, theme, account.PanelTime)
	}
	deed := account.Deed{User: user, Action: "session.begin", Details: map[string]string{"by": "telegram"}}
	return v.enter(deed, func(ctx context.Context, s account.PanelSession, hash []byte) error {
		s.User = user
		_, err := v.Sessions.Begin(ctx, s, hash)
		return err
	})
}

// enter begins a session, for who may use the panel.
func (v *visit) enter(deed account.Deed, begin func(ctx context.Context, s account.PanelSession, hash []byte) error) error {
	role, err := v.Access.Role(v.ctx(), deed.User)
	if err != nil {
		return err
	}
	if role == account.Nobody {
		return v.refuse(http.StatusForbidden, "error.outside")
	}
	secret, hash := account.NewSecret(account.PrefixPanel)
	err = v.did(deed, func(ctx context.Context) error {
		return begin(ctx, account.PanelSession{Agent: agentOf(v.r)}, hash)
	})
	if err != nil {
		return err
	}
	v.setCookie(sessionCookie, secret, account.PanelTime)
	return v.leave(v.wanted())
}

// link finds the link that is asked for. Whoever guesses is soon refused.
func (v *visit) link() (account.LoginLink, error) {
	from, err := v.guess()
	if err != nil {
		return account.LoginLink{}, err
	}
	secret := v.r.PathValue("secret")
	link, err := account.LoginLink{}, error(ticket.NewError(ticket.CodeNotFound, "no secret of ours", nil))
	if strings.HasPrefix(secret, account.PrefixLink) && len(secret) <= maxSecret {
		link, err = v.Sessions.Link(v.ctx(), account.HashSecret(secret))
	}
	switch {
	case ticket.IsNotFound(err):
		v.attempts.failed(from, v.Clock())
		return link, v.refuse(http.StatusNotFound, "login.unknown")
	case err != nil:
		return link, err
	case !link.Works(v.Clock()):
		return link, v.refuse(http.StatusGone, "login.spent")
	}
	return link, nil
}

// guess is where an attempt to sign in comes from, unless too many failed there.
func (v *visit) guess() (from netip.Addr, err error) {
	from = httpd.ClientAddress(v.r, v.TrustedProxies)
	wait := v.attempts.wait(from, v.Clock())
	if wait == 0 {
		return from, nil
	}
	v.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	return from, v.refuse(http.StatusTooManyRequests, "login.limited")
}

// maxAgent is how much is kept of what a browser calls itself.
const maxAgent = 200

// agentOf is what a browser calls itself.
func agentOf(r *http.Request) string {
	agent := strings.Map(func(c rune) rune {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, r.UserAgent())
	for len(agent) > maxAgent {
		_, size := utf8.DecodeLastRuneInString(agent)
		agent = agent[:len(agent)-size]
	}
	return agent
}

// signOut ends the session of who asks. Twice is once.
func (v *visit) signOut() error {
	if v.session.ID != 0 {
		err := v.did(account.Deed{Action: "session.end"}, func(ctx context.Context) error {
			_, err := v.Sessions.Revoke(ctx, v.session.ID, v.session.User)
			return err
		})
		if err != nil {
			return err
		}
	}
	v.setCookie(sessionCookie, "", -time.Second)
	return v.done("/login", "login.signed_out")
}
