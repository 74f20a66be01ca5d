package app

import (
	"context"
	"time"

	"vinbot/internal/store"
	"vinbot/internal/worker"
)

const (
	// sayPause is how often at most a process says that something happened, and
	// saySilence how soon again though nothing did.
	sayPause, saySilence = 100 * time.Millisecond, time.Hour
	// hearAgain is how soon a process listens again that lost its connection:
	// meanwhile it looks by itself.
	hearAgain = 5 * time.Second
)

// elsewhere is what the processes of one database tell each other of tickets. They
// look by themselves, too: what is not heard is seen a second later.
type elsewhere struct {
	listener *store.Listener
	say      *worker.Loop // nil where there is but one process
}

// buildElsewhere begins to tell other processes, and to listen to them.
func (a *App) buildElsewhere() {
	listener := store.NewListener(a.store, Database(a.Config))
	if listener == nil {
		return
	}
	a.elsewhere = elsewhere{listener: listener, say: worker.NewLoop(a.sayOnce)}
	a.serve("what other processes do", worker.NewLoop(a.hearAll), loopTime)
	a.serve("what this process does", a.elsewhere.say, loopTime)
}

// sayOnce tells the others that something happened: many times at once are one.
func (a *App) sayOnce(ctx context.Context) time.Duration {
	if err := a.elsewhere.listener.Say(ctx); err != nil && ctx.Err() == nil {
		a.Log.Debug().Err(err).Msg("other processes were not told that something happened")
	}
	select {
	case <-ctx.Done():
	case <-time.After(sayPause):
	}
	return saySilence
}

// hearAll hears what the others do, until that fails.
func (a *App) hearAll(ctx context.Context) time.Duration {
	if err := a.elsewhere.listener.Hear(ctx, a.stirred); err != nil && ctx.Err() == nil {
		a.Log.Warn().Str("fault", "database").Err(err).Msg("it is not heard what other processes do, only looked at")
	}
	return hearAgain
}

// stirred has everybody look who follows what happens to tickets.
func (a *App) stirred() {
	if a.hub != nil {
		a.hub.Happened()
	}
	if !a.follows() {
		a.moved()
	}
}
