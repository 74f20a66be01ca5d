package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// rawUpdates asks for updates as another program with the same token does.
func (w *world) rawUpdates(seconds int) (result string, code int) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	code, body := fetch(ctx, w.T, fmt.Sprintf("%s/bot%s/getUpdates?timeout=%d", w.sim.URL(), w.sim.Token(), seconds))
	var answer struct{ Result json.RawMessage }
	require.NoError(w, json.Unmarshal([]byte(body), &answer))
	return string(answer.Result), code
}

// TestAnUpdateThatComesAgainIsOneTicket: its confirmation got lost three times
// over, and once more over a restart.
func TestAnUpdateThatComesAgainIsOneTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.anna.Send(honda)
	batch, _ := w.rawUpdates(0)
	require.Contains(t, batch, honda)
	w.sim.On("getUpdates").Times(3).Answer(batch)
	w.start()
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.settled()
	w.stop()
	w.sim.On("getUpdates").Once().Answer(batch)
	w.start()
	w.anna.Send(bmw)
	w.sees(w.anna, telegramtest.Containing("№2"))
	w.settled()
	assert.Equal(t, 2, w.tickets())
	assert.Equal(t, 1, w.told(w.anna, "№1"))
	assert.Len(t, w.fromBot(w.group), 2)
}

// TestAnotherPollerForAWhile: the bot is sent away, comes back, and loses
// nothing; readyz names the trouble.
func TestAnotherPollerForAWhile(t *testing.T) {
	t.Parallel()
	w := begin(t)
	require.Eventually(t, w.sim.Polling, patience, time.Millisecond)
	_, code := w.rawUpdates(30) // the newer is served, until the bot polls again
	assert.Equal(t, 409, code)
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.settled()
	assert.Equal(t, 1, w.tickets())
	assert.Len(t, w.log.with(`"level":"warn"`, `"trouble":"conflict"`), 1, "logged once")
}

// TestUpdatesOfAKindThatNobodyKnowsAreConsumedSilently.
func TestUpdatesOfAKindThatNobodyKnowsAreConsumedSilently(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	w.settled()
	before := len(w.fromBot(w.anna))
	w.sim.Inject("telepathy", `{"from":{"id":1}}`)
	w.sim.Inject("message_reaction", fmt.Sprintf(`{"chat":{"id":%d,"type":"private"},"message_id":1,"user":{"id":%d,"is_bot":false,"first_name":"A"},
		"date":1,"old_reaction":[],"new_reaction":[{"type":"hologram"}]}`, w.anna.ID, w.anna.ID))
	w.sim.Inject("poll", `{"id":"1"}`)
	w.settled()
	assert.Len(t, w.fromBot(w.anna), before)
	assert.Len(t, w.fromBot(w.group), 1)
}

// TestContentNewerThanTheProgram: a message forwarded in a way that did not
// exist before.
func TestContentNewerThanTheProgram(t *testing.T) {
	t.Parallel()
	const strange = `{"type":"teleported","date":1,"planet":{"id":4}}`
	t.Run("in private it gets an answer", func(t *testing.T) {
		t.Parallel()
		w := begin(t)
		w.anna.Sends(telegramtest.Photo().With("forward_origin", strange))
		w.sees(w.anna, telegramtest.Containing("VIN"))
		w.settled()
		assert.Len(t, w.fromBot(w.anna), 1)
	})
	t.Run("a VIN in it is not lost", func(t *testing.T) {
		t.Parallel()
		w := begin(t)
		w.anna.Sends(telegramtest.Text(honda).With("forward_origin", strange))
		w.sees(w.anna, telegramtest.Containing("№1", honda))
	})
	t.Run("in a group talk of that kind harms nobody", func(t *testing.T) {
		t.Parallel()
		w, card := opened(t)
		w.boris.In(w.group).Sends(telegramtest.Text("смотрите").With("forward_origin", strange))
		w.settled()
		assert.Len(t, w.fromBot(w.group), 1)
		w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	})
	t.Run("a report of that kind is not lost", func(t *testing.T) {
		t.Parallel()
		w, card := opened(t)
		w.delivered(card, w.boris.In(w.group).Sends(telegramtest.PDF("report.pdf", pdf()).With("forward_origin", strange).ReplyingTo(card)))
	})
}

