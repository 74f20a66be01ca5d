package httpd

import (
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"
)

// Web is what the listener for everybody needs.
type Web struct {
	// API serves what lies under /api/. It sets the request's Pattern to the
	// route that it found.
	API http.Handler
	// Origins are the web pages whose scripts may call the API.
	Origins []string
	// Count counts the requests.
	Count counter
	Log   zerolog.Logger
	Now   func() time.Time
}

// NewWeb makes the handler of the listener for everybody.
func NewWeb(o Web) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/", withCORS(o.Origins, o.API))
	return withRequestID(accounted{next: unharmed{next: mux, log: o.Log}, count: o.Count, log: o.Log, now: o.Now})
}

// unharmed answers a request whose handler panics, and has browsers take every
// answer for what it says that it is.
type unharmed struct {
	next http.Handler
	log  zerolog.Logger
}

func (u unharmed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() { //nolint:contextcheck // what panicked is logged, whatever becomes of the request
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http has it
			panic(p)
		}
		said := fmt.Sprintf("%T", p)
		if e, ok := p.(runtime.Error); ok { // any other value may quote a person
			said = e.Error()
		}
		u.log.Error().Str("request_id", RequestID(r.Context())).Str("panic", said).
			Bytes("stack", debug.Stack()).Msg("a request's handler panicked")
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	u.next.ServeHTTP(w, r)
}
