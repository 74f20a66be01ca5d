package app

import (
	"context"
	"time"

	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

const (
	// pollAge is how old the last successful poll may be; in the first 90
	// seconds of the process there need be none yet.
	pollAge = 90 * time.Second
	// outboxAge is how long a message to an owner or a group may be due.
	outboxAge = 5 * time.Minute
)

func (a *App) buildOps() {
	begun := a.Clock()
	a.ops = httpd.NewServer(string(a.Config.OpsAddr), httpd.NewOps(httpd.Ops{
		Checks: []httpd.Check{
			{Name: "database", Probe: a.probeDatabase},
			{Name: "polling", Probe: func(context.Context) httpd.Status { return a.probePolling(begun) }},
			{Name: "outbox", Probe: a.probeOutbox},
			{Name: "archive", Degrades: true, Probe: a.probeArchive},
		},
		Metrics: a.metrics.Handler(), Count: a.metrics, Log: a.Log, Now: a.Clock,
	}), a.Log)
}

func (a *App) probeDatabase(ctx context.Context) httpd.Status {
	if err := a.store.Writable(ctx); err != nil {
		return httpd.Status{Reason: err.Error()}
	}
	return httpd.Status{OK: true}
}

func (a *App) probePolling(begun time.Time) httpd.Status {
	state := a.updater.State()
	last := state.LastSuccess
	if last.IsZero() {
		if a.client.Self() != nil || a.Clock().Sub(begun) < pollAge && state.Trouble == "" {
			last = begun
		} else {
			return httpd.Status{Reason: reasonOr(state.Trouble, "no poll has succeeded yet")}
		}
	}
	age := a.Clock().Sub(last)
	return httpd.Status{OK: age < pollAge, Age: age, Reason: state.Trouble}
}

func (a *App) probeOutbox(ctx context.Context) httpd.Status {
	return a.probeDepths(ctx, int(ticket.ForOwner), int(ticket.ForEdit), "messages wait to be sent")
}

func (a *App) probeArchive(ctx context.Context) httpd.Status {
	return a.probeDepths(ctx, int(ticket.Background), int(ticket.Background), "reports wait to be checked or archived")
}

// probeDepths looks at how long what is due has waited.
func (a *App) probeDepths(ctx context.Context, from, to int, reason string) httpd.Status {
	depths, err := a.store.Outbox().Depths(ctx)
	if err != nil {
		return httpd.Status{Reason: err.Error()}
	}
	var age time.Duration
	for _, d := range depths {
		if d.Urgency >= from && d.Urgency <= to && !d.Oldest.IsZero() {
			age = max(age, a.Clock().Sub(d.Oldest))
		}
	}
	if age < outboxAge {
		return httpd.Status{OK: true, Age: age}
	}
	return httpd.Status{Age: age, Reason: reason}
}

func reasonOr(reason, otherwise string) string {
	if reason == "" {
		return otherwise
	}
	return reason
}

// watch has the metrics ask for what is not counted but looked up.
func (a *App) watch() error {
	ask := func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), time.Second)
	}
	err := a.metrics.WatchInbox(func() time.Duration {
		ctx, cancel := ask()
		defer cancel()
		oldest, ok, err := a.store.Inbox(a.client.ID()).Oldest(ctx)
		if err != nil || !ok {
			return 0
		}
		return a.Clock().Sub(oldest)
	})
	if err != nil {
		return err
	}
	return a.metrics.WatchOutbox(
		func() (waiting int) {
			ctx, cancel := ask()
			defer cancel()
			depths, _ := a.store.Outbox().Depths(ctx) // no figure is 0: /readyz says what is wrong
			for _, d := range depths {
				waiting += d.Waiting
			}
			return waiting
		},
		func() (age time.Duration) {
			ctx, cancel := ask()
			defer cancel()
			depths, _ := a.store.Outbox().Depths(ctx)
			for _, d := range depths {
				if !d.Oldest.IsZero() {
					age = max(age, a.Clock().Sub(d.Oldest))
				}
			}
			return age
		})
}
