package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/telegramtest"
)

// TestAnOwnerWhoBlockedTheBotGetsTheReportOnTheirReturn: done means delivered.
func TestAnOwnerWhoBlockedTheBotGetsTheReportOnTheirReturn(t *testing.T) {
	t.Parallel()
	returns := map[string]func(w *world){
		"by unblocking": func(w *world) { w.anna.Unblock() },
		"by writing":    func(w *world) { w.anna.Unblock(); w.anna.Send("я вернулась") },
		"by /start":     func(w *world) { w.anna.Unblock(); w.anna.Start("") },
	}
	for name, comes := range returns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, card := opened(t)
			w.anna.Block()
			mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
			w.sees(w.group, func(m telegramtest.Message) bool {
				return telegramtest.Replying(mail)(m) && telegramtest.Containing("заблокировал")(m)
			})
			w.shows(card, "Не доставлено", "заблокировал")
			w.settled()
			assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'undelivered'`))
			now, _ := w.sim.Now(mail)
			assert.NotContains(t, now.Reactions, "👍", "not said before it was")

			comes(w)
			w.delivered(card, mail)
			w.settled()
			documents := 0
			for _, m := range w.fromBot(w.anna) {
				if m.Document != nil {
					documents++
				}
			}
			assert.Equal(t, 1, documents, "once")
		})
	}
}

func TestADeletedAccountIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.anna.Deactivate()
	w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	w.shows(card, "аккаунт владельца удалён")
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'undelivered' AND undeliverable = 'deactivated'`))
}

func TestTelegramThatRefusesTheFileGivesTheTicketBack(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.presses(w.boris.In(w.group), card, "take:1")
	w.sim.On("sendDocument").Once().Error(400, "Bad Request: wrong file identifier/HTTP URL specified")
	bad := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(bad)(m) && telegramtest.Containing("не принял этот файл")(m)
	})
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'taken'`))
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
}
