package app

import (
	"context"
	"time"

	"vinbot/internal/config"
	"vinbot/internal/sla"
	"vinbot/internal/worker"
)

// policy is what the settings say of the managers' time.
func policy(cfg config.Config) sla.Policy {
	return sla.Policy{
		Calendar: calendar(cfg), Take: time.Duration(cfg.SLATake), Done: time.Duration(cfg.SLADone),
		Release: time.Duration(cfg.AutoRelease),
	}
}

// watchDeadlines is the loop that asks for reminders.
func (a *App) watchDeadlines() worker.Service {
	w := sla.NewWatcher(sla.Options{
		Policy: policy(a.Config), Store: a.store, Steps: a.store.SLA(), Tickets: a.tickets, Groups: a.groups,
		Admins: a.Config.AdminIDs, Log: a.Log, Clock: a.Clock,
	})
	return deadlines{worker.NewFinishingLoop(w.Turn), w}
}

// deadlines is that loop. Each time that this process begins to do the work,
// another may have done it with other settings.
type deadlines struct {
	*worker.Loop

	watcher *sla.Watcher
}

// Start begins taking turns.
func (d deadlines) Start(ctx context.Context) error {
	d.watcher.Begin()
	return d.Loop.Start(ctx)
}

// calendar is what they say of when the managers work.
func calendar(cfg config.Config) sla.Calendar {
	off := make([]sla.Date, len(cfg.Holidays))
	for i, h := range cfg.Holidays {
		off[i] = sla.Date{Year: h.Year, Month: h.Month, Day: h.Day}
	}
	if cfg.WorkHours.Always() {
		return sla.AroundTheClock(off, cfg.Timezone.Location())
	}
	var week [7][]sla.Shift
	for d, shifts := range cfg.WorkHours.Week {
		for _, s := range shifts {
			week[d] = append(week[d], sla.Shift{From: s.From, To: s.To})
		}
	}
	return sla.NewCalendar(week, off, cfg.Timezone.Location())
}
