package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// asInTheProduct has the limits on owners that an operator gets who sets none.
func asInTheProduct(w *world, _ *telegramtest.Options) {
	w.cfg.MessagesPerMinute, w.cfg.TicketsPerHour, w.cfg.MaxOpenTickets = 20, 10, 5
}

// TestAFloodOfOneOwnerSlowsNobodyElse: ten thousand messages of one owner come
// before those of twenty others, and wait behind them. It is measured in
// messages of the flood that were handled while another's waited, not in time.
func TestAFloodOfOneOwnerSlowsNobodyElse(t *testing.T) {
	t.Parallel()
	const (
		flood  = 10_000
		others = 20
		most   = 64 // as many as are handled at once
	)
	w := newWorld(t, asInTheProduct)
	mallory := w.sim.User("Mallory", "en")
	for range flood {
		mallory.Send("answer me!")
	}
	all := w.owners(others)
	for _, o := range all {
		o.Send(o.vin)
	}
	w.start()
	for _, o := range all {
		w.sees(o, telegramtest.Containing(o.vin))
	}
	type handled struct{ from, to time.Time }
	var theirs []handled
	w.query(`SELECT received_at, handled_at FROM updates WHERE seq > ? AND state = 'done'`, func(rows rowScanner) {
		var h handled
		require.NoError(w, rows.Scan(&h.from, &h.to))
		theirs = append(theirs, h)
	}, flood)
	require.Len(t, theirs, others)
	waiting := w.look(`SELECT count(*) FROM updates WHERE seq <= ? AND state = 'waiting'`, flood)
	var before []time.Time
	w.query(`SELECT handled_at FROM updates WHERE seq <= ? AND state = 'done'`, func(rows rowScanner) {
		var at time.Time
		require.NoError(w, rows.Scan(&at))
		before = append(before, at)
	}, flood)
	worst := 0
	for _, h := range theirs {
		between := 0
		for _, at := range before {
			if at.After(h.from) && at.Before(h.to) {
				between++
			}
		}
		worst = max(worst, between)
	}
	t.Logf("of %d messages %d still waited when all %d others had been answered; at most %d were handled while another's waited",
		flood, waiting, others, worst)
	assert.LessOrEqual(t, worst, most)
	assert.Less(t, len(w.fromBot(mallory)), 30, "and the flood is not answered one by one")
}

func TestOverALimitOnePoliteAnswerThenSilence(t *testing.T) {
	t.Parallel()
	w := begin(t, asInTheProduct, func(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false })
	for range 25 {
		w.anna.Send("привет")
	}
	w.sees(w.anna, telegramtest.Containing("быстрее, чем я успеваю", "Подождите"))
	w.settled()
	assert.Len(t, w.fromBot(w.anna), 21, "twenty answers and one that says when to go on")
}

func TestTicketsOverALimitAreNamedInOneAnswer(t *testing.T) {
	t.Parallel()
	w := begin(t, asInTheProduct)
	all := w.owners(7)
	var vins []string
	for _, o := range all {
		vins = append(vins, o.vin)
	}
	w.anna.Send(strings.Join(vins, "\n"))
	answer := w.sees(w.anna, telegramtest.Containing("Не приняты", all[5].vin, all[6].vin))
	assert.Contains(t, answer.Text, "У вас уже 5 открытых заявок")
	w.anna.Send(all[5].vin) // she knows
	w.settled()
	assert.Equal(t, 5, w.tickets())
	assert.Len(t, w.fromBot(w.anna), 1)

	w.stop()
	w.start() // what is open is in the database
	w.anna.Send(all[5].vin)
	w.sees(w.anna, telegramtest.Containing("не открыта", "больше пока нельзя"))
	w.anna.Send("/cancel 1")
	w.presses(w.anna, w.sees(w.anna, telegramtest.WithButton("cancel:1")), "cancel:1")
	w.anna.Send(all[5].vin)
	w.sees(w.anna, telegramtest.Containing("принята", all[5].vin))
}

func TestTicketsAnHour(t *testing.T) {
	t.Parallel()
	w := begin(t, func(w *world, _ *telegramtest.Options) { w.cfg.TicketsPerHour = 2 })
	all := w.owners(3)
	w.anna.Send(all[0].vin)
	w.anna.Send(all[1].vin)
	w.anna.Send(all[2].vin)
	w.sees(w.anna, telegramtest.Containing("За час можно открыть 2 заявки", "через 60 минут"))
	w.later(time.Hour)
	w.anna.Send(all[2].vin)
	w.sees(w.anna, telegramtest.Containing("принята", all[2].vin))
}
