package app

import (
	"context"
	"time"

	"vinbot/internal/httpd"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

const (
	// pollAge is how old the last successful poll may be; in the first 90
	// seconds of the process an answer to getMe will do.
	pollAge = 90 * time.Second
	// outboxAge is how long a message to an owner or a group may be due.
	outboxAge = 5 * time.Minute
	// leaderAge is how old the leader's last sign of life may be: another takes
	// over within ten seconds.
	leaderAge = 15 * time.Second
)

func (a *App) buildOps() {
	begun := a.Clock()
	a.begun = begun
	a.checks = []httpd.Check{
		{Name: "database", Probe: a.probeDatabase},
		{Name: "polling", Probe: func(ctx context.Context) httpd.Status {
			if a.follows() {
				return a.probeLeader(ctx)
			}
			return a.probePolling(begun)
		}},
		{Name: "outbox", Probe: a.probeOutbox},
		{Name: "refresh", Degrades: true, Probe: a.probeRefresh},
		{Name: "archive", Degrades: true, Probe: a.probeArchive},
		{Name: "webhooks", Degrades: true, Probe: a.probeWebhooks},
	}
	if a.deals.relay != nil {
		a.checks = append(a.checks, httpd.Check{Name: "crm", Degrades: true, Probe: a.probeCRM})
	}
	a.ops = httpd.NewServer(string(a.Config.OpsAddr), httpd.NewOps(httpd.Ops{
		Checks: a.checks, Metrics: a.metrics.Handler(), Count: a.metrics, Log: a.Log, Now: a.Clock,
	}), a.Log)
}

// probeDatabase has the database take a write. That one does is not enough for
// what has just arrived: a disk may be full for more than a few bytes. What a
// process could not store whose lead was lost is the new leader's.
func (a *App) probeDatabase(ctx context.Context) httpd.Status {
	if polling := a.updater.State(); polling.Trouble == telegram.TroubleStore && !a.follows() {
		return httpd.Status{Reason: "updates that arrived cannot be stored: " + polling.Cause}
	}
	if err := a.store.Writable(ctx); err != nil {
		return httpd.Status{Reason: err.Error()}
	}
	return httpd.Status{OK: true}
}

// probeLeader looks at what the others rely on while this process waits for its
// turn: the leader's last sign of life.
func (a *App) probeLeader(ctx context.Context) httpd.Status {
	age, ever, err := a.store.LeaderBeat(ctx)
	switch {
	case err != nil:
		return httpd.Status{Reason: err.Error()}
	case !ever:
		return httpd.Status{Reason: "no vinbot has led yet"}
	case age >= leaderAge:
		return httpd.Status{Age: age, Reason: "no vinbot leads"}
	}
	return httpd.Status{OK: true, Age: age}
}

func (a *App) probePolling(begun time.Time) httpd.Status {
	state := a.updater.State()
	last := state.LastSuccess
	if last.IsZero() {
		if a.client.Self() == nil {
			return httpd.Status{Reason: reasonOr(state.Trouble, "Telegram has not answered yet")}
		}
		last = begun // getMe has been answered, which counts for as long as a poll would
	}
	age := a.Clock().Sub(last)
	if age < pollAge {
		return httpd.Status{OK: true, Age: age, Reason: state.Trouble}
	}
	return httpd.Status{Age: age, Reason: reasonOr(state.Trouble, "no poll is answered")}
}

func (a *App) probeOutbox(ctx context.Context) httpd.Status {
	status := a.probeDepths(ctx, int(ticket.ForOwner), int(ticket.ForCard), "messages wait to be sent")
	status.OK = status.OK || a.follows() // a leader that is slow is no fault of this process
	return status
}

// probeRefresh looks at what comes last in a group: while that is flooded it
// waits for long, and nothing is wrong with the process.
func (a *App) probeRefresh(ctx context.Context) httpd.Status {
	return a.probeDepths(ctx, int(ticket.ForShown), int(ticket.ForEdit), "the groups take no more: cards wait to be edited")
}

// probeDepths looks at how long what is due has waited.
func (a *App) probeDepths(ctx context.Context, from, to int, reason string) httpd.Status {
	depths, err := a.store.Outbox().Depths(ctx)
	if err != nil {
		return httpd.Status{Reason: err.Error()}
	}
	var age time.Duration
	for _, d := range depths {
		if d.Urgency >= from && d.Urgency <= to {
			age = max(age, a.age(d.Oldest))
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

// age is how long ago something was; 0 for the zero time.
func (a *App) age(at time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	return a.Clock().Sub(at)
}
