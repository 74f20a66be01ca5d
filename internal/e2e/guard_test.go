package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/config"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/telegramtest"
)

func TestAReportAboutAnotherCarIsAskedAbout(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris := w.boris.In(w.group)
	mail := boris.ReplyPDF(card, pdftest.Valid("VIN: "+bmw), "")
	ask := w.sees(w.group, func(m telegramtest.Message) bool { return telegramtest.Replying(mail)(m) && m.HasButton("rsend:1") })
	assert.Contains(t, ask.Text, bmw)
	assert.Contains(t, ask.Text, honda)
	assert.Contains(t, w.presses(boris, ask, "rdrop:1").Text, "не отправляю")
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))

	right := boris.ReplyPDF(card, pdftest.Valid("VIN: "+honda), "")
	w.delivered(card, right)
}

func TestAReportAboutAnotherCarIsSentIfTheManagerSaysSo(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris := w.boris.In(w.group)
	mail := boris.ReplyPDF(card, pdftest.Valid("VIN: "+bmw), "")
	ask := w.sees(w.group, func(m telegramtest.Message) bool { return telegramtest.Replying(mail)(m) && m.HasButton("rsend:1") })
	w.presses(boris, ask, "rsend:1")
	w.delivered(card, mail)
}

func TestAScanIsSaidToBeOneOnTheCard(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdftest.Valid(""), ""))
	w.shows(card, "Доставлено", "нет текста")
}

// reusing is a world where reports are offered again for 30 days.
func reusing(w *world, _ *telegramtest.Options) { w.cfg.ReportReuse = config.ReuseDays(30) }

func TestAFreshReportForTheSameVINIsSentByOnePress(t *testing.T) {
	t.Parallel()
	w := begin(t, reusing)
	w.anna.Send(honda)
	card := w.card(honda)
	boris := w.boris.In(w.group)
	w.delivered(card, boris.ReplyPDF(card, pdf(), ""))
	assert.False(t, card.HasButton("reuse:1"))

	ivan := w.sim.User("Иван", "ru")
	ivan.Send(honda)
	second := w.sees(w.group, telegramtest.WithButton("reuse:2"))
	assert.Contains(t, second.Text, "уже доставляли")
	assert.Contains(t, w.presses(boris, second, "reuse:2").Text, "Отправляю")
	w.sees(ivan, func(m telegramtest.Message) bool { return m.Document != nil })
	w.shows(second, "Доставлено", "Борис")
	assert.Contains(t, w.presses(boris, second, "reuse:2").Text, "выполнена")
	w.settled()

	w.stop()
	w.later(31 * 24 * time.Hour)
	w.start()
	vera := w.sim.User("Света", "ru")
	vera.Send(honda)
	third := w.sees(w.group, telegramtest.WithButton("take:3"))
	assert.False(t, third.HasButton("reuse:3"), "it is too old by now")
}
