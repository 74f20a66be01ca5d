// Package app is the composition root: it builds every part of the program by
// constructor, starts them in order and stops them in reverse.
package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/blob"
	"vinbot/internal/config"
	"vinbot/internal/erase"
	"vinbot/internal/feed"
	"vinbot/internal/handler/manager"
	"vinbot/internal/httpd"
	"vinbot/internal/httpd/api"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/inbox"
	"vinbot/internal/message"
	"vinbot/internal/metric"
	"vinbot/internal/notify"
	"vinbot/internal/outbox"
	"vinbot/internal/report"
	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
	"vinbot/internal/worker"
)

// Options of the program.
type Options struct {
	Config config.Config
	Log    zerolog.Logger
	Clock  func() time.Time
	Build  metric.Build
	// Settings are those in force, for the panel; it shows none where there are
	// none.
	Settings []config.Value
	// Transport carries every call of the Bot API in place of the network: for
	// tests in made-up time. Nil is the network.
	Transport http.RoundTripper
	// Receivers carries what webhooks are sent in place of the network: likewise.
	Receivers http.RoundTripper
	// CRM carries what the CRM is asked in place of the network: likewise.
	CRM http.RoundTripper
	// Door stands before all that HTTP_ADDR serves: for the demo, which lets in who
	// comes by a name of loopback. Nil lets in everybody.
	Door func(http.Handler) http.Handler
}

// App is the whole program, ready to be started.
type App struct {
	Options
	lock    *store.Lock
	store   *store.Store
	client  *telegram.Client
	groups  *account.Groups
	access  *account.Access
	tickets *ticket.Service
	talk    *ticket.Talk

	forgetting *ticket.Forgetting
	metrics    *metric.Metrics
	updater    *telegram.Updater
	inbox      *inbox.Inbox
	relay      *outbox.Relay
	hooks      hooks
	deals      deals
	feed       *feed.Feed
	follow     *worker.Loop
	archive    archive
	tiers      *blob.Tiers // the same where it is in a bucket; nil where not
	desk       *report.Desk
	roster     *manager.Roster
	begun      time.Time     // when it was built
	checks     []httpd.Check // of its health
	ops        *httpd.Server
	web        *httpd.Server // nil where no address was set
	rest       *api.API      // nil, too
	hub        *httpd.Hub    // nil, too
	panel      *panel.Panel  // nil, too
	stats      *stats.Stats
	all        worker.Group
	leading    worker.Group // of all: what the process does that leads

	candidate *store.Candidate // nil where there is but one process
	elsewhere elsewhere
	leads     atomic.Bool

	greeting *worker.Loop
	remarks  map[int64]string // what is wrong with each group; the greeting's own
	swept    time.Time        // when the database was; the housekeeping's own
	settled  bool             // the first poll was answered; likewise
}

// New opens the database, under its lock, and builds every part. Nothing runs
// and nobody is called yet. What it opened is closed by Stop.
func New(ctx context.Context, o Options) (*App, error) {
	a := &App{Options: o, metrics: metric.New(o.Build), roster: manager.NewRoster(), remarks: map[int64]string{}}
	a.greeting = worker.NewLoop(a.greet)
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start: %w", err), a.close())
	}
	if err := a.build(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start: %w", err), a.close())
	}
	return a, nil
}

// open locks and opens the database.
func (a *App) open(ctx context.Context) (err error) {
	database := Database(a.Config)
	if a.lock, err = store.LockDatabase(ctx, database); err != nil {
		return err
	}
	a.candidate = store.NewCandidate(database, a.Clock)
	a.store, err = store.Open(ctx, store.Options{
		Database: database, Clock: a.Clock, Log: a.Log, OnCommit: a.committed, OnEvents: a.happened, OnQueued: a.queued,
		OnTransaction: a.metrics.Transaction, LookAt: policy(a.Config).LookAt,
		Elsewhere: a.follows, Lock: a.lock,
	})
	return err
}

// Database is where the settings say that the data are kept.
func Database(cfg config.Config) store.Database {
	if url := cfg.Database.URL(); url != "" {
		return store.Postgres(url)
	}
	return store.SQLite(cfg.Database.Path())
}

