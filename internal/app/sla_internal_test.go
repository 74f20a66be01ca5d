package app

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/sla"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
	"vinbot/internal/worker"
)

func TestTheSettingsMakeTheDeadlines(t *testing.T) {
	t.Parallel()
	load := func(settings ...string) config.Config {
		cfg, err := config.Load(append(settings, "BOT_TOKEN=123456789:AAsecret-secret_secret", "MANAGER_CHAT=-1"), t.TempDir())
		require.NoError(t, err)
		return cfg
	}
	moscow, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	friday := time.Date(2026, 11, 27, 17, 50, 0, 0, moscow)
	k := ticket.Ticket{Status: ticket.New, Priority: ticket.Normal, QueuedAt: friday}
	for name, c := range map[string]struct {
		settings []string
		want     time.Time
	}{
		"as they are": {nil, friday.Add(15 * time.Minute)},
		"hours":       {[]string{"WORK_HOURS=Mon-Fri 09:00-18:00"}, time.Date(2026, 11, 30, 9, 5, 0, 0, moscow)},
		"hours and holidays": {
			[]string{"WORK_HOURS=Mon-Fri 09:00-18:00", "HOLIDAYS=11-30"}, time.Date(2026, 12, 1, 9, 5, 0, 0, moscow),
		},
		"holidays alone": {[]string{"HOLIDAYS=2026-11-27..2026-11-29"}, time.Date(2026, 11, 30, 0, 15, 0, 0, moscow)},
		"another zone": {
			[]string{"WORK_HOURS=Mon-Fri 09:00-18:00", "TIMEZONE=Europe/London", "SLA_TAKE=1h"}, friday.Add(time.Hour),
		},
	} {
		got := policy(load(c.settings...)).Deadline(k)
		assert.Truef(t, c.want.Equal(got), "%s: %v, not %v", name, got, c.want)
	}
	p := policy(load("AUTO_RELEASE=4h", "SLA_DONE=3h"))
	assert.Equal(t, 4*time.Hour, p.Release)
	assert.Equal(t, 3*time.Hour, p.Done)
}

// asksAll are steps of no tickets, which tell of each look at all of them.
type asksAll struct {
	store.SLA

	asked chan struct{}
}

func (a asksAll) Watched(context.Context, int64, int) ([]ticket.Watched, error) {
	a.asked <- struct{}{}
	return nil, nil
}

func TestEachTimeThatTheWorkBeginsAllTicketsAreLookedAt(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	w := sla.NewWatcher(sla.Options{Steps: asksAll{asked: asked}, Log: zerolog.Nop(), Clock: time.Now})
	d := deadlines{worker.NewFinishingLoop(w.Turn), w}
	for range 3 {
		require.NoError(t, d.Start(t.Context()))
		<-asked
		require.NoError(t, d.Stop(t.Context()))
	}
}
