package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

func TestAGroupThatBecomesASupergroupIsFollowed(t *testing.T) {
	t.Parallel()
	w, old := opened(t)
	w.group.MigrateToSupergroup()
	super := w.group // by its new id
	card := w.sees(super, telegramtest.WithButton("take:1"))
	assert.NotEqual(t, old.ChatID, card.ChatID)
	assert.True(t, w.group.HasBot(), "the bot did not leave its own group")

	w.presses(w.boris.In(w.group), card, "take:1")
	w.shows(card, "Борис")
	w.stop()
	w.later(time.Minute) // by now the bot would have left what is not its own
	w.start()            // it is remembered
	w.anna.Send(bmw)
	second := w.sees(super, telegramtest.WithButton("take:2"))
	w.delivered(second, w.boris.In(w.group).ReplyPDF(second, pdf(), ""))
	w.settled()
	assert.True(t, w.group.HasBot(), "the bot did not leave its own group later, either")
	cards := 0
	for _, m := range w.fromBot(super) {
		if m.HasButton("take:1") || m.HasButton("done_hint:1") {
			cards++
		}
	}
	assert.Equal(t, 1, cards, "each open card is posted anew once")
}

func TestAMigrationWhileTheBotIsAwayIsMetOnSending(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	w.stop()
	w.group.MigrateToSupergroup()
	super := w.group // by its new id
	w.anna.Send(bmw)
	w.start()
	w.sees(super, telegramtest.WithButton("take:1"))
	w.sees(super, telegramtest.WithButton("take:2"))
	w.settled()
	assert.True(t, w.group.HasBot())
	assert.Equal(t, 2, w.tickets())
}

func TestCardsWaitForABotThatWasMuted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.sim.User("Админ", "ru")
	w.cfg.AdminIDs = config.IDs{admin.ID}
	w.start()
	admin.Start("")
	w.sees(admin, telegramtest.Containing("Здравствуйте"))
	w.group.DemoteBot()
	w.group.MuteBot(true)
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1")) // the owner is answered all the same
	w.sees(admin, telegramtest.Containing("не могу писать"))
	w.group.MuteBot(false)
	w.stop()
	w.later(time.Minute) // the time of the next try
	w.start()
	w.card(honda)
	told := 0
	for _, m := range w.fromBot(admin) {
		if telegramtest.Containing("не могу писать")(m) {
			told++
		}
	}
	assert.Equal(t, 1, told)
}

func TestEveryListedGroupGetsTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forum := w.sim.Forum("Форум", w.boris)
	forum.PromoteBot()
	topic := forum.Topic("Заявки")
	w.cfg.ManagerChats = append(w.cfg.ManagerChats, config.ManagerChat{ID: forum.Chat(), Topic: topic})
	w.start()
	w.anna.Send(honda)
	first := w.card(honda)
	second := w.sees(forum, telegramtest.WithButton("take:1"))
	assert.Equal(t, topic, second.Topic)
	w.presses(w.boris.In(forum), second, "take:1")
	w.shows(first, "Борис")
	w.shows(second, "Борис")
	mail := w.boris.In(forum).InTopic(topic).ReplyPDF(second, pdf(), "")
	w.delivered(first, mail)
	w.shows(second, "Доставлено")
}

func TestAMessageInATopicIsNoReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forum := w.sim.Forum("Форум", w.boris)
	forum.PromoteBot()
	topic := forum.Topic("Заявки")
	w.cfg.ManagerChats = config.Chats{{ID: forum.Chat(), Topic: topic}}
	w.start()
	w.anna.Send(honda)
	w.sees(forum, telegramtest.WithButton("take:1"))
	w.boris.In(forum).InTopic(topic).SendPDF(pdf(), "")
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
}

func TestATopicThatIsGoneFallsBackToGeneral(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forum := w.sim.Forum("Форум", w.boris)
	forum.PromoteBot()
	topic := forum.Topic("Заявки")
	w.cfg.ManagerChats = config.Chats{{ID: forum.Chat(), Topic: topic}}
	forum.DeleteTopic(topic)
	w.start()
	w.anna.Send(honda)
	card := w.sees(forum, telegramtest.WithButton("take:1"))
	assert.Zero(t, card.Topic)
	w.anna.Send(bmw)
	w.sees(forum, telegramtest.WithButton("take:2"))
	w.settled()
	told := 0
	for _, m := range w.fromBot(forum) {
		if telegramtest.Containing("закрыта или удалена")(m) {
			told++
		}
	}
	assert.Equal(t, 1, told, "the group is told once")
}

func TestACardThatSomebodyDeletedIsPostedAnew(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.group.DeleteMessage(card)
	w.presses(w.boris.In(w.group), card, "take:1")
	again := w.sees(w.group, func(m telegramtest.Message) bool { return m.ID != card.ID && hasCopy(m) })
	require.Contains(t, again.Text, "Борис")
	w.delivered(again, w.boris.In(w.group).ReplyPDF(again, pdf(), ""))
}