func (a *App) build(ctx context.Context) (err error) {
	cfg := a.Config
	a.client, err = telegram.New(telegram.Options{
		Token: cfg.BotToken.Reveal(), URL: string(cfg.TelegramAPIURL), Log: a.Log, Clock: a.Clock, Observe: a.metrics.Call, Throttled: a.metrics.TooManyRequests, Transport: a.Transport,
		May: a.maySend,
	})
	if err != nil {
		return err
	}
	a.groups = account.NewGroups(Places(cfg.ManagerChats), a.store.Accounts())
	if err := a.groups.Load(ctx); err != nil {
		return err
	}
	a.access = account.NewAccess(account.AccessOptions{
		Roles: a.roles(), Groups: a.groups, Members: a.store.Members(), Clock: a.Clock,
	})
	a.tickets = ticket.NewService(a.store, a.groups, ticket.WithHours(policy(cfg)), ticket.WithReuse(cfg.ReportReuse.Duration()))
	a.talk = ticket.NewTalk(a.store, a.store.Lines(), a.groups)
	a.forgetting = ticket.NewForgetting(a.tickets, a.store, a.store.Erasures())
	book, err := message.NewBook()
	if err != nil {
		return err
	}
	if err := a.openArchive(ctx); err != nil {
		return err
	}
	a.stats = stats.New(a.store.Stats(), cfg.Timezone.Location(), a.Clock)
	notifier, managers := a.notifier(book), a.managers(book)
	if err := a.buildOutbox(notifier, managers); err != nil {
		return err
	}
	if err := a.buildInbox(book, notifier, managers); err != nil {
		return err
	}
	a.buildCRM()
	a.buildFeed()
	a.buildHooks()
	a.buildOps()
	a.serve("operations port", a.ops, opsTime)
	if err := a.buildWeb(); err != nil {
		return err
	}
	a.buildRoster()
	a.buildElsewhere()
	if a.tiers != nil {
		a.serve("archive", worker.NewLoop(a.catchUpArchive), loopTime)
	}
	a.serve("spool", worker.NewFinishingLoop(a.sweepSpool), loopTime)
	a.buildWork()
	return a.watch()
}

// buildWork gathers what the process does that leads, which on SQLite is the
// one there is.
func (a *App) buildWork() {
	a.work("outbox", a.relay, relayTime)
	a.work("webhook deliveries", a.hooks.relay, hooksTime)
	if a.deals.relay != nil {
		a.work("CRM", a.deals.relay, hooksTime)
	}
	a.work("feed", a.follow, loopTime)
	a.work("inbox", a.inbox, inboxTime)
	a.work("greeting", a.greeting, loopTime)
	if keep := a.Config.Retention.Duration(); keep > 0 {
		r := &retention{tickets: a.tickets, store: a.store, clock: a.Clock, log: a.Log, keep: keep}
		a.work("retention", worker.NewFinishingLoop(r.turn), loopTime)
	}
	if a.tiers != nil {
		a.work("uploads", worker.NewFinishingLoop(a.sweepArchive), loopTime)
	}
	a.work("members", worker.NewFinishingLoop(a.confirmMembers), loopTime)
	a.work("deadlines", a.watchDeadlines(), loopTime)
	a.work("housekeeping", worker.NewFinishingLoop(a.keepHouse), loopTime)
	a.work("updater", a.updater, loopTime)
	if a.candidate == nil {
		a.all.Add("work", &a.leading)
		return
	}
	a.all.Add("lead", newLeadership(a, a.candidate, &a.leading))
}

