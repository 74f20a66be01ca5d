package httpd

import (
	"fmt"
	"net/http"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Web is what the listener for everybody needs.
type Web struct {
	// API serves what lies under /api/, in whatever way a path says so: it is asked
	// before any is made plain. It sets the request's Pattern to the route that it
	// found.
	API http.Handler
	// Broken answers a request to the API whose handler panicked; nil is a line of
	// plain text.
	Broken func(w http.ResponseWriter, r *http.Request)
	// Panel serves everything else; nil where there is none.
	Panel http.Handler
	// Origins are the web pages whose scripts may call the API.
	Origins []string
	// Count counts the requests.
	Count counter
	Log   zerolog.Logger
	Now   func() time.Time
}

// NewWeb makes the handler of the listener for everybody.
func NewWeb(o Web) http.Handler {
	rest := unharmed{next: withCORS(o.Origins, o.API), answer: o.Broken, log: o.Log}
	mux := http.NewServeMux()
	if o.Panel != nil {
		mux.Handle("/", o.Panel)
	}
	others := unharmed{next: mux, log: o.Log}
	split := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ofAPI(r.URL.Path) {
			rest.ServeHTTP(w, r)
		} else {
			others.ServeHTTP(w, r)
		}
	})
	return withRequestID(accounted{next: split, count: o.Count, log: o.Log, now: o.Now})
}

// ofAPI tells what is the API's, which shows nobody without a token so much as
// where another path would lead.
func ofAPI(asked string) bool {
	const under = "/api/"
	return strings.HasPrefix(asked, under) || strings.HasPrefix(path.Clean("/"+asked)+"/", under)
}

// unharmed answers a request whose handler panics, and has browsers take every
// answer for what it says that it is.
type unharmed struct {
	next   http.Handler
	answer func(w http.ResponseWriter, r *http.Request) // nil: a line of plain text
	log    zerolog.Logger
}

// Panicked is what a handler panics with on behalf of another goroutine.
type Panicked struct {
	Value any
	Stack []byte
}

// begun notes whether an answer has.
type begun struct {
	http.ResponseWriter

	yes bool
}

// WriteHeader begins it.
func (b *begun) WriteHeader(status int) {
	b.yes = true
	b.ResponseWriter.WriteHeader(status)
}

// Write begins it, too.
func (b *begun) Write(text []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(text) //nolint:wrapcheck // it wraps it
}

// Unwrap lets http.ResponseController reach what this wraps.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

func (u unharmed) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	w := &begun{ResponseWriter: to}
	defer func() { //nolint:contextcheck // what panicked is logged, whatever becomes of the request
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http has it
			panic(p)
		}
		stack := debug.Stack()
		if elsewhere, ok := p.(Panicked); ok {
			p, stack = elsewhere.Value, elsewhere.Stack
		}
		said := fmt.Sprintf("%T", p)
		if e, ok := p.(runtime.Error); ok { // any other value may quote a person
			said = e.Error()
		}
		u.log.Error().Str("request_id", RequestID(r.Context())).Str("panic", said).
			Bytes("stack", stack).Msg("a request's handler panicked")
		switch {
		case w.yes: // half an answer must not look like a whole one
			panic(http.ErrAbortHandler)
		case u.answer != nil:
			u.answer(w, r)
		default:
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}
	}()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	u.next.ServeHTTP(w, r)
}
