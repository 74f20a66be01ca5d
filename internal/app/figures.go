package app

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"vinbot/internal/metric"
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// figureLife is how long a figure that the database was asked for is good: how
// often it is asked must not depend on how many scrape, and how often.
const figureLife = 5 * time.Second

// watch has the metrics ask for what is not counted but looked up. Of what cannot
// be found out there is no figure: /readyz says what is wrong.
func (a *App) watch() error {
	a.metrics.ExpectSteps(steps()...)
	a.metrics.ExpectTransactions(store.TransactionEndings()...)
	for _, watch := range []func() error{
		func() error { return a.metrics.WatchLeader(a.leads.Load) },
		a.watchQueues, a.watchTickets, a.watchDisk, a.watchPools, a.watchWebhooks, a.watchCRM, a.watchRefusal,
	} {
		if err := watch(); err != nil {
			return err
		}
	}
	return nil
}

// steps names what may be done about a ticket that is late.
func steps() (names []string) {
	for _, s := range ticket.Steps() {
		names = append(names, string(s))
	}
	return names
}

// watchQueues looks at what waits to be handled and to be sent.
func (a *App) watchQueues() error {
	pending := figure[time.Time]{app: a, question: func(ctx context.Context) (time.Time, error) {
		oldest, _, err := a.store.Inbox(a.client.ID()).Oldest(ctx)
		return oldest, err
	}}
	err := a.metrics.WatchInbox(func() (time.Duration, bool) {
		oldest, known := pending.get()
		return a.age(oldest), known
	})
	if err != nil {
		return err
	}
	depths := figure[[]outbox.Depth]{app: a, question: a.store.Outbox().Depths}
	kinds := a.relay.Kinds
	return a.metrics.WatchOutbox(func(set func(kind string, waiting int, oldest time.Duration)) {
		found, ok := depths.get()
		if !ok {
			return
		}
		waiting, oldest := map[string]int{}, map[string]time.Duration{}
		for kind := range kinds {
			waiting[kind] = 0
		}
		for _, d := range found {
			waiting[d.Kind] += d.Waiting
			oldest[d.Kind] = max(oldest[d.Kind], a.age(d.Oldest))
		}
		for kind, n := range waiting {
			set(kind, n, oldest[kind])
		}
	})
}

// watchTickets looks at the open tickets. The closed ones are counted as they
// close: there is no end to them.
func (a *App) watchTickets() error {
	counts := figure[map[ticket.Pile]int]{app: a, question: a.store.OpenCounts}
	return a.metrics.WatchTickets(func(set func(status, priority string, n int)) {
		found, ok := counts.get()
		if !ok {
			return
		}
		for _, s := range ticket.Statuses() {
			for _, p := range ticket.Priorities() {
				if s.Open() {
					set(string(s), string(p), found[ticket.Pile{Status: s, Priority: p}])
				}
			}
		}
	})
}

// watchDisk looks at the disks that the program writes to.
func (a *App) watchDisk() error {
	folders := map[string]string{"data": string(a.Config.DataDir)}
	if path := a.Config.Database.Path(); path != "" {
		folders["database"] = filepath.Dir(path)
	}
	return a.metrics.WatchDisk(func(set func(folder string, free, size uint64)) {
		for name, path := range folders {
			free, size, err := Disk(path)
			if err != nil {
				a.Log.Debug().Err(err).Msg("a figure is missing")
				continue
			}
			set(name, free, size)
		}
	})
}

// watchPools looks at the connections to the database.
func (a *App) watchPools() error {
	for name, pool := range a.store.Pools() {
		if err := a.metrics.WatchPool(name, pool); err != nil {
			return err
		}
	}
	return nil
}

// watchRefusal looks whether the CRM refuses us.
func (a *App) watchRefusal() error {
	if a.deals.relay == nil {
		return nil
	}
	refused := figure[bool]{app: a, question: func(ctx context.Context) (bool, error) {
		state, err := a.store.CRM().State(ctx)
		return !state.RefusedAt.IsZero(), err
	}}
	return a.metrics.WatchRefusal(refused.get)
}

// backlog is how much waits, and since when the oldest of it does: the zero time
// where nothing is due.
type backlog struct {
	waiting int
	oldest  time.Time
}

// add takes in what waits besides.
func (b *backlog) add(waiting int, oldest time.Time) {
	b.waiting += waiting
	if !oldest.IsZero() && (b.oldest.IsZero() || oldest.Before(b.oldest)) {
		b.oldest = oldest
	}
}

// watched is a backlog as the metrics ask for it.
func (a *App) watched(question func(ctx context.Context) (backlog, error)) metric.Backlog {
	f := figure[backlog]{app: a, question: question}
	return func() (waiting int, oldest time.Duration, known bool) {
		b, known := f.get()
		return b.waiting, a.age(b.oldest), known
	}
}

// figure is something that the database is asked for now and then.
type figure[T any] struct {
	app      *App
	question func(ctx context.Context) (T, error)

	mu    sync.Mutex
	asked time.Time
	value T
}

// get gives the figure; false where it cannot be found out.
func (f *figure[T]) get() (T, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.app.Clock()
	if age := now.Sub(f.asked); !f.asked.IsZero() && age >= 0 && age < figureLife {
		return f.value, true
	}
	found := f.app.ask(func(ctx context.Context) (err error) {
		f.value, err = f.question(ctx)
		return err
	})
	if f.asked = now; !found {
		f.asked = time.Time{}
	}
	return f.value, found
}

// ask asks the database for a figure, not for long, since who scrapes gives no
// context. It reports whether there was an answer.
func (a *App) ask(question func(ctx context.Context) error) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := question(ctx)
	if err != nil {
		a.Log.Debug().Err(err).Msg("a figure is missing")
	}
	return err == nil
}
