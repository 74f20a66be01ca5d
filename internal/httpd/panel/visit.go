package panel

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// visit is one request with who makes it.
type visit struct {
	*Panel

	w    http.ResponseWriter
	r    *http.Request
	lang string
	// session is that of who is signed in; zero for a stranger. Role is what they
	// may do at this moment.
	session account.PanelSession
	role    account.Role
	person  account.User
	notices []notice
}

func (p *Panel) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{Panel: p, w: w, r: r, lang: p.language(r, "")}
}

// ctx is the request's context.
func (v *visit) ctx() context.Context { return v.r.Context() }

// partial reports whether htmx asks: for a part of a page.
func (v *visit) partial() bool { return v.r.Header.Get("HX-Request") == "true" }

// actor is who makes the request, as tickets name them.
func (v *visit) actor() ticket.Actor { return v.named(v.person) }

// named is a person as the groups may see them: without a name where they hide it.
func (v *visit) named(person account.User) ticket.Actor {
	if v.Hides != nil && v.Hides(person.ID) {
		return ticket.Actor{ID: person.ID}
	}
	return ticket.Actor{ID: person.ID, Name: person.Name}
}

// admit reports why a request may not be made.
func (v *visit) admit(rt route) error {
	if !safe(v.r.Method) {
		if err := v.guard.Check(v.r); err != nil {
			return v.refuse(http.StatusForbidden, "error.cross_origin")
		}
	}
	switch {
	case rt.who.lets(v.role):
		return v.readForm()
	case v.session.ID == 0:
		return errStranger
	case v.role == account.Nobody:
		return v.refuse(http.StatusForbidden, "error.outside")
	}
	return v.refuse(http.StatusForbidden, "error.forbidden")
}

// maxForm is how large what is filled in may be: a hundred times as much as any
// page asks for.
const maxForm = 64 << 10

// readForm reads what was filled in, before anything is made of it. Files are
// left to the page that takes them.
func (v *visit) readForm() error {
	if safe(v.r.Method) {
		return nil
	}
	if !strings.HasPrefix(strings.ToLower(v.r.Header.Get("Content-Type")), "multipart/") {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	}
	err := v.r.ParseForm()
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return v.refuse(http.StatusRequestEntityTooLarge, "error.too_large")
	}
	if err != nil {
		return v.refuse(http.StatusBadRequest, "error.invalid")
	}
	return nil
}

// errStranger says that somebody must sign in first.
var errStranger = errors.New("nobody is signed in")

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// refusal is what a person is told instead of what they asked for.
type refusal struct {
	status int
	text   string
}

// Error makes it an error that a page may return.
func (r *refusal) Error() string { return r.text }

// refuse makes a refusal of a text, with its values in pairs.
func (v *visit) refuse(status int, id string, values ...any) error {
	text, err := v.pages.text(v.lang, id, values...)
	if err != nil {
		return err
	}
	return &refusal{status, text}
}

// did makes a change and notes it, both or neither. Who did it is whoever asks,
// unless the deed says otherwise.
func (v *visit) did(deed account.Deed, change func(ctx context.Context) error) error {
	return v.didTo(&deed, change)
}

// didTo is did where it is known only afterwards what it was done to.
func (v *visit) didTo(deed *account.Deed, change func(ctx context.Context) error) error {
	if deed.User == 0 {
		deed.User = v.session.User
	}
	return v.Store.Within(v.ctx(), func(ctx context.Context, _ ticket.Tx) error {
		if err := change(ctx); err != nil {
			return err
		}
		return v.Audit.Add(ctx, *deed)
	})
}

// fail answers with what went wrong, in the reader's language, and logs what is
// ours.
func (v *visit) fail(err error) {
	if errors.Is(err, errStranger) {
		v.toLogin()
		return
	}
	told, ok := errors.AsType[*refusal](err)
	if !ok {
		code := ticket.CodeOf(err)
		told = &refusal{status: httpd.StatusOf(code)}
		var missing error
		if told.text, missing = v.pages.text(v.lang, "error."+string(code)); missing != nil {
			told.text = http.StatusText(told.status)
		}
		if told.status >= http.StatusInternalServerError && v.ctx().Err() == nil {
			v.Log.Error().Err(err).Str("request_id", httpd.RequestID(v.ctx())).Str("route", v.r.Pattern).Msg("a page failed")
		}
	}
	if v.partial() {
		v.notice(bad, told.text)
		v.send(told.status, v.noticesOf(false))
		return
	}
	v.showFault(told)
}

// number writes a number, as in an address.
func number(id int64) string { return strconv.FormatInt(id, 10) }
