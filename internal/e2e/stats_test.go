package e2e

import (
	"bytes"
	"image/png"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

func TestStatisticsInTheGroup(t *testing.T) {
	t.Parallel()
	w, card := opened(t, withDeadlines)
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	w.delivered(card, mail)
	w.vera.Send("/start")
	w.anna.Send(bmw)
	w.card(bmw)
	for command, title := range map[string]string{
		"/stats": "за сегодня", "/stats week": "за 7 дней", "/stats@vin_report_bot month": "за 30 дней",
	} {
		asked := w.boris.In(w.group).Send(command)
		answer := w.sees(w.group, func(m telegramtest.Message) bool {
			return m.Kind == telegramtest.KindPhoto && m.ReplyTo == asked.ID
		})
		assert.Contains(t, answer.Text, title)
		assert.Regexp(t, `открыто +2\n`, answer.Text)
		assert.Regexp(t, `выполнено +1\n`, answer.Text)
		assert.Regexp(t, `в срок +100%`, answer.Text)
		assert.Regexp(t, `сейчас открыто +1\n`, answer.Text)
		var formats []string
		for _, e := range answer.Entities {
			formats = append(formats, e.Type)
		}
		assert.Contains(t, formats, "pre", "in columns")
	}
	asked := w.boris.In(w.group).Send("/stats вчера")
	w.sees(w.group, func(m telegramtest.Message) bool {
		return m.ReplyTo == asked.ID && telegramtest.Containing("/stats week")(m)
	})
}

// tellStats asks for the numbers at noon, so that no day ends in between.
// beginsAtNoon has the bot start when no day ends soon. A jump after its start
// would be a gap in which it heard nothing, of which it tells at the next beat.
func (w *world) beginsAtNoon() {
	now := w.now().In(w.cfg.Timezone.Location())
	w.later(time.Date(now.Year(), now.Month(), now.Day()+1, 12, 0, 0, 0, now.Location()).Sub(now))
}

func tellStats(s *scribe) {
	boris := s.boris.In(s.group)
	boris.Send("/stats@vin_report_bot")
	s.step("/stats, with nothing yet")
	for i, vin := range []string{honda, bmw, suzuki} {
		s.owner.Send(vin)
		s.step("")
		card := s.card(vin)
		s.presses(boris, card, take(card))
		if i == 1 {
			boris.Send("/prio 2 urgent")
		}
		s.step("")
	}
	s.understood(boris.ReplyPDF(s.card(honda), pdf(), ""))
	s.step("")
	s.presses(s.owner, s.last(s.owner), "rate:1:4")
	s.step("")
	for _, command := range []string{"/stats", "/stats week", "/stats month", "/stats вчера"} {
		boris.Send(command)
		s.step(command)
	}
}

func TestWhoMayNotAskForStatistics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.ManagerIDs = config.IDs{w.boris.ID}
	w.start()
	asked := w.vera.In(w.group).Send("/stats@vin_report_bot")
	w.sees(w.group, func(m telegramtest.Message) bool {
		return m.ReplyTo == asked.ID && telegramtest.Containing("нет в списке менеджеров")(m)
	})
	asked = w.boris.In(w.group).Anonymously("").Send("/stats@vin_report_bot")
	w.sees(w.group, func(m telegramtest.Message) bool {
		return m.ReplyTo == asked.ID && telegramtest.Containing("от своего имени")(m)
	})
	w.anna.Send("/stats")
	w.settled()
	for _, m := range append(w.fromBot(w.group), w.fromBot(w.anna)...) {
		assert.NotEqual(t, telegramtest.KindPhoto, m.Kind)
	}
}

func TestThePictureOfTheStatisticsIsOne(t *testing.T) {
	t.Parallel()
	w := begin(t)
	asked := w.boris.In(w.group).Send("/stats@vin_report_bot month")
	answer := w.sees(w.group, func(m telegramtest.Message) bool { return m.ReplyTo == asked.ID })
	require.NotNil(t, answer.Photo)
	body, ok := w.sim.Bytes(answer.Photo.ID)
	require.True(t, ok)
	picture, err := png.Decode(bytes.NewReader(body))
	require.NoError(t, err)
	assert.Equal(t, 1080, picture.Bounds().Dx())
}