// TestAnAnswerToAPressThatGotLostHarmsNobody: pressed again, it is answered.
func TestAnAnswerToAPressThatGotLostHarmsNobody(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	lost := w.sim.On("answerCallbackQuery").Cut()
	press := w.boris.In(w.group).Press(card, "take:1")
	w.shows(card, "Борис")
	require.Eventually(t, func() bool { return lost.Hits() > 0 }, patience, time.Millisecond)
	assert.False(t, press.Answered())
	lost.Stop()
	assert.Contains(t, w.presses(w.boris.In(w.group), card, "take:1").Text, "уже у вас")
	expired := w.vera.In(w.group).Press(card, "take:1")
	expired.Expire()
	w.settled()
	assert.Zero(t, w.look(`SELECT count(*) FROM outbox WHERE state = 'dead'`))
}

// TestAProxyThatAnswersAtOnceIsNotHammered.
func TestAProxyThatAnswersAtOnceIsNotHammered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hasty := w.sim.On("getUpdates").Answer(`[]`)
	w.start()
	w.anna.Send(honda)
	require.Eventually(t, func() bool { return hasty.Hits() >= 3 }, patience, time.Millisecond)
	polls := hasty.Hits()
	hasty.Stop()
	w.sees(w.anna, telegramtest.Containing("№1"))
	assert.Less(t, polls, 20)
}

// TestAnEditedMessage is answered kindly and opens nothing; one that changed
// only in the group's talk is not answered.
func TestAnEditedMessage(t *testing.T) {
	t.Parallel()
	w := begin(t)
	sent := w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.anna.Edit(sent, bmw)
	w.sees(w.anna, telegramtest.Containing("изменили"))
	talk := w.boris.In(w.group).Send("обед?")
	w.boris.In(w.group).Edit(talk, "ужин?")
	w.settled()
	assert.Equal(t, 1, w.tickets())
	assert.Len(t, w.fromBot(w.group), 1)
	assert.Equal(t, 1, strings.Count(fmt.Sprint(w.fromBot(w.anna)), "изменили"))
}

// TestWhatCannotBeReadIsSetAsideAndTold: whoever waits for an answer gets one.
func TestWhatCannotBeReadIsSetAsideAndTold(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	mail := fmt.Sprintf(`{"message_id":%d,"date":"yesterday","chat":{"id":%d,"type":"group","title":"Менеджеры"},
		"from":{"id":%d,"is_bot":false,"first_name":"B"},"caption":"/done 1","document":{"file_id":"BQACx","file_unique_id":"AgADx"}}`,
		card.ID, w.group.Chat(), w.boris.ID)
	w.sim.Inject("message", mail)
	w.sees(w.group, telegramtest.Containing("пошло не так", "карточку"))
	w.sim.Inject("message", fmt.Sprintf(`{"message_id":900,"date":"yesterday","chat":{"id":%d,"type":"private"},
		"from":{"id":%d,"is_bot":false,"first_name":"A","language_code":"ru"},"text":"?"}`, w.anna.ID, w.anna.ID))
	w.sees(w.anna, telegramtest.Containing("пока не понимаю"))
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM updates WHERE state = 'dead' AND body IS NOT NULL`), "kept")
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
}

// TestReadyzSaysThatTelegramGivesNoUpdates, and takes it back.
func TestReadyzSaysThatTelegramGivesNoUpdates(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	revoked := w.sim.On("getUpdates").Unauthorized()
	w.anna.Send(bmw) // wakes the poll that waits
	require.Eventually(t, func() bool { return strings.Contains(w.body("/readyz"), "unauthorized") },
		patience, 10*time.Millisecond, "the reason is told at once")
	w.later(2 * time.Minute)
	status, body := w.ask("/readyz")
	assert.Equal(t, 503, status)
	assert.Contains(t, body, "unauthorized")
	assert.Contains(t, w.body("/metrics"), `unauthorized`)
	revoked.Stop()
	w.anna.Send(suzuki) // the next poll is answered at once
	require.Eventually(t, func() bool { return w.get("/readyz") == 200 }, patience, 10*time.Millisecond)
}
