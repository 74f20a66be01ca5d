// Package api is the program's interface for other programs, and for the mobile
// and mini apps of owners: REST under /api/v1, described by OpenAPI. What it
// does to tickets it does by the same services as the chats, so that everybody
// is told as if it had been done there.
package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/vin"
)

// Options of the API.
type Options struct {
	Tokens  account.Tokens
	Policy  vin.Policy // of check digits
	Version string     // of the program
	Log     zerolog.Logger
	Clock   func() time.Time
}

// API answers what lies under /api/.
type API struct {
	Options

	mux      *http.ServeMux
	routes   map[string]*route // by their patterns
	registry huma.Registry
	openAPI  *huma.OpenAPI
}

// root is what every operation's path begins with.
const root = "/api/v1"

// New makes the API.
func New(o Options) *API {
	a := &API{Options: o, mux: http.NewServeMux(), routes: map[string]*route{}}
	a.describe()
	a.aboutCallers()
	a.aboutVINs()
	return a
}

// ServeHTTP lets in who has a token, and only then looks at what is asked.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == specPath && r.Method == http.MethodGet {
		a.specification(w, r)
		return
	}
	if !strings.HasPrefix(r.URL.Path, root+"/") {
		http.NotFound(w, r)
		return
	}
	_, pattern := a.mux.Handler(r)
	rt := a.routes[pattern]
	inner := r
	if rt == nil || !rt.Open {
		who, err := a.authenticate(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		if rt == nil {
			a.fail(w, r, a.unknown(r))
			return
		}
		if err := who.authorize(&rt.operation); err != nil {
			r.Pattern = pattern
			a.fail(w, r, err)
			return
		}
		inner = r.WithContext(context.WithValue(r.Context(), callerKey{}, who))
	}
	a.mux.ServeHTTP(w, inner)
	r.Pattern = inner.Pattern // for whoever counts requests
}

// unknown tells a path that there is not from a method that it does not have.
func (a *API) unknown(r *http.Request) error {
	probe := verdict{header: http.Header{}}
	a.mux.ServeHTTP(&probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		return problem(probe.status, codeMethod, "what is there takes other methods: "+probe.header.Get("Allow"))
	}
	return notFound()
}

// verdict keeps of an answer how it ended.
type verdict struct {
	header http.Header
	status int
}

// Header gives the headers.
func (v *verdict) Header() http.Header { return v.header }

// Write drops the body.
func (v *verdict) Write(text []byte) (int, error) { return len(text), nil }

// WriteHeader keeps the status.
func (v *verdict) WriteHeader(status int) { v.status = status }
