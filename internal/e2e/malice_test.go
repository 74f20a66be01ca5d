package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// forges presses a button that was never there and gives the answer.
func (w *world) forges(who *telegramtest.User, m telegramtest.Message, data string) string {
	w.Helper()
	return w.presses(forger{who}, m, data).Text
}

type forger struct{ *telegramtest.User }

func (f forger) Press(m telegramtest.Message, data string) *telegramtest.Press {
	return f.Forge(m, data)
}

// TestForgedButtonsDoNothing, and each press is answered all the same.
func TestForgedButtonsDoNothing(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	own := w.sees(w.anna, telegramtest.Containing("№1"))
	for _, data := range []string{
		"take:1", "done_hint:1", "rsend:1", "rdrop:1", "vinok:", "vinok:" + honda[:16], "vinok:<b>", "take", "",
		strings.Repeat("x", 64), "take:1:1", "vinfix:", "panel:1",
	} {
		assert.Contains(t, w.forges(w.anna, own, data), "больше не действует", "an owner with a client of their own: %q", data)
	}
	for data, says := range map[string]string{
		"take:77": "Такой заявки нет", "done_hint:77": "Такой заявки нет", "take:-1": "больше не действует",
		"take:+1": "больше не действует", "take:0": "больше не действует", "rsend:77": "больше не действует",
		"vinok:" + bmw: "больше не действует", "take:1 OR 1=1": "больше не действует", "take:9223372036854775808": "больше не действует",
	} {
		assert.Contains(t, w.forges(w.boris, card, data), says, data)
	}
	w.settled()
	assert.Equal(t, 1, w.tickets())
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
	assert.Len(t, w.fromBot(w.group), 1)
}

// TestAnOwnerMayConfirmOnlyWhatIsAVIN, whatever the button carries: data is
// checked like any text.
func TestAnOwnerMayConfirmOnlyWhatIsAVIN(t *testing.T) {
	t.Parallel()
	w := begin(t, func(w *world, _ *telegramtest.Options) { w.cfg.VINCheckDigit = config.CheckStrict })
	w.anna.Send("1HGCM82633A004353")
	own := w.sees(w.anna, telegramtest.Containing("опечатка"))
	assert.Contains(t, w.forges(w.anna, own, "vinok:1HGCM82633A004353"), "принять нельзя", "strict is strict")
	w.settled()
	assert.Zero(t, w.tickets())
}

// TestAPressInAForeignGroupDoesNothing: the bot leaves.
func TestAPressInAForeignGroupDoesNothing(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	foreign := w.sim.ForeignGroup("Чужие", w.boris)
	bait := w.boris.In(foreign).Send("take:1")
	assert.Contains(t, w.forges(w.boris, bait, "take:1"), "не работаю")
	bad := w.boris.In(foreign).SendPDF(pdf(), "/done 1")
	_ = bad // captions are hidden from a plain member by privacy mode
	w.boris.In(foreign).Reply(bad, "/done@vin_report_bot 1")
	w.sees(foreign, telegramtest.Containing("MANAGER_CHAT"))
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
	assert.Zero(t, w.look(`SELECT count(*) FROM reports`))
}

// TestAQuestionIsAnsweredInItsOwnGroup only.
func TestAQuestionIsAnsweredInItsOwnGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(w *world, _ *telegramtest.Options) { w.cfg.MaxPDFSize = 50 << 20 })
	mallory := w.sim.User("Мэллори", "ru")
	second := w.sim.Group("Вторая", mallory)
	second.PromoteBot()
	w.cfg.ManagerChats = append(w.cfg.ManagerChats, config.ManagerChat{ID: second.Chat()})
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	big := w.boris.In(w.group).Sends(telegramtest.DocumentOfSize("r.pdf", "application/pdf", 30<<20).ReplyingTo(card))
	question := w.sees(w.group, telegramtest.WithButton("rsend:1"))
	theirs := w.sees(second, telegramtest.WithButton("take:1"))
	assert.Contains(t, w.forges(mallory, theirs, "rsend:1"), "больше не действует")
	w.settled()
	assert.Zero(t, w.documents(w.anna))
	w.presses(w.boris.In(w.group), question, "rsend:1")
	w.delivered(card, big)
}

// TestProgramsAreNobody: another bot's PDF, and a channel's post that is
// copied into the group, finish nothing and are not answered.
func TestProgramsAreNobody(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	message := func(from, more string) string {
		return fmt.Sprintf(`{"message_id":900,"date":1,"chat":{"id":%d,"type":"group","title":"Менеджеры"},"from":%s,%s
			"caption":"/done 1","document":{"file_id":"BQACx","file_unique_id":"AgADx","file_name":"r.pdf","mime_type":"application/pdf"},
			"reply_to_message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"group"}}}`, w.group.Chat(), from, more, card.ID, w.group.Chat())
	}
	w.sim.Inject("message", message(`{"id":99,"is_bot":true,"first_name":"Other"}`, ""))
	w.sim.Inject("message", message(`{"id":777000,"is_bot":false,"first_name":"Telegram"}`, `"is_automatic_forward":true,"sender_chat":{"id":-1005,"type":"channel"},`))
	w.sim.Inject("message", fmt.Sprintf(`{"message_id":901,"date":1,"chat":{"id":%d,"type":"private"},"from":{"id":98,"is_bot":true,"first_name":"Bot"},"text":%q}`, 98, bmw))
	w.sim.Inject("channel_post", fmt.Sprintf(`{"message_id":5,"date":1,"chat":{"id":-1005,"type":"channel"},"text":%q}`, bmw))
	w.settled()
	assert.Equal(t, 1, w.tickets())
	assert.Zero(t, w.look(`SELECT count(*) FROM reports`))
	assert.Len(t, w.fromBot(w.group), 1)
	assert.Zero(t, w.look(`SELECT count(*) FROM updates WHERE state = 'dead'`))
}

// TestADeepLinkWithRubbishGreets.
func TestADeepLinkWithRubbishGreets(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{"ref_12345", "<script>", "'; DROP TABLE tickets; --", strings.Repeat("a", 64)} {
		t.Run(payload, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			w.anna.Start(payload)
			w.sees(w.anna, telegramtest.Containing("Здравствуйте"))
			w.settled()
			assert.Len(t, w.fromBot(w.anna), 1)
			assert.Zero(t, w.tickets())
		})
	}
}
