package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// takes presses Take and waits until the card shows it.
func (w *world) takes(who interface {
	Press(m telegramtest.Message, data string) *telegramtest.Press
}, card telegramtest.Message,
) {
	w.Helper()
	w.presses(who, card, take(card))
	w.sees(telegramtest.ChatID(card.ChatID), func(m telegramtest.Message) bool {
		return m.ID == card.ID && telegramtest.Containing("В работе")(m)
	})
}

// question waits for the question why a ticket is to be rejected.
func (w *world) question(card telegramtest.Message) telegramtest.Message {
	w.Helper()
	asked := w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(card)(m) && m.HasButton("rejnot:1")
	})
	w.settled() // nobody answers before the bot has noted what it sent
	return asked
}

func TestATicketGoesBackIntoTheQueue(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris, vera := w.boris.In(w.group), w.vera.In(w.group)
	w.takes(boris, card)
	assert.Contains(t, w.presses(vera, card, "release:1").Text, "снова в очереди", "a colleague may, too")
	w.shows(card, "ещё никто не взял")
	assert.Contains(t, w.presses(vera, card, "release:1").Text, "никто не взял", "nobody has it")
	w.presses(vera, card, "take:1")
	w.shows(card, "Вера")
	w.settled()
	told := 0
	for _, m := range w.fromBot(w.anna) {
		if strings.Contains(m.Text, "в работе") {
			told++
		}
	}
	assert.Equal(t, 1, told, "the owner is told once that somebody works on it")
}

func TestThePriorityByOnePress(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris := w.boris.In(w.group)
	w.takes(boris, card)
	w.sees(w.group, func(m telegramtest.Message) bool { return m.ID == card.ID && m.HasButton("prio:1:urgent") })
	assert.Contains(t, w.presses(boris, card, "prio:1:urgent").Text, "изменён")
	w.shows(card, "срочный")
	assert.Contains(t, w.presses(boris, card, "prio:1:urgent").Text, "уже такой")
	now := w.sees(w.group, func(m telegramtest.Message) bool { return m.ID == card.ID && m.HasButton("prio:1:normal") })
	assert.False(t, now.HasButton("prio:1:urgent"), "it has that one")
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM events WHERE kind = 'priority' AND actor_id = ? AND detail = 'urgent'`, w.boris.ID))
}

func TestRejectedForAUsualReason(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris, vera := w.boris.In(w.group), w.vera.In(w.group)
	w.takes(boris, card)
	w.presses(boris, card, "reject:1")
	ask := w.question(card)
	assert.Contains(t, w.presses(vera, ask, "rejfor:1:no_data").Text, "отклонена")
	w.shows(card, "Отклонена", "ничего не нашлось")
	w.sees(w.anna, telegramtest.Containing("№1", "ни в одном источнике"))
	w.sees(w.group, func(m telegramtest.Message) bool { return m.ID == ask.ID && len(m.Keyboard) == 0 })
	for _, data := range []string{"take:1", "release:1", "prio:1:high", "reject:1", "done_hint:1"} {
		assert.Contains(t, w.presses(boris, card, data).Text, "отклонена", "the old card's buttons say so: %s", data)
	}
	boris.Reply(ask, "и не надо") // talk by now
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM events WHERE kind = 'rejected'`))
}

func TestRejectedInTheManagersOwnWords(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris := w.boris.In(w.group)
	w.takes(boris, card)
	w.presses(boris, card, "reject:1")
	words := boris.Reply(w.question(card), "Машина <не> из нашего списка")
	w.sees(w.anna, telegramtest.Containing("Менеджер пишет", "Машина <не> из нашего списка"))
	w.shows(card, "Отклонена", "Машина <не> из нашего списка")
	w.sees(w.group, func(m telegramtest.Message) bool { return m.ID == words.ID && len(m.Reactions) == 1 })
	w.settled()
	assert.NotContains(t, w.log.all(), "из нашего списка")
}

func TestNotRejectedAfterAll(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris := w.boris.In(w.group)
	w.takes(boris, card)
	w.presses(boris, card, "reject:1")
	ask := w.question(card)
	assert.Contains(t, w.presses(boris, ask, "rejnot:1").Text, "остаётся открытой")
	boris.Reply(ask, "передумали")
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'taken'`))
}

// TestTheCardsButtonsByWhoPresses presses every button of a taken ticket's card
// as those who may not, and as an admin who hides.
func TestTheCardsButtonsByWhoPresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.ManagerIDs = config.IDs{w.boris.ID}
	w.cfg.AdminIDs = config.IDs{w.vera.ID}
	stranger := w.sim.User("Прохожий", "ru")
	w.group.Join(stranger)
	w.group.Join(w.anna) // the owner is in the group, too
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	w.takes(w.boris.In(w.group), card)
	for _, data := range []string{"take:1", "done_hint:1", "release:1", "prio:1:high", "reject:1"} {
		for _, who := range []*telegramtest.User{stranger, w.anna} {
			assert.Contains(t, w.presses(who.In(w.group), card, data).Text, "нет в списке", data)
		}
	}
	w.settled()
	require.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'taken' AND priority = 'normal'`))

	w.group.Promote(w.vera)
	hidden := w.vera.In(w.group).Anonymously("")
	assert.Contains(t, w.presses(hidden, card, "prio:1:high").Text, "изменён", "a press names the real person")
	assert.Contains(t, w.presses(hidden, card, "release:1").Text, "снова в очереди", "an admin may do what managers may")
}
