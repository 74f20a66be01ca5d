package app

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
	"vinbot/internal/ticket"
)

// waiting lists what waits in the outbox, by kind.
func (w *world) waiting(a *App) map[string]int {
	w.Helper()
	heads, err := a.store.Outbox().Waiting(w.Context(), 0, 1000)
	require.NoError(w, err)
	kinds := map[string]int{}
	for _, h := range heads {
		kinds[h.Kind]++
	}
	return kinds
}

// opens opens a ticket with a card in the group, in a bot that does not run.
func (w *world) opens(a *App) {
	w.Helper()
	k, _, err := a.tickets.Open(w.Context(), ticket.Opening{Owner: 7, VIN: honda})
	require.NoError(w, err)
	require.NoError(w, a.tickets.CardPosted(w.Context(), ticket.Card{
		TicketID: k.ID, Place: ticket.Place{Chat: w.group.Chat(), Message: 5}, Kind: ticket.CardMain, Rendered: k.Version,
	}))
}

func TestAfterAGapThatCostPressesTheManagersAreTold(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		polls []time.Duration // since began
		open  bool
		told  int
	}{
		"the first poll ever":     {polls: []time.Duration{0}, open: true, told: 0},
		"polls as always":         {polls: []time.Duration{0, 30 * time.Second, time.Minute}, open: true, told: 0},
		"a gap of less":           {polls: []time.Duration{0, pressLife - time.Second}, open: true, told: 0},
		"a gap of more":           {polls: []time.Duration{0, pressLife}, open: true, told: 1},
		"a gap is told of once":   {polls: []time.Duration{0, pressLife, pressLife, pressLife + time.Second}, open: true, told: 1},
		"with nothing to press":   {polls: []time.Duration{0, time.Hour}, open: false, told: 0},
		"the clock was set back":  {polls: []time.Duration{time.Hour, 0}, open: true, told: 0},
		"two gaps are told twice": {polls: []time.Duration{0, time.Hour, 2 * time.Hour}, open: true, told: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := w.builds()
			if test.open {
				w.opens(a)
			}
			before := w.waiting(a)
			for _, at := range test.polls {
				require.NoError(t, a.catchUp(t.Context(), began.Add(at)))
			}
			after := w.waiting(a)
			assert.Equal(t, test.told, after["say"]-before["say"])
			assert.Equal(t, min(test.told, 1), after["card.edit"]-before["card.edit"], "edits that wait are one")
		})
	}
}

func TestTheHouseIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.builds()
	old := func() string {
		path := filepath.Join(string(w.cfg.DataDir), "spool", "download-x")
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		at := time.Now().Add(-100 * time.Hour)
		require.NoError(t, os.Chtimes(path, at, at))
		return path
	}
	assert.Equal(t, firstBeat, a.keepHouse(t.Context()), "Telegram has not answered yet")
	path := old()
	assert.Equal(t, sweepPause, a.sweepSpool(t.Context()))
	assert.NoFileExists(t, path)
	require.NoError(t, os.RemoveAll(filepath.Dir(path)))
	assert.Equal(t, sweepPause, a.sweepSpool(t.Context()))
	assert.Equal(t, 1, w.log.count("the spool was not swept"))
}

func TestTheGroupsAreLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.group.PromoteAnonymous(w.boris)
	a := w.builds()
	assert.Equal(t, greetPause, a.greet(t.Context()))
	assert.Zero(t, w.log.count("managers' group"), "nothing is wrong")
	assert.True(t, a.roster.Hides(w.group.Chat(), w.boris.ID))

	w.group.DemoteBot()
	a.greet(t.Context())
	a.greet(t.Context())
	assert.Equal(t, 1, w.log.count("privacy mode is on"), "said once")
	down := w.sim.On("getChatAdministrators").BadGateway()
	assert.Equal(t, greetAgain, a.greet(t.Context()))
	assert.Equal(t, 1, w.log.count("cannot look at the managers' group"))
	down.Stop()
	w.group.PromoteBot()
	a.greet(t.Context())
	assert.Equal(t, 1, w.log.count("nothing is wrong with the managers' group any more"))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.sim.On("getMe").BadGateway()
	assert.Equal(t, greetAgain, a.greet(ctx))
}

