package panel_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/blob"
	"vinbot/internal/httpd"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/sla"
	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

// The people of the tests. An outsider is nobody's manager.
const (
	boris    = 20 // a manager
	vera     = 21 // another
	admin    = 30
	outsider = 40
	group    = -100
	bot      = 1
)

// botToken is that of nobody's bot.
const botToken = "42:TEST"

// Two VINs whose check digits are right.
const (
	honda = "1HGCM82633A004352"
	bmw   = "WBA3A5G59DNP26082"
)

// world is a panel over a database of its own, listening.
type world struct {
	testing.TB
	store      *store.Store
	tickets    *ticket.Service
	panel      *panel.Panel
	hub        *httpd.Hub
	url        string
	file       string // of the database
	log        lines
	woken      atomic.Int64 // how often webhooks were to be looked at
	sent       atomic.Int64 // how much was sent, and came
	ahead      atomic.Int64 // how much later it is than it was
	talk       *ticket.Talk
	archive    *blob.Files
	archiveDir string

	forgetting *ticket.Forgetting
	about      ticket.Ticket // in a furnished world that which pages of one ticket are about
}

// lines is a log that may be written from several places.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// noCount counts nothing.
type noCount struct{}

func (noCount) Served(string, int, time.Duration) {}

// office works from nine to six on every day, by the clock of the tests' zone.
func office() sla.Calendar {
	var week [7][]sla.Shift
	for d := range week {
		week[d] = []sla.Shift{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	return sla.NewCalendar(week, nil, moscow())
}

func moscow() *time.Location { return time.FixedZone("MSK", 3*60*60) }

// noon is when the tests take place.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func (w *world) now() time.Time { return noon().Add(time.Duration(w.ahead.Load())) }

func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

// newWorld starts a panel. Changes to its options may follow.
func newWorld(tb testing.TB, change ...func(o *panel.Options)) *world {
	tb.Helper()
	w := &world{TB: tb, file: litetest.File(tb)}
	var err error
	w.store, err = store.Open(tb.Context(), store.Options{
		Database: store.SQLite(w.file), Clock: w.now, Log: zerolog.Nop(),
		OnEvents: func([]ticket.Event) {
			if w.hub != nil {
				w.hub.Happened()
			}
		},
	})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, w.store.Close()) })
	groups := account.NewGroups([]ticket.Place{{Chat: group}}, w.store.Accounts())
	require.NoError(tb, groups.Load(tb.Context()))
	policy := sla.Policy{Take: 15 * time.Minute, Done: 2 * time.Hour, Calendar: office()}
	w.tickets = ticket.NewService(w.store, groups, ticket.WithHours(policy))
	w.talk = ticket.NewTalk(w.store, w.store.Lines(), groups)
	w.archiveDir = tb.TempDir()
	w.archive, err = blob.OpenFiles(w.archiveDir, w.now)
	require.NoError(tb, err)
	w.forgetting = ticket.NewForgetting(w.tickets, w.store, w.store.Erasures())
	o := panel.Options{
		Store: w.store, Tickets: w.tickets, People: w.store.Accounts(), Sessions: w.store.PanelSessions(), Audit: w.store.Audit(), History: w.store,
		Tokens: w.store.Tokens(), Updates: w.store.Shelf(bot), Effects: w.store.DeadEffects(), CRMJobs: w.store.DeadCRMJobs(),
		Webhooks: webhook.NewService(webhook.ServiceOptions{Store: w.store.Webhooks(), Work: w.store, Wake: func() { w.woken.Add(1) }}),
		Access: account.NewAccess(account.AccessOptions{
			Roles: account.Roles{Admins: []int64{admin}}, Groups: groups, Members: w.store.Members(), Clock: w.now,
		}),
		Status: w, Settings: []panel.Setting{
			{Name: "BOT_TOKEN", Value: "***", Set: true, About: "The token that BotFather gave."},
			{Name: "LOG_LEVEL", Value: "debug", Default: "info", Set: true, About: "The least weight of a line."},
			{Name: "SOMETHING_NEW", About: "Of another day."},
		},
		Talk: w.talk, Conversations: w.store.Lines(), Bans: w.store.Bans(), Deadlines: policy, Misses: w.store.SLA(),
		Uploads:  httpd.Uploads{Archive: w.archive, Tickets: w.tickets, Spool: tb.TempDir(), Max: 1 << 20},
		BotToken: botToken, Language: "ru", Zone: moscow(), Log: zerolog.New(&w.log), Clock: w.now,
		Roles: account.Roles{Admins: []int64{admin}}, Owners: w.store.Owners(),
		Forgetting: w.forgetting,
		Stats:      stats.New(w.store.Stats(), moscow(), w.now), Retention: 30 * 24 * time.Hour,
	}
	for _, c := range change {
		c(&o)
	}
	o.Hub = httpd.NewHub(w.store, zerolog.Nop())
	w.hub = o.Hub
	w.panel, err = panel.New(o)
	require.NoError(tb, err)
	server := httptest.NewServer(httpd.NewWeb(httpd.Web{
		API: http.NotFoundHandler(), Panel: w.panel, Count: noCount{}, Log: zerolog.Nop(), Now: w.now,
	}))
	tb.Cleanup(func() {
		assert.NoError(tb, w.hub.Stop(context.Background())) // so that streams end at once
		server.Close()
	})
	w.url = server.URL
	for id, name := range map[int64]string{boris: "Борис", vera: "Вера", admin: "Ада", outsider: "Чужой"} {
		_, err := w.store.Accounts().Seen(tb.Context(), account.User{ID: id, Name: name, Language: "ru"})
		require.NoError(tb, err)
	}
	w.joins(boris)
	w.joins(vera)
	return w
}

