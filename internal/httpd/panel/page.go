package panel

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"vinbot/internal/httpd"
	"vinbot/internal/message"
)

//go:embed page/*.html
var templates embed.FS

//go:embed locale/*.json
var locales embed.FS

// pages makes HTML of templates, in every language.
type pages struct {
	words *message.Catalogue
	sets  map[string]*template.Template // by language
}

// page is what the frame around every page's content shows.
type page struct {
	Title   string // a text's id
	Content template.HTML
	Lang    string
	Theme   string // light, dark, or empty for what the device says
	Chosen  string // the theme that was chosen here
	Back    string // where a choice of language or theme leads
	Nav     []navigation
	Person  string // who is signed in; empty for a stranger
	Notices []notice
	Extra   extra
}

// extra is what a page loads besides what all of them do.
type extra struct{ Scripts, Styles []string }

// navigation is a link to a page.
type navigation struct {
	Path, Title string
	Current     bool
}

// notice is a sentence for the person about what was done, or was not.
type notice struct {
	Kind noticeKind `json:"kind"`
	Text string     `json:"text"`
}

type noticeKind string

const (
	good noticeKind = "good"
	bad  noticeKind = "bad"
)

// loadPages parses all templates, once.
func (p *Panel) loadPages() (*pages, error) {
	words, err := message.OpenCatalogue(locales)
	if err != nil {
		return nil, err
	}
	made := &pages{words: words, sets: map[string]*template.Template{}}
	parsed, err := template.New("").Funcs(p.functions(made, p.Language)).ParseFS(templates, "page/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the templates: %w", err)
	}
	for _, lang := range message.Languages() {
		set, err := parsed.Clone()
		if err != nil {
			return nil, fmt.Errorf("parse the templates: %w", err)
		}
		made.sets[lang] = set.Funcs(p.functions(made, lang))
	}
	return made, nil
}

// text finds a text and fills in its values, which come in pairs of name and
// value; Count chooses the plural form.
func (s *pages) text(lang, id string, values ...any) (string, error) {
	named, count := make(map[string]any, len(values)/2), 0
	for i := 0; i+1 < len(values); i += 2 {
		name, ok := values[i].(string)
		if !ok {
			return "", fmt.Errorf("text %q: the name of a value is %v", id, values[i])
		}
		if named[name] = values[i+1]; name == "Count" {
			count, _ = values[i+1].(int)
		}
	}
	return s.words.Look(lang, id, named, count)
}