func TestNobodyIsNamedBeforeItIsKnownWhoHides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.group.PromoteAnonymous(w.boris)
	a := w.builds()
	vera := w.sim.User("Vera", "en")
	w.group.Join(vera)
	assert.True(t, a.hides(vera.ID), "nobody could be asked yet")
	require.NoError(t, a.learnWhoHides(t.Context(), w.group.Chat()))
	assert.False(t, a.hides(vera.ID))
	assert.True(t, a.hides(w.boris.ID))
}

// A press in the new group names a person whom only the list of its admins
// tells to hide, so it is asked for at once.
func TestANewSupergroupIsLookedAtAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.group = w.sim.Group("Basic", w.boris)
	w.cfg.ManagerChats = config.Chats{{ID: w.group.Chat()}}
	a := w.runs()
	anna := w.sim.User("Anna", "en")
	anna.Send(honda)
	w.sees(w.group, telegramtest.Containing(honda))
	require.Eventually(t, func() bool { return a.client.Self() != nil }, patience, time.Millisecond)

	w.group.MigrateToSupergroup()
	w.group.PromoteAnonymous(w.boris)
	w.sees(w.group, telegramtest.Containing(honda))
	require.Eventually(t, func() bool { return a.roster.Hides(w.group.Chat(), w.boris.ID) }, patience, time.Millisecond)
}

func TestPollingIsReadyWhenTelegramHasAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.builds()
	begun := a.Clock()
	before := a.probePolling(begun)
	assert.False(t, before.OK)
	assert.Equal(t, "Telegram has not answered yet", before.Reason)
	require.NoError(t, a.client.Learn(t.Context()))
	assert.True(t, a.probePolling(begun).OK)
	w.later(pollAge)
	assert.False(t, a.probePolling(begun).OK, "getMe counts for 90 seconds")
	require.NoError(t, a.updater.Start(t.Context()))
	require.Eventually(t, func() bool { return a.probePolling(begun).OK }, patience, time.Millisecond)
	require.NoError(t, a.updater.Stop(t.Context()))
	w.later(pollAge)
	assert.False(t, a.probePolling(begun).OK)
}

func TestWhatWaitsTooLongIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.builds()
	ctx := t.Context()
	require.NoError(t, a.store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		return tx.Enqueue(ctx, ticket.Effect{Kind: ticket.EffectReportArchive, Lane: "x", Urgency: ticket.Background, Payload: 1})
	}))
	w.later(outboxAge - time.Second)
	assert.True(t, a.probeArchive(ctx).OK)
	w.later(2 * time.Second)
	assert.False(t, a.probeArchive(ctx).OK)
	assert.True(t, a.probeOutbox(ctx).OK, "no person waits for it")
	require.NoError(t, a.store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		return tx.Enqueue(ctx, ticket.CardEdit(1, ticket.Place{Chat: w.group.Chat(), Message: 1}))
	}))
	w.later(outboxAge)
	assert.False(t, a.probeRefresh(ctx).OK)
	assert.True(t, a.probeOutbox(ctx).OK, "edits come last: in a flooded group they wait for long")
	w.opens(a)
	w.later(outboxAge)
	late := a.probeOutbox(ctx)
	assert.Equal(t, "messages wait to be sent", late.Reason)
	assert.GreaterOrEqual(t, late.Age, outboxAge)

	require.NoError(t, a.store.Close())
	for _, probe := range []func(context.Context) (ok bool){
		func(ctx context.Context) bool { return a.probeOutbox(ctx).OK },
		func(ctx context.Context) bool { return a.probeDatabase(ctx).OK },
	} {
		assert.False(t, probe(ctx))
	}
	assert.False(t, a.ask(func(ctx context.Context) error {
		_, err := a.store.Outbox().Depths(ctx)
		return err
	}))
}

func TestReadyzIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.runs()
	require.Eventually(t, func() bool {
		status, _ := w.fetch(a, "/readyz")
		return status == http.StatusOK
	}, patience, 10*time.Millisecond)
}