// joins has Telegram say that somebody is in the managers' group.
func (w *world) joins(user int64) {
	w.Helper()
	require.NoError(w, w.store.Members().Note(w.Context(), group, user, true))
}

// leaves has it say that they left.
func (w *world) leaves(user int64) {
	w.Helper()
	require.NoError(w, w.store.Members().Note(w.Context(), group, user, false))
}

// opens opens a ticket of an owner.
func (w *world) opens(owner int64, vin string) ticket.Ticket {
	w.Helper()
	t, _, err := w.tickets.Open(w.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(w, err)
	return t
}

// link makes a login link for somebody and gives its address.
func (w *world) link(user int64) string {
	w.Helper()
	secret, hash := account.NewSecret(account.PrefixLink)
	require.NoError(w, w.store.PanelSessions().MakeLink(w.Context(), account.LoginLink{User: user, ExpiresAt: w.now().Add(account.LinkTime)}, hash))
	return "/login/" + secret
}

// browser is a browser without scripts, which keeps cookies and follows no
// redirect.
type browser struct {
	*world

	client *http.Client
	htmx   bool
}

// stranger is a browser that nobody has signed in with.
func (w *world) stranger() *browser {
	w.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(w, err)
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	w.Cleanup(client.CloseIdleConnections)
	return &browser{world: w, client: client}
}

// as is a browser in which somebody has signed in by a link.
func (w *world) as(user int64) *browser {
	w.Helper()
	b := w.stranger()
	require.Equal(w, http.StatusSeeOther, b.posts(w.link(user)).status)
	return b
}

// reply is what a browser was answered.
type reply struct {
	status int
	header http.Header
	text   string
}

// gets asks for a page. Headers follow, each with its value.
func (b *browser) gets(path string, headers ...string) reply {
	b.Helper()
	return b.asks(http.MethodGet, path, nil, headers...)
}

// posts sends a form, whose fields come in pairs.
func (b *browser) posts(path string, fields ...string) reply {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.asks(http.MethodPost, path, form, "Origin", b.url, "Sec-Fetch-Site", "same-origin")
}

func (b *browser) asks(method, path string, form url.Values, headers ...string) reply {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	require.NoError(b, err)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.htmx {
		request.Header.Set("HX-Request", "true")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return b.answer(request)
}

func (b *browser) answer(request *http.Request) reply {
	b.Helper()
	answer, err := b.client.Do(request)
	require.NoError(b, err)
	defer answer.Body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(answer.Body)
	require.NoError(b, err)
	return reply{answer.StatusCode, answer.Header, text.String()}
}

func path(t ticket.Ticket, rest string) string {
	return "/tickets/" + strconv.FormatInt(t.ID, 10) + rest
}

// Health is how the program would be: all kinds of states.
func (w *world) Health(context.Context) panel.Health {
	return panel.Health{
		Checks: []httpd.State{
			{Name: "database", Status: "ok"},
			{Name: "polling", Status: "ok", Age: 3},
			{Name: "outbox", Status: "failed", Age: 400, Reason: "messages <wait>"},
			{Name: "webhooks", Status: "degraded", Age: 200000, Reason: "3 deliveries wait for webhook 1"},
			{Name: "new", Status: "ok"},
		},
		Version: "v1.2.3", Commit: "0123456789ab", Go: "go1.26", Schema: 15, Database: "SQLite 3.50", Begun: noon().Add(-time.Hour), Alone: true, Leads: true,
		Processes: 1, LastPoll: noon(), Queues: []panel.Queue{{Name: "updates"}, {Name: "effects", Waiting: 2, Oldest: noon()}},
		DiskFree: 30 << 30, DiskTotal: 120 << 30,
	}
}
