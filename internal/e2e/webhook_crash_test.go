package e2e

import (
	"math/rand/v2"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/webhook"
)

const (
	hookOwners = 120
	hookKills  = 12
)

// TestKilledWhileItTellsOthersNothingIsLost kills the bot while it delivers to a
// webhook: at the instant at which a message arrives, or a little later. Each
// ticket is told of, and what is told twice is the same message.
func TestKilledWhileItTellsOthersNothingIsLost(t *testing.T) { onEach(t, killedWhileItTells) }

func killedWhileItTells(t *testing.T, settings ...setting) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := begin(t, append(settings, nearby)...)
	h := w.listens(takesAll)
	h.isTold(webhook.TicketCreated)
	w.stop()
	_, address := newFront(w)
	start := func() *process {
		return launch(t, nil, w.settings(address, "TELEGRAM_RATE_LIMITS=off", "WEBHOOK_ALLOW_PRIVATE=on")...)
	}
	owners := w.owners(hookOwners)
	for life := range hookKills {
		for _, o := range owners[hookOwners*life/hookKills : hookOwners*(life+1)/hookKills] {
			o.writes()
		}
		die, last := make(chan struct{}), 1+random.IntN(hookOwners/hookKills)
		before := len(h.heard())
		h.answersNow(func(n int) int {
			if n+1 == before+last {
				close(die)
			}
			return http.StatusOK
		})
		p := start()
		select {
		case <-die:
		case <-time.After(patience):
			require.FailNow(t, "nothing arrives", p.log.all())
		}
		time.AfterFunc(time.Duration(random.Int64N(int64(5*time.Millisecond))), func() { p.signal(syscall.SIGKILL) })
		status, ok := p.ends().Sys().(syscall.WaitStatus)
		require.True(t, ok)
		require.Equal(t, syscall.SIGKILL, status.Signal(), "it died of nothing else: %s", p.log.all())
	}
	h.answersNow(takesAll)
	p := start()
	p.says("started")
	h.hears(func(all []heard) bool { return len(ids(all)) == hookOwners })
	w.settled()
	w.hooksSettled()
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.ends().ExitCode(), p.log.all())

	byTicket := map[int64]string{}
	twice := 0
	for _, m := range h.heard() {
		if id, known := byTicket[m.ticket]; known {
			twice++
			assert.Equal(t, id, m.id, "the same message")
		}
		byTicket[m.ticket] = m.id
	}
	assert.Len(t, byTicket, hookOwners, "nothing is lost")
	assert.LessOrEqual(t, twice, 4*hookKills, "no more than was on its way")
	t.Logf("%d kills, %d messages told twice", hookKills, twice)
}
