package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// withAdmin is a world with an admin who has started the bot.
func withAdmin(t *testing.T) (*world, *telegramtest.User) {
	t.Helper()
	w := newWorld(t)
	admin := w.sim.User("Админ", "ru")
	w.cfg.AdminIDs = config.IDs{admin.ID}
	w.start()
	admin.Start("")
	w.sees(admin, telegramtest.Containing("Здравствуйте"))
	return w, admin
}

// told counts the messages with these words that somebody got.
func (w *world) told(who telegramtest.Chat, words ...string) (n int) {
	for _, m := range w.fromBot(who) {
		if telegramtest.Containing(words...)(m) {
			n++
		}
	}
	return n
}

// cardWaits waits until a card was refused by its group.
func (w *world) cardWaits() {
	w.Helper()
	require.Eventually(w, func() bool {
		return w.look(`SELECT count(*) FROM outbox WHERE kind = 'card.post' AND attempt > 0 AND state = 'waiting'`) == 1
	}, patience, 10*time.Millisecond, "the card waits")
}

// TestABotThatWasRemovedComesBack: admins are told, owners are answered, readyz
// says that cards have waited for too long, and they arrive when the bot is
// added again.
func TestABotThatWasRemovedComesBack(t *testing.T) {
	t.Parallel()
	w, admin := withAdmin(t)
	w.group.KickBot()
	w.sees(admin, telegramtest.Containing("не могу писать"))
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.cardWaits()
	require.Equal(t, 200, w.get("/readyz"), "it may yet pass")
	w.later(6 * time.Minute)
	require.Eventually(t, func() bool { return w.get("/readyz") == 503 }, patience, 10*time.Millisecond, "cards reach nobody")
	w.group.AddBot(w.boris)
	w.group.PromoteBot()
	w.later(time.Minute)
	w.anna.Send(bmw)
	card := w.card(honda)
	w.card(bmw)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.settled()
	require.Eventually(t, func() bool { return w.get("/readyz") == 200 }, patience, 10*time.Millisecond)
	assert.Equal(t, 1, w.told(admin, "не могу писать"), "once")
}

// TestAGroupThatMutesTheBot brings no update: the refusal is the only sign. The
// admins are told once, readyz says that something has waited for too long, and
// the cards come when it may write again.
func TestAGroupThatMutesTheBot(t *testing.T) {
	t.Parallel()
	w, admin := withAdmin(t)
	w.group.DemoteBot() // nobody mutes an admin
	w.group.MuteBot(true)
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.sees(admin, telegramtest.Containing("не могу писать"))
	require.Equal(t, 200, w.get("/readyz"), "it may yet pass")
	w.later(6 * time.Minute)
	w.anna.Send(bmw)
	w.sees(w.anna, telegramtest.Containing("№2"))
	require.Eventually(t, func() bool { return w.get("/readyz") == 503 }, patience, 10*time.Millisecond, "cards reach nobody")
	assert.Empty(t, w.fromBot(w.group))
	w.group.MuteBot(false)
	w.later(time.Minute)
	w.anna.Send(suzuki)
	for _, vin := range []string{honda, bmw, suzuki} {
		w.card(vin)
	}
	w.settled()
	require.Eventually(t, func() bool { return w.get("/readyz") == 200 }, patience, 10*time.Millisecond)
	assert.Equal(t, 1, w.told(admin, "не могу писать"), "once")
}

// TestAGroupThatWasDeletedHarmsNoOwner: they are answered, admins are told,
// and the program lives.
func TestAGroupThatWasDeletedHarmsNoOwner(t *testing.T) {
	t.Parallel()
	w, admin := withAdmin(t)
	w.group.Delete()
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.sees(admin, telegramtest.Containing("не могу писать"))
	w.anna.Send(bmw)
	w.sees(w.anna, telegramtest.Containing("№2"))
	assert.Equal(t, 200, w.get("/livez"))
}

