package panel

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// The cookies, by what stands behind their prefix.
const (
	sessionCookie  = "session"
	languageCookie = "language"
	themeCookie    = "theme"
	telegramCookie = "telegram_theme" // that of the Telegram which opened the panel
	noticeCookie   = "notice"
	wantedCookie   = "wanted"
)

const (
	// wantedTime is how long a browser remembers the page for which somebody must
	// sign in: as long as it takes to get a link.
	wantedTime = 15 * time.Minute
	// maxWanted is how long the address of such a page may be.
	maxWanted = 500
)

// choiceTime is how long a browser remembers what a person chose.
const choiceTime = 365 * 24 * time.Hour

// cookieName is a cookie's name. Behind https no other host, nor anybody on the
// way, can set one of ours.
func (p *Panel) cookieName(name string) string {
	if p.secure {
		return "__Host-vinbot_" + name
	}
	return "vinbot_" + name
}

// setCookie has the browser keep something; a negative time has it forget.
func (v *visit) setCookie(name, value string, keep time.Duration) {
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // G124: over plain http a secure one would not come back
		Name: v.cookieName(name), Value: value, Path: "/", MaxAge: int(keep / time.Second),
		HttpOnly: true, Secure: v.secure, SameSite: http.SameSiteLaxMode,
	})
}

// cookie gives what the browser keeps; empty for nothing.
func (p *Panel) cookie(r *http.Request, name string) string {
	found, err := r.Cookie(p.cookieName(name))
	if err != nil {
		return ""
	}
	return found.Value
}

// arrive finds out who makes the request. What they may do is looked at anew
// each time.
func (v *visit) arrive() error {
	secret := v.cookie(v.r, sessionCookie)
	if secret == "" || len(secret) > maxSecret {
		return nil
	}
	found, err := v.Sessions.Find(v.ctx(), account.HashSecret(secret), v.Clock())
	if ticket.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	v.session = found
	if v.role, err = v.Access.Role(v.ctx(), found.User); err != nil {
		return err
	}
	if v.person, err = v.personOf(found.User); err != nil {
		return err
	}
	v.lang = v.language(v.r, v.person.Language)
	if v.Clock().Sub(found.SeenAt) < touchPause {
		return nil
	}
	return v.Sessions.Touch(v.ctx(), found.ID)
}

const (
	// maxSecret is longer than any secret of ours.
	maxSecret = 128
	// touchPause is how exactly it is noted when a session was used last.
	touchPause = time.Minute
)

// personOf finds a person; one whom the bot has never seen has an id only.
func (v *visit) personOf(id int64) (account.User, error) {
	person, err := v.People.User(v.ctx(), id)
	if ticket.IsNotFound(err) {
		return account.User{ID: id}, nil
	}
	return person, err
}

// personName is what the panel calls who is signed in.
func (v *visit) personName() string { return nameOf(v.person) }

// nameOf is what people are called: by name, or by number.
func nameOf(person account.User) string {
	if person.Name == "" {
		return number(person.ID)
	}
	return person.Name
}

// language chooses in which language to speak: what was chosen here, then the
// person's own, then what the browser asks for.
func (p *Panel) language(r *http.Request, own string) string {
	wishes := []string{p.cookie(r, languageCookie), own}
	for wish := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		code, _, _ := strings.Cut(wish, ";")
		wishes = append(wishes, strings.TrimSpace(code))
	}
	for _, wish := range wishes {
		if lang := p.pages.words.Language(wish); lang != "" {
			return lang
		}
	}
	return p.Language
}

// theme is the one that was chosen: light, dark, or empty where none was.
func (p *Panel) theme(r *http.Request) string { return themeNamed(p.cookie(r, themeCookie)) }

// shownTheme is that, or that of the Telegram which opened the panel; empty for the
// device's.
func (p *Panel) shownTheme(r *http.Request) string {
	return cmp.Or(p.theme(r), themeNamed(p.cookie(r, telegramCookie)))
}

// themeNamed is a theme that there is, or none.
func themeNamed(name string) string {
	if name == "light" || name == "dark" {
		return name
	}
	return ""
}

func (p *Panel) choiceRoutes() []route {
	return []route{
		{"POST", "/language", anybody, (*visit).chooseLanguage},
		{"POST", "/theme", anybody, (*visit).chooseTheme},
	}
}

// chooseLanguage keeps in which language this browser wants the panel.
func (v *visit) chooseLanguage() error {
	lang := v.r.PostFormValue("language")
	if lang != message.Russian && lang != message.English {
		return v.refuse(http.StatusUnprocessableEntity, "error.invalid")
	}
	v.setCookie(languageCookie, lang, choiceTime)
	return v.leave(ours(v.r.PostFormValue("back")))
}

// chooseTheme keeps how this browser wants the panel to look.
func (v *visit) chooseTheme() error {
	if chosen := themeNamed(v.r.PostFormValue("theme")); chosen == "" { // the device's, or Telegram's
		v.setCookie(themeCookie, "", -time.Second)
	} else {
		v.setCookie(themeCookie, chosen, choiceTime)
	}
	return v.leave(ours(v.r.PostFormValue("back")))
}

// back is the page that the request is for, to come back to it.
func (v *visit) back() string {
	if !safe(v.r.Method) {
		return "/"
	}
	return v.r.URL.RequestURI()
}

// want has the browser remember the page that a stranger asked for.
func (v *visit) want() {
	address := v.r.URL.RequestURI()
	if v.r.Method != http.MethodGet || !strings.Contains(v.r.Header.Get("Accept"), "text/html") || len(address) > maxWanted {
		return
	}
	v.setCookie(wantedCookie, base64.RawURLEncoding.EncodeToString([]byte(address)), wantedTime)
}

// wanted gives the page that was asked for before signing in, and has the
// browser forget it.
func (v *visit) wanted() string {
	kept := v.cookie(v.r, wantedCookie)
	if kept == "" {
		return "/"
	}
	v.setCookie(wantedCookie, "", -time.Second)
	address, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil {
		return "/"
	}
	return ours(string(address))
}

// ours makes sure that an address is a page of ours.
func ours(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.IsAbs() || parsed.Host != "" || !strings.HasPrefix(address, "/") ||
		strings.HasPrefix(address, "//") || strings.Contains(address, `\`) {
		return "/"
	}
	return address
}
