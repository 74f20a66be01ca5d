package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// withLimits has Telegram enforce its sending limits.
func withLimits(_ *world, o *telegramtest.Options) { o.Limits = true }

// TestTelegramsLimitsAreKeptAheadOfTime has ten owners a second write: the
// managers' group takes 20 messages a minute, so many cards must wait; no
// owner does, and Telegram never has to refuse.
func TestTelegramsLimitsAreKeptAheadOfTime(t *testing.T) {
	t.Parallel()
	const (
		owners = 120
		within = 12 * time.Second
		cards  = 15 // in the first minute: a quarter of its twenty is kept for answers
	)
	w := begin(t, withLimits)
	all := w.owners(owners)
	sent := make([]telegramtest.Message, owners)
	ticker := time.NewTicker(within / owners)
	defer ticker.Stop()
	for i, o := range all {
		sent[i] = o.Send(o.vin)
		<-ticker.C
	}
	var slowest time.Duration
	for i, o := range all {
		got := w.sees(o, telegramtest.Containing(o.vin))
		slowest = max(slowest, got.Date.Sub(sent[i].Date))
	}
	t.Logf("the slowest answer took %v", slowest)

	unseen := func() (n int) {
		for _, o := range all {
			if !slices.ContainsFunc(w.fromBot(w.group), telegramtest.Containing(o.vin)) {
				n++
			}
		}
		return n
	}
	w.sees(w.group, func(telegramtest.Message) bool { return len(w.fromBot(w.group)) >= cards || unseen() == 0 })
	assert.LessOrEqual(t, len(w.fromBot(w.group)), cards, "no more than a minute allows")
	assert.Positive(t, unseen(), "every owner was answered before the group has seen all cards")
	assert.Equal(t, unseen(), w.look(`SELECT count(*) FROM outbox WHERE state = 'waiting' AND chat_id = ?`, w.group.Chat()),
		"the cards of the others wait")
	calls := w.sim.Calls()
	assert.Zero(t, calls.Total().TooMany, "Telegram refused nothing")
	assert.Zero(t, calls.Early)
	require.Zero(t, calls.Total().Refused)
	require.Zero(t, calls.Total().Failed)
}