// functions are what templates may call, in a language.
func (p *Panel) functions(s *pages, lang string) template.FuncMap {
	layout := "02.01.2006 15:04"
	if lang == message.English {
		layout = "2006-01-02 15:04"
	}
	return template.FuncMap{
		// t is a text by its id, with its values in pairs.
		"t": func(id string, values ...any) (string, error) { return s.text(lang, id, values...) },
		// word is the text of a code, by the beginning of its id; a code that nobody
		// has a word for stands for itself.
		"word": func(family, code string) (string, error) {
			if !s.words.Has(family + code) {
				return code, nil
			}
			return s.text(lang, family+code)
		},
		// span is how long so many seconds are, and size how much so many bytes.
		"span": func(seconds float64) (string, error) {
			return s.span(lang, time.Duration(seconds*float64(time.Second)))
		},
		"size": func(bytes uint64) (string, error) {
			return s.text(lang, "size.gigabytes", "N", strconv.FormatFloat(float64(bytes)/(1<<30), 'f', 1, 64))
		},
		// asset is the address of a file of ours.
		"asset": p.assets.address,
		// at is a time, as people of the operator's zone write it.
		"at": func(t time.Time) string {
			if t.IsZero() {
				return "—"
			}
			return t.In(p.Zone).Format(layout)
		},
		"now": func() time.Time { return p.Clock() },
		// took is how long something took, to the minute.
		"took": func(d time.Duration) (string, error) { return s.took(lang, d) },
		// machine is the same for programs: the value of a <time>.
		"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	}
}

// render makes HTML of a template.
func (v *visit) render(name string, data any) (template.HTML, error) {
	var text bytes.Buffer
	if err := v.pages.sets[v.lang].ExecuteTemplate(&text, name, data); err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	return template.HTML(text.String()), nil //nolint:gosec // G203: a template made it
}

// show answers with a whole page: a template inside the frame.
func (v *visit) show(name, title string, data any) error {
	return v.showAs(http.StatusOK, name, page{Title: title}, data)
}

// showAs answers with a whole page that has its own status, or loads more.
func (v *visit) showAs(status int, name string, p page, data any) error {
	content, err := v.render(name, data)
	if err != nil {
		return err
	}
	p.Content, p.Lang, p.Theme, p.Chosen, p.Back = content, v.lang, v.shownTheme(v.r), v.theme(v.r), v.back()
	p.Notices = append(v.kept(), v.notices...)
	if v.session.ID != 0 {
		p.Person = v.personName()
	}
	for _, entry := range places() {
		if v.session.ID != 0 && entry.who.lets(v.role) {
			p.Nav = append(p.Nav, navigation{Path: entry.path, Title: entry.title, Current: entry.path == v.r.URL.Path})
		}
	}
	whole, err := v.render("frame", p)
	if err != nil {
		return err
	}
	v.send(status, whole)
	return nil
}

// part answers htmx with a part of a page, and with the notices there are.
func (v *visit) part(name string, data any) error { return v.partAs(http.StatusOK, name, data) }

// partAs is part with a status of its own.
func (v *visit) partAs(status int, name string, data any) error {
	content, err := v.render(name, data)
	if err != nil {
		return err
	}
	if len(v.notices) > 0 {
		content += v.noticesOf(true)
	}
	v.send(status, content)
	return nil
}

// noticesOf makes the notices there are; apart: beside what htmx puts in its
// place.
func (v *visit) noticesOf(apart bool) template.HTML {
	name := "notices"
	if apart {
		name = "notices.apart"
	}
	text, err := v.render(name, v.notices)
	if err != nil { // a template of our own, which tests have made
		v.Log.Error().Err(err).Msg("a notice was not made")
	}
	return text
}

// showFault answers with a page that says what went wrong.
func (v *visit) showFault(told *refusal) {
	err := v.showAs(told.status, "fault", page{Title: "error.title"}, told.text)
	if err != nil {
		v.Log.Error().Err(err).Msg("the page of what went wrong was not made")
		http.Error(v.w, told.text, told.status)
	}
}

// send answers with HTML, which nobody keeps.
func (v *visit) send(status int, text template.HTML) {
	header := v.w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Add("Vary", "HX-Request")
	httpd.Send(v.w, v.r, status, []byte(text))
}

// notice has a sentence shown with what is answered, or on the page that follows.
func (v *visit) notice(kind noticeKind, text string) {
	v.notices = append(v.notices, notice{kind, text})
}

// say has a text shown with what is answered, or on the page that follows.
func (v *visit) say(id string, values ...any) error {
	text, err := v.pages.text(v.lang, id, values...)
	if err != nil {
		return err
	}
	v.notice(good, text)
	return nil
}

// done says what was done, and leads to a page of ours. It is how a change ends
// that has no part of a page to put in its place.
func (v *visit) done(to, id string, values ...any) error {
	if err := v.say(id, values...); err != nil {
		return err
	}
	return v.leave(to)
}

// leave leads to a page of ours, which shows the notices there are.
func (v *visit) leave(to string) error {
	if len(v.notices) > 0 {
		text, err := json.Marshal(v.notices)
		if err != nil {
			return fmt.Errorf("keep notices: %w", err)
		}
		v.setCookie(noticeCookie, base64.RawURLEncoding.EncodeToString(text), time.Minute)
	}
	v.w.Header().Set("Cache-Control", "no-store")
	if v.partial() {
		v.w.Header().Set("HX-Redirect", to)
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther) //nolint:gosec // G710: see ours
	return nil
}

// kept gives the notices that the page before left, once.
func (v *visit) kept() (notices []notice) {
	cookie, err := v.r.Cookie(v.cookieName(noticeCookie))
	if err != nil {
		return nil
	}
	v.setCookie(noticeCookie, "", -time.Second)
	if text, err := base64.RawURLEncoding.DecodeString(cookie.Value); err == nil {
		_ = json.Unmarshal(text, &notices) // whoever made it up gets none
	}
	return notices
}
