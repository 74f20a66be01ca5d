package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// TestPollingSurvivesWhateverTelegramDoes: logged once, never a crash, and no
// VIN is lost.
func TestPollingSurvivesWhateverTelegramDoes(t *testing.T) {
	t.Parallel()
	troubles := map[string]func(f *telegramtest.Fault) *telegramtest.Fault{
		"502":            (*telegramtest.Fault).BadGateway,
		"401":            (*telegramtest.Fault).Unauthorized,
		"truncated JSON": (*telegramtest.Fault).TruncatedJSON,
		"cut connection": (*telegramtest.Fault).Cut,
		"lost answer":    (*telegramtest.Fault).AnswerLost,
	}
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			fault := trouble(w.sim.On("getUpdates").Times(3))
			w.anna.Send(honda)
			w.start()
			w.sees(w.anna, telegramtest.Containing("№1"))
			w.settled()
			assert.Equal(t, 3, fault.Hits())
			assert.Equal(t, 1, w.tickets())
			assert.Less(t, len(w.log.with(`"level":"error"`))+len(w.log.with(`"level":"warn"`)), 4, "logged once, not each time")
		})
	}
}

// TestWhileTelegramIsAwayTheLogIsNotFilled: many wait, and each is tried again and
// again.
func TestWhileTelegramIsAwayTheLogIsNotFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.TelegramRateLimits = false
	away := w.sim.On("sendMessage").BadGateway()
	w.start()
	for _, o := range w.owners(10) {
		o.writes()
	}
	require.Eventually(t, func() bool { return away.Hits() > 30 }, patience, time.Millisecond)
	w.stop()
	require.NoError(t, w.echoes.Close())
	lines := w.log.with(`"fault":"outbox"`, `"kind":"say"`)
	assert.Less(t, len(lines), 6, "one at once, and one in the end for each way in which it was away")
	held := 0
	for _, line := range lines {
		var said struct{ More int }
		require.NoError(t, json.Unmarshal([]byte(line), &said))
		held += said.More + 1
	}
	assert.Greater(t, held, 9, "and how many there were")
}

func TestTheBotStartsWhileTelegramIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	down := w.sim.On("").BadGateway()
	w.start()
	w.anna.Send(honda)
	assert.Equal(t, http.StatusOK, w.get("/livez"))
	down.Stop()
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.card(honda)
}

func TestAWebhookLeftOnTheTokenIsRemovedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.SetWebhook("https://example.org/hook")
	w.anna.Send(honda)
	w.start()
	w.sees(w.anna, telegramtest.Containing("№1"))
	assert.Empty(t, w.sim.Webhook())

	w.sim.SetWebhook("https://example.org/again") // meanwhile
	w.anna.Send(bmw)
	w.sees(w.anna, telegramtest.Containing("№2"))
	assert.Empty(t, w.sim.Webhook())
}

func TestOneUpdateThatDoesNotDecodeHarmsNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.anna.Send(honda)
	w.sim.Inject("message", `{"message_id":"not a number","chat":7,"date":0}`)
	w.anna.Send(bmw)
	w.start()
	w.sees(w.anna, telegramtest.Containing("№1", honda))
	w.sees(w.anna, telegramtest.Containing("№2", bmw))
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM updates WHERE state = 'dead' AND body IS NOT NULL`), "set aside, kept")
}

func TestUpdateIDsThatJumpToLowerOnesAreTaken(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.settled()
	w.sim.JumpUpdateIDs(1000)
	w.anna.Send(bmw)
	w.sees(w.anna, telegramtest.Containing("№2"))
	w.stop()
	w.sim.JumpUpdateIDs(10)
	w.anna.Send(suzuki)
	w.start()
	w.sees(w.anna, telegramtest.Containing("№3"))
}

func TestAnAnswerWhoseFateIsUnknownIsSentAgainAndCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lost := w.sim.On("sendMessage").In(w.anna).Once().AnswerLost()
	w.start()
	w.anna.Send(honda)
	w.card(honda)
	w.settled()
	assert.Equal(t, 1, lost.Hits())
	assert.Len(t, w.fromBot(w.anna), 2, "twice: Telegram has no idempotency")
	assert.Equal(t, 1, w.tickets())
	assert.Contains(t, w.body("/metrics"), `{kind="say"} 1`)
}

func TestTooManyRequestsIsObeyed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refused := w.sim.On("sendMessage").In(w.anna).Once().TooManyRequests(1)
	w.start()
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.card(honda)
	w.settled()
	assert.Equal(t, 1, refused.Hits(), "not asked again before its time")
	assert.Len(t, w.fromBot(w.anna), 1)
}

func TestReadyzNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	w.card(honda)
	w.settled()
	assert.Equal(t, http.StatusOK, w.get("/readyz"))
	var answer struct {
		Status string
		Checks []struct{ Name, Status string }
	}
	require.NoError(t, json.Unmarshal([]byte(w.body("/readyz")), &answer))
	assert.Equal(t, "ok", answer.Status)
	names := map[string]string{}
	for _, c := range answer.Checks {
		names[c.Name] = c.Status
	}
	assert.Equal(t, map[string]string{"database": "ok", "polling": "ok", "outbox": "ok", "refresh": "ok", "archive": "ok", "webhooks": "ok"}, names)
}

// TestTheManualKnowsEveryCheck, and which ones only degrade.
func TestTheManualKnowsEveryCheck(t *testing.T) {
	t.Parallel()
	w := begin(t, companies(t)["amocrm"].uses)
	var answer struct {
		Checks []struct {
			Name     string
			Degrades bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(w.body("/readyz")), &answer))
	require.Len(t, answer.Checks, 7)
	manual := chapter(t, "What `/readyz` says, and what to do")
	for _, c := range answer.Checks {
		row := "\n| `" + c.Name + "` |"
		if c.Degrades {
			row = "\n| `" + c.Name + "` (degrades only) |"
		}
		assert.Contains(t, manual, row)
	}
}

// get asks the operations port and gives the status.
func (w *world) get(path string) int {
	status, _ := w.ask(path)
	return status
}

// body asks the operations port and gives the body.
func (w *world) body(path string) string {
	_, body := w.ask(path)
	return body
}

func (w *world) ask(path string) (int, string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	return fetch(ctx, w.T, "http://"+w.app.OpsAddr()+path)
}

// TestAfterALongStopTheManagersAreToldOnceToPressAgain: Telegram keeps presses
// for 150 seconds.
func TestAfterALongStopTheManagersAreToldOnceToPressAgain(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	require.Eventually(t, func() bool { return w.look(`SELECT count(*) FROM last_poll`) == 1 }, patience, 10*time.Millisecond)
	w.stop()
	w.later(time.Minute)
	w.start()
	w.anna.Send(bmw)
	w.card(bmw)
	w.settled()
	assert.Len(t, w.fromBot(w.group), 2, "a short stop is nobody's business")
	w.stop()
	w.later(10 * time.Minute)
	w.start()
	w.sees(w.group, telegramtest.Containing("нажмите её ещё раз"))
	w.settled()
	assert.Len(t, w.fromBot(w.group), 3)
}
