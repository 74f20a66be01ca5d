// Package api is the program's interface for other programs, and for the mobile
// and mini apps of owners: REST under /api/v1, described by OpenAPI. What it
// does to tickets it does by the same services as the chats, so that everybody
// is told as if it had been done there.
package api

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/stats"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// Options of the API.
type Options struct {
	Store   store
	Tickets *ticket.Service
	People  account.Store
	Bans    account.Bans
	Tokens  account.Tokens
	// Sessions are the owners', Usage and Answers everybody's.
	Sessions account.Sessions
	Usage    account.Usage
	Answers  account.Answers
	Webhooks webhooks
	// Forgetting carries out that an owner wants to be forgotten.
	Forgetting forgetting
	Policy     vin.Policy // of check digits
	// MaxOpen and MaxHour are how many tickets an owner may have open, and open
	// in an hour; 0 is no limit.
	MaxOpen, MaxHour int
	BotToken         string // what Telegram signs who somebody is with
	Stats            *stats.Stats
	History          history
	Hub              *httpd.Hub // of all streams of the process
	Archive          httpd.Archive
	Links            links  // nil where the archive gives none
	Spool            string // a folder for what is being uploaded
	MaxPDF           int64  // bytes
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Patience is how long a request may take, but for what is sent and fetched; 0
	// is the usual time.
	Patience time.Duration
	Version  string // of the program
	Log      zerolog.Logger
	Clock    func() time.Time
}

// store is where tickets are read.
type store interface {
	ticket.Store
	// Hold has whoever else would change a ticket wait until the transaction
	// ends that ctx carries.
	Hold(ctx context.Context, id int64) error
	// HoldOwner has whoever else would open a ticket for an owner wait so.
	HoldOwner(ctx context.Context, owner int64) error
	Select(ctx context.Context, by ticket.Selection) ([]ticket.Ticket, error)
}

// forgetting takes the wish of a person to be forgotten.
type forgetting interface {
	Confirm(ctx context.Context, e ticket.Erasure) error
}

// API answers what lies under /api/.
type API struct {
	Options

	mux      *http.ServeMux
	routes   map[string]*route // by their patterns
	registry huma.Registry
	openAPI  *huma.OpenAPI
	spec     func() ([]byte, error) // that as JSON: written once, since anybody may ask for it
	limiter  *limiter
	doors    doors
	verifier httpd.Verifier
}

// root is what every operation's path begins with.
const root = "/api/v1"

// New makes the API.
func New(o Options) *API {
	o.Patience = cmp.Or(o.Patience, usualPatience)
	a := &API{Options: o, mux: http.NewServeMux(), routes: map[string]*route{}, limiter: &limiter{usage: o.Usage, callers: map[string]*allowance{}}}
	a.verifier = httpd.NewVerifier(o.BotToken, o.Clock)
	a.describe()
	a.aboutCallers()
	a.aboutVINs()
	a.aboutTickets()
	a.aboutManaging()
	a.aboutReports()
	a.aboutWebhooks()
	a.aboutStatistics()
	a.aboutSigningIn()
	a.aboutEvents()
	a.spec = sync.OnceValues(a.writeSpec)
	return a
}

// ServeHTTP lets in who has a token, and only then looks at what is asked.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name := docsFiles()[r.URL.Path]; (r.Method == http.MethodGet || r.Method == http.MethodHead) && (name != "" || r.URL.Path == specPath) {
		if name != "" {
			a.explain(w, r, name)
		} else {
			a.specification(w, r)
		}
		return
	}
	if !within(r.URL.Path) {
		a.fail(w, r, notFound())
		return
	}
	// Whoever goes on with a request that took too long reads one of their own.
	asked := r.WithContext(r.Context())
	pattern := ""
	if r.URL.Path == path.Clean(r.URL.Path) { // of others the mux would say where they lead
		_, pattern = a.mux.Handler(asked)
	}
	inner, err := a.letIn(w, asked, a.routes[pattern])
	if err != nil {
		r.Pattern = pattern
		a.fail(w, asked, err)
		return
	}
	a.mux.ServeHTTP(w, inner)
	r.Pattern = pattern // for whoever counts requests
}

// within reports whether a path lies under the root, as it stands or as it would
// be made plain.
func within(asked string) bool {
	return strings.HasPrefix(asked+"/", root+"/") || strings.HasPrefix(path.Clean("/"+asked)+"/", root+"/")
}

// letIn finds out who calls, whether that is too often, and whether they may.
func (a *API) letIn(w http.ResponseWriter, r *http.Request, rt *route) (*http.Request, error) {
	if rt != nil && rt.Open {
		return r, a.doors.admit(httpd.ClientAddress(r, a.TrustedProxies), a.Clock())
	}
	known, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (counted, error) { return a.identify(r.WithContext(ctx)) })
	if err != nil {
		return nil, err
	}
	who := known.caller
	if err := known.tell(w); err != nil {
		return nil, err
	}
	if rt == nil {
		return nil, a.unknown(r)
	}
	if err := who.authorize(&rt.operation); err != nil {
		return nil, err
	}
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, who)), nil
}

// counted is a caller with what is left to them.
type counted struct {
	caller
	leave
}

// identify finds out who calls, and counts the request.
func (a *API) identify(r *http.Request) (counted, error) {
	who, err := a.authenticate(r)
	if err != nil {
		return counted{}, err
	}
	left, err := a.limiter.admit(r.Context(), who, a.Clock())
	return counted{who, left}, err
}

// unknown tells a path that there is not from a method that it does not have.
func (a *API) unknown(r *http.Request) error {
	if r.URL.Path != path.Clean(r.URL.Path) {
		return notFound()
	}
	probe := verdict{header: http.Header{}}
	a.mux.ServeHTTP(&probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		p := problem(probe.status, codeMethod, "what is there takes other methods: "+probe.header.Get("Allow"))
		p.allow = probe.header.Get("Allow")
		return p
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
