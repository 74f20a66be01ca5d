package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/telegramtest"
)

// delivers has a report for an owner delivered, and gives the owner's
// message with it.
func (w *world) delivers(owner *telegramtest.User) telegramtest.Message {
	w.Helper()
	before := len(w.fromBot(owner))
	owner.Send(honda)
	card := w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Containing(honda, "В очереди")(m) && hasCopy(m)
	})
	w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	return w.sees(owner, func(m telegramtest.Message) bool {
		return m.Document != nil && len(w.fromBot(owner)) > before
	})
}

func TestAnOwnerCancelsAndEverybodySeesIt(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	card := w.card(honda)
	w.anna.Send("/cancel")
	question := w.sees(w.anna, telegramtest.WithButton("cancel:1"))
	w.presses(w.anna, question, "cancel:1")
	w.sees(w.anna, telegramtest.Containing("отменена"))
	w.shows(card, "Отменена владельцем")
	assert.Contains(t, w.presses(w.boris.In(w.group), card, "take:1").Text, "отменил владелец")
	assert.Contains(t, w.presses(w.anna, question, "cancel:1").Text, "отменена", "a second tap")
	w.settled()
	assert.Len(t, w.fromBot(w.group), 1, "nobody works on it, so nobody is called")

	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№2", "принята"))
}

func TestWhoWorksOnACancelledTicketIsTold(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	card := w.card(honda)
	w.presses(w.boris.In(w.group), card, "take:1")
	w.anna.Send("/cancel")
	w.presses(w.anna, w.sees(w.anna, telegramtest.WithButton("cancel:1")), "cancel:1")
	note := w.sees(w.group, telegramtest.Containing("отменил владелец", "Борис"))
	assert.Equal(t, card.ID, note.ReplyTo)
	w.settled() // people take longer to answer than the bot to note what it sent
	w.boris.In(w.group).ReplyPDF(note, pdf(), "")
	w.sees(w.group, telegramtest.Containing("закрыта без отчёта"))
	w.settled()
	assert.Zero(t, w.look(`SELECT count(*) FROM reports WHERE status = 'delivered'`))
}

func TestAnotherOwnersTicketIsNoneOfOnes(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.delivers(w.anna)
	w.anna.Send(bmw)
	w.sees(w.anna, telegramtest.Containing("№2"))
	mallory := w.sim.User("Mallory", "en")
	mallory.Send("/my")
	mine := w.sees(mallory, telegramtest.Containing("no requests"))
	for _, forged := range []string{"cancel:2", "again:1"} {
		assert.Contains(t, w.forges(mallory, mine, forged), "no such", forged)
	}
	assert.Contains(t, w.forges(mallory, mine, "rate:1:1"), "cannot be rated")
	w.settled()
	assert.Len(t, w.fromBot(mallory), 1)
	assert.Zero(t, w.look(`SELECT count(*) FROM ratings`))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
}

func TestARatingIsOneTapAndNobodyElsesBusiness(t *testing.T) {
	t.Parallel()
	w := begin(t)
	report := w.delivers(w.anna)
	w.settled()
	inGroup := len(w.fromBot(w.group))
	assert.Contains(t, w.presses(w.anna, report, "rate:1:1").Text, "Спасибо")
	w.sees(w.anna, func(m telegramtest.Message) bool { return m.ID == report.ID && m.Keyboard[0][0].Text == "✅ 1" })
	assert.Contains(t, w.presses(w.anna, report, "rate:1:4").Text, "Спасибо")
	w.settled()
	assert.Equal(t, 4, w.look(`SELECT stars FROM ratings WHERE ticket_id = 1`))
	assert.Equal(t, 2, w.look(`SELECT count(*) FROM events WHERE kind = 'rated'`))
	assert.Len(t, w.fromBot(w.group), inGroup, "a bad one says nothing to the group")

	w.later(25 * time.Hour)
	assert.Contains(t, w.presses(w.anna, report, "rate:1:5").Text, "уже учтена")
	assert.Equal(t, 4, w.look(`SELECT stars FROM ratings WHERE ticket_id = 1`))
}

func TestAPastReportComesAgainOnOneTap(t *testing.T) {
	t.Parallel()
	w := begin(t)
	first := w.delivers(w.anna)
	w.anna.Send("/my")
	mine := w.sees(w.anna, telegramtest.WithButton("again:1"))
	w.presses(w.anna, mine, "again:1")
	again := w.sees(w.anna, func(m telegramtest.Message) bool { return m.Document != nil && m.ID != first.ID })
	assert.Equal(t, first.Document.UniqueID, again.Document.UniqueID)
	assert.Empty(t, again.Keyboard)
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM events WHERE kind = 'sent_again'`))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM events WHERE kind = 'delivered'`), "delivered is delivered once")
}

func TestAnHonestWait(t *testing.T) {
	t.Parallel()
	w := begin(t, func(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false })
	for range 4 {
		w.delivers(w.sim.User("Олег", "ru"))
		w.settled()
	}
	w.anna.Send(bmw)
	w.anna.Send("/my")
	mine := w.sees(w.anna, telegramtest.Containing("место: 1"))
	assert.NotContains(t, mine.Text, "Обычно", "four are too few to tell")
	w.delivers(w.sim.User("Олег", "ru"))
	w.settled()
	w.presses(w.anna, mine, "my:1")
	w.sees(w.anna, func(m telegramtest.Message) bool {
		return m.ID == mine.ID && telegramtest.Containing("Обычно отчёт приходит через", "секунд")(m)
	})
}

func TestTheLanguageThatWasChosenWins(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send("/lang")
	w.presses(w.anna, w.sees(w.anna, telegramtest.WithButton("lang:en")), "lang:en")
	w.sees(w.anna, telegramtest.Containing("English it is"))
	w.anna.Send(honda) // her client still speaks Russian
	w.sees(w.anna, telegramtest.Containing("#1"))
	w.settled()
	commands := w.sim.Commands(telegramtest.CommandScope{Type: "chat", Chat: w.anna.Chat()})
	if assert.NotEmpty(t, commands) {
		assert.Equal(t, "Ask for a report by VIN", commands[0].Description)
	}
	w.stop()
	w.start()
	w.anna.Send("/my")
	w.sees(w.anna, telegramtest.Containing("Open requests"))
}
