// Package panel is the web panel, where managers and admins look instead of
// scrolling: pages made on the server, with htmx for what changes in place. What
// it does to tickets it does by the same services as the chats, so that
// everybody is told as if it had been done there.
package panel

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/stats"
	"vinbot/internal/ticket"
)

// Options of the panel.
type Options struct {
	Store   store
	Tickets *ticket.Service
	People  account.Store
	// Sessions are the panel's own, Access says what their people may do, and
	// Audit keeps what they did.
	Sessions account.PanelSessions
	Access   access
	Audit    account.Audit
	History  history
	Hub      *httpd.Hub // of all streams of the process
	// BotToken is what Telegram signs who somebody is with; empty: nobody comes from
	// inside Telegram.
	BotToken string
	Tokens   account.Tokens
	Webhooks webhooks
	// Updates and Effects are what was set aside of what came, and of what was to
	// be done.
	Updates inbox.Shelf
	Effects outbox.Shelf
	// CRMJobs are what was to be told to the CRM and was given up; nil: there is no
	// CRM.
	CRMJobs outbox.Shelf
	// Status tells how the program is.
	Status health
	// Settings are those in force, in their order.
	Settings []Setting
	// Talk carries questions to owners, Conversations tells what was said.
	Talk          talk
	Conversations conversations
	Deadlines     deadlines
	Misses        misses
	// Hides says who acts anonymously in the managers' groups; nil: nobody does.
	Hides   func(user int64) bool
	Uploads httpd.Uploads
	// Roles are the people whom the settings name: who of them may ban is asked
	// there.
	Roles      account.Roles
	Owners     account.Owners
	Bans       account.Bans
	Forgetting forgetting
	Stats      *stats.Stats
	// Retention is how long what is in the bin stays there; 0 for ever.
	Retention time.Duration
	// PublicURL is what people find the panel at; an empty one is this host by
	// http.
	PublicURL string
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	Language       string         // where a person's own is not known
	Zone           *time.Location // in which times are shown
	Log            zerolog.Logger
	Clock          func() time.Time
}

// store is where tickets are read and changed.
type store interface {
	ticket.Store
	Select(ctx context.Context, by ticket.Selection) ([]ticket.Ticket, error)
	// Work lists open tickets in the order in which they are worked off.
	Work(ctx context.Context, by ticket.Work) ([]ticket.Ticket, error)
	OpenByStatus(ctx context.Context) (map[ticket.Status]int, error)
	// OpenedUntil gives the number of the newest ticket of a time or before it.
	OpenedUntil(ctx context.Context, at time.Time) (int64, error)
	// Hold has whoever else would change a ticket wait until the transaction ends.
	Hold(ctx context.Context, id int64) error
	Reports(ctx context.Context, ticket int64, limit int) ([]ticket.Report, error)
	// Holders are those who have open tickets, Colleagues who was in a group since a
	// time.
	Holders(ctx context.Context) ([]account.User, error)
	Colleagues(ctx context.Context, since time.Time) ([]account.User, error)
}

// forgetting takes the wish that a person be forgotten.
type forgetting interface {
	Confirm(ctx context.Context, e ticket.Erasure) error
}

// access says what somebody may do.
type access interface {
	Role(ctx context.Context, user int64) (account.Role, error)
	// MayAct reports whether somebody in a managers' group may act on tickets.
	MayAct(user int64) bool
}

// Panel answers what lies outside /api/.
type Panel struct {
	Options

	mux      *http.ServeMux
	table    []route
	ready    func() error // has what follows read, once
	assets   *assets
	pages    *pages
	guard    *http.CrossOriginProtection
	attempts attempts
	looked   quietness // at PDFs
	verifier httpd.Verifier
	secure   bool // people come by https
}

// New makes the panel.
func New(o Options) (*Panel, error) {
	p := &Panel{Options: o, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection(), secure: strings.HasPrefix(o.PublicURL, "https://"), verifier: httpd.NewVerifier(o.BotToken, o.Clock)}
	if o.PublicURL != "" { // a proxy may have changed the host
		if err := p.guard.AddTrustedOrigin(o.PublicURL); err != nil {
			return nil, fmt.Errorf("make the panel: %w", err)
		}
	}
	p.ready = sync.OnceValue(p.load)
	p.table = p.routes()
	for _, rt := range p.table {
		p.mux.HandleFunc(strings.TrimSpace(rt.method+" "+rt.pattern), func(w http.ResponseWriter, r *http.Request) {
			p.serve(w, r, rt) //nolint:contextcheck // a visit has its request's
		})
	}
	return p, nil
}

// load reads what pages are made of: megabytes, which a bot does without until
// somebody opens the panel.
func (p *Panel) load() (err error) {
	if p.assets, err = loadAssets(); err != nil {
		return err
	}
	p.pages, err = p.loadPages()
	return err
}

// policy is what a browser may load for our pages: what we serve, and nothing
// that stands in a page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// ServeHTTP says what browsers must not do, and answers.
func (p *Panel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	header.Set("Referrer-Policy", "same-origin") // none at all would take the origin from forms, too
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	if err := p.ready(); err != nil {
		p.Log.Error().Err(err).Str("request_id", httpd.RequestID(r.Context())).Msg("the panel's pages cannot be read")
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	p.mux.ServeHTTP(w, r)
}

// serve finds out who asks, whether they may, and answers.
func (p *Panel) serve(w http.ResponseWriter, r *http.Request, rt route) {
	v := p.visit(w, r)
	err := v.arrive()
	if err == nil {
		err = v.admit(rt)
	}
	if err == nil {
		err = rt.serve(v)
	}
	if err != nil {
		v.fail(err)
	}
}
