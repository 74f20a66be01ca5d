package app

import (
	"context"
	"sync"
	"time"

	"vinbot/internal/store"
	"vinbot/internal/worker"
)

const (
	// campaignPause is how often a follower tries to take the lead.
	campaignPause = time.Second
	// deposedTime is how long the work of a lost lead may take to end. Nothing
	// of it is written, and all of it must have ended before it may begin anew.
	deposedTime = time.Minute
	// beginTime is how long the work may take to begin: what of the last lead has
	// not ended yet is waited for.
	beginTime = 5 * time.Second
)

// leadership has one process of several do the work: it polls, handles, sends
// and reminds for as long as it leads. Losing the lead ends the work, and the
// process tries again.
type leadership struct {
	app       *App
	candidate *store.Candidate
	work      worker.Service
	loop      *worker.Loop

	mu   sync.Mutex // held while the work begins and ends
	ends bool       // the process does: it takes no lead any more
}

var _ worker.Service = (*leadership)(nil)

func newLeadership(a *App, candidate *store.Candidate, work worker.Service) *leadership {
	l := &leadership{app: a, candidate: candidate, work: work}
	l.loop = worker.NewLoop(l.turn)
	return l
}

// Start begins to try.
func (l *leadership) Start(ctx context.Context) error {
	l.mu.Lock()
	l.ends = false
	l.mu.Unlock()
	return l.loop.Start(ctx)
}

// Stop ends the work, still as the leader, and gives the lead up.
func (l *leadership) Stop(ctx context.Context) error {
	l.mu.Lock()
	l.ends = true
	err := l.work.Stop(ctx)
	l.app.leads.Store(false)
	l.mu.Unlock()
	if err := l.loop.Stop(ctx); err != nil {
		return err
	}
	l.candidate.Resign(ctx)
	return err
}

// turn tries to take the lead, or keeps it.
func (l *leadership) turn(ctx context.Context) time.Duration {
	if !l.app.leads.Load() {
		if l.campaign(ctx) {
			return 0
		}
		return campaignPause
	}
	if err := l.candidate.Keep(ctx, l.app.hear); err != nil {
		l.app.Log.Warn().Str("fault", "leader").Err(err).Msg("the lead is lost, the work ends")
		l.depose(ctx)
	}
	return 0
}

// campaign tries to take the lead, and begins the work.
func (l *leadership) campaign(ctx context.Context) bool {
	epoch, err := l.candidate.Try(ctx)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		l.complain(err)
		return false
	case epoch == 0:
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ends {
		return false
	}
	l.app.leads.Store(true)
	l.app.Log.Info().Int64("epoch", epoch).Msg("this process leads")
	if err := l.begin(store.WithTerm(ctx, epoch)); err != nil {
		l.complain(err)
		l.end(ctx)
		return false
	}
	return true
}

// begin begins the work: what another leader learned meanwhile is read first.
func (l *leadership) begin(ctx context.Context) error {
	if err := l.app.groups.Load(ctx); err != nil {
		return err
	}
	if err := l.app.registerCommands(ctx); err != nil {
		return err
	}
	if err := l.app.beginCRM(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, beginTime)
	defer cancel()
	return l.work.Start(ctx)
}

// hear takes what another process enqueued. What it may have changed of tickets
// is told to webhooks, too.
func (a *App) hear(n store.News) {
	if n.Queue == store.Updates {
		a.inbox.Look(n.From)
		return
	}
	if n.Queue != "" {
		if relay := a.relayOf(n.Queue); relay != nil {
			relay.Look(n.From)
		}
		return
	}
	a.relay.Look(n.From)
	a.moved()
}

// depose ends the work of a lead that is lost.
func (l *leadership) depose(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(ctx)
}

func (l *leadership) end(ctx context.Context) {
	l.app.leads.Store(false)
	l.candidate.Resign(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deposedTime)
	defer cancel()
	if err := l.work.Stop(ctx); err != nil {
		l.app.Log.Error().Err(err).Msg("the work of a lost lead does not end")
	}
}

// complain says why the lead cannot be taken.
func (l *leadership) complain(err error) {
	l.app.Log.Warn().Str("fault", "leader").Err(err).Msg("cannot try to take the lead")
}

// follows reports whether this process waits for its turn.
func (a *App) follows() bool { return a.candidate != nil && !a.leads.Load() }

// maySend reports whether this process may act on Telegram: nobody else can
// have taken the lead.
func (a *App) maySend() bool { return a.candidate == nil || a.candidate.Sure() }