// TestAnAnonymousAdminIsNeverUnmasked: the press names the real person, and
// the card only "an admin", whether hidden before the start or since.
func TestAnAnonymousAdminIsNeverUnmasked(t *testing.T) {
	t.Parallel()
	hides := map[string]func(w *world){
		"before the start": func(w *world) {
			w.group.PromoteAnonymous(w.boris)
			w.start()
		},
		"meanwhile": func(w *world) {
			w.start()
			w.group.PromoteAnonymous(w.boris)
		},
	}
	for name, hide := range hides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			hide(w)
			w.anna.Send(honda)
			card := w.card(honda)
			w.settled()
			assert.Contains(t, w.presses(w.boris.In(w.group), card, "take:1").Text, "ваша")
			w.shows(card, "В работе: администратор")
			assert.Contains(t, w.presses(w.vera.In(w.group), card, "take:1").Text, "администратор")
			w.settled()
			for _, m := range append(w.fromBot(w.group), w.fromBot(w.anna)...) {
				assert.NotContains(t, m.Text, "Борис")
			}
			assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE assignee_id = ?`, w.boris.ID), "who it is, is known")
		})
	}
}

// TestAReplyAcrossTopicsFindsTheCard: it comes as an external reply.
func TestAReplyAcrossTopicsFindsTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forum := w.sim.Forum("Форум", w.boris)
	forum.PromoteBot()
	tickets, talk := forum.Topic("Заявки"), forum.Topic("Обсуждение")
	w.cfg.ManagerChats = config.Chats{{ID: forum.Chat(), Topic: tickets}}
	w.start()
	w.anna.Send(honda)
	card := w.sees(forum, telegramtest.WithButton("take:1"))
	w.settled() // nobody answers within the milliseconds in which the card's id is stored
	w.delivered(card, w.boris.In(forum).InTopic(talk).ReplyPDF(card, pdf(), ""))

	w.anna.Send(bmw)
	second := w.sees(forum, telegramtest.WithButton("take:2"))
	mail := w.boris.In(forum).InTopic(talk).SendPDF(pdf(), "")
	w.boris.In(forum).InTopic(tickets).Reply(mail, "/done 2") // the file is in the other topic
	w.sees(forum, telegramtest.Reacted(mail, "👍"))
	w.shows(second, "Доставлено")
}

// TestATopicThatIsClosed: new cards go to the main thread, and the old one
// still shows the truth or is posted anew.
func TestATopicThatIsClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forum := w.sim.Forum("Форум", w.boris)
	forum.DemoteBot()
	topic := forum.Topic("Заявки")
	w.cfg.ManagerChats = config.Chats{{ID: forum.Chat(), Topic: topic}}
	w.start()
	w.anna.Send(honda)
	first := w.sees(forum, telegramtest.WithButton("take:1"))
	forum.CloseTopic(topic)
	w.anna.Send(bmw)
	second := w.sees(forum, telegramtest.WithButton("take:2"))
	assert.Zero(t, second.Topic)
	w.presses(w.boris.In(forum), first, "take:1")
	w.sees(forum, telegramtest.Containing(honda, "Борис"))
	w.settled()
}

// TestWithPrivacyModeTheBotHearsWhatItIsPromised: replies to its own messages
// and commands addressed to it; the log warns.
func TestWithPrivacyModeTheBotHearsWhatItIsPromised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.group.DemoteBot()
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	w.presses(w.vera.In(w.group), card, "take:1")
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.anna.Send(bmw)
	second := w.card(bmw)
	mail := w.boris.In(w.group).SendPDF(pdf(), "") // unheard
	w.boris.In(w.group).Reply(mail, "/done@VIN_Report_Bot 2")
	w.delivered(second, mail)
	require.Eventually(t, func() bool { return len(w.log.with("privacy mode")) > 0 }, patience, 10*time.Millisecond)
}

// TestHelpInTheGroup says in short how a ticket is finished, with a link to
// the long form in the private chat; the commands there are the group's own.
func TestHelpInTheGroup(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	asked := w.boris.In(w.group).Send("/help@vin_report_bot")
	answer := w.answers(asked, "/done 12")
	links := 0
	for _, e := range answer.Entities {
		if e.URL == "https://t.me/vin_report_bot?start=done" {
			links++
		}
	}
	assert.Equal(t, 1, links)
	names := func(scope telegramtest.CommandScope) (names []string) {
		for _, c := range w.sim.Commands(scope) {
			names = append(names, c.Command)
		}
		return names
	}
	w.settled()
	all := []string{"queue", "mine", "done", "ask", "ticket", "find", "prio", "assign", "reopen", "stats", "ban", "unban", "help"}
	for _, language := range []string{"ru", "en", ""} {
		assert.Equal(t, all, names(telegramtest.CommandScope{Type: "chat", Chat: w.group.Chat(), Language: language}), language)
		scope := telegramtest.CommandScope{Type: "all_private_chats", Language: language}
		assert.Equal(t, []string{"start", "my", "cancel", "lang", "privacy", "delete_me", "help"}, names(scope), language)
	}
	assert.Empty(t, names(telegramtest.CommandScope{Type: "default"}), "the group's for the group only")
}

// TestTheCardLeadsToTheLongForm of how to finish, and every card's Take tells
// its presser within the alert's 200 characters.
func TestTheCardLeadsToTheLongForm(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	links := 0
	for _, e := range card.Entities {
		if e.URL == "https://t.me/vin_report_bot?start=done" {
			links++
		}
	}
	assert.Equal(t, 1, links)
	assert.Contains(t, w.presses(w.boris.In(w.group), card, "done_hint:1").Text, "t.me/vin_report_bot?start=done")
	w.boris.Start("done")
	long := w.sees(w.boris, telegramtest.Containing("Как завершить заявку"))
	assert.Contains(t, long.Text, "20 МБ")
}