func (a *App) buildOutbox(notifier *notify.Notifier, managers *manager.Handler) (err error) {
	cfg := a.Config
	a.desk, err = report.NewDesk(report.Options{
		Store: a.store, Tickets: a.tickets, Files: files{a.client}, Archive: a.archive,
		Checker: report.NewChecker(report.DefaultLimits()), Meter: a.metrics, Log: a.Log, Clock: a.Clock,
		Spool: a.spool(), MaxSize: int64(cfg.MaxPDFSize),
	})
	if err != nil {
		return err
	}
	kinds := map[string]outbox.Kind{}
	for kind, k := range a.desk.Kinds() {
		kinds[string(kind)] = k
	}
	for kind, k := range notifier.Kinds() {
		kinds[string(kind)] = k
	}
	eraser := erase.New(erase.Options{Forgetting: a.forgetting, Files: a.store})
	for kind, k := range eraser.Kinds() {
		kinds[string(kind)] = k
	}
	kinds[string(ticket.EffectParcelClose)] = parcelKind(managers)
	limiter := telegram.NewLimiter(telegram.LimiterOptions{Off: !bool(cfg.TelegramRateLimits)})
	a.relay = outbox.New(outbox.Options{
		Store: a.store.Outbox(), Kinds: kinds, Gate: gate{limiter, a.groups},
		Meter: jobMeter{a.metrics}, Log: a.Log, Clock: a.Clock,
		Context: a.jobContext, AtOnce: atOnce(a.store.Far()),
	})
	return nil
}

// atOnce is how many messages may be under way: each is noted after it was sent, which
// takes a database longer that is another process.
func atOnce(far bool) int {
	if far {
		return 128
	}
	return 0 // as usual
}

// jobContext is what a job is carried out in: what it logs and stores bears the
// request that it serves.
func (a *App) jobContext(ctx context.Context, job outbox.Job) context.Context {
	log := a.Log.With().Str("request_id", job.RequestID).Logger()
	return log.WithContext(ticket.WithRequestID(ctx, job.RequestID))
}

// Start starts everything. Telegram need not be there.
func (a *App) Start(ctx context.Context) error {
	if a.candidate == nil {
		a.leads.Store(true)
		if err := errors.Join(a.registerCommands(ctx), a.beginCRM(ctx)); err != nil {
			return errors.Join(err, a.close())
		}
	}
	if err := a.all.Start(ctx); err != nil {
		return errors.Join(err, a.close())
	}
	a.slim()
	a.Log.Info().Str("ops", a.ops.Addr()).Str("http", a.HTTPAddr()).Int("groups", len(a.Config.ManagerChats)).Msg("started")
	return nil
}

// Stop ends everything: no more polls, handlers finish, what was sent gets its
// answer, the database is closed. It is safe to call twice.
func (a *App) Stop(ctx context.Context) error {
	err := errors.Join(a.all.Stop(ctx), a.close())
	a.Log.Info().Err(err).Msg("stopped")
	return err
}

// close lets go of what New opened.
func (a *App) close() error {
	var faults []error
	if a.client != nil {
		a.client.Close()
	}
	if a.hooks.sender != nil {
		a.hooks.sender.Close()
	}
	if a.deals.carrier != nil {
		a.deals.carrier.Close()
	}
	if a.archive != nil {
		faults = append(faults, a.archive.Close())
	}
	if a.store != nil {
		faults = append(faults, a.store.Close())
	}
	if a.lock != nil {
		faults = append(faults, a.lock.Release())
	}
	return errors.Join(faults...)
}

// OpsAddr is where the operations port listens, once started.
func (a *App) OpsAddr() string { return a.ops.Addr() }

// HTTPAddr is where the panel and the API listen, once started; empty where they do not.
func (a *App) HTTPAddr() string {
	if a.web == nil {
		return ""
	}
	return a.web.Addr()
}

// Run runs the program until ctx ends. That it ended while the program still
// started is no failure.
func Run(ctx context.Context, o Options) error {
	a, err := New(ctx, o)
	if err == nil {
		err = a.Start(ctx)
	}
	if err != nil && ctx.Err() == nil {
		return err
	}
	if err != nil {
		o.Log.Info().Err(err).Msg("stopped while it started")
		return nil
	}
	<-ctx.Done()
	return a.Stop(context.WithoutCancel(ctx))
}

// Places are the managers' groups that the settings name.
func Places(chats config.Chats) []ticket.Place {
	out := make([]ticket.Place, len(chats))
	for i, c := range chats {
		out[i] = ticket.Place{Chat: c.ID, Topic: c.Topic}
	}
	return out
}
