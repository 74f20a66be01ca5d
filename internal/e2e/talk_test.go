package e2e

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// TestWhatIsSaidBetweenManagersAndOwners writes down how they ask and answer,
// and how an owner is banned: read testdata/talk.*.txt.
func TestWhatIsSaidBetweenManagersAndOwners(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"ru", "en"} {
		for name, tell := range map[string]func(*scribe){"talk": tellTalk, "ban": tellBan, "forget": tellForget} {
			t.Run(name+" "+lang, func(t *testing.T) {
				t.Parallel()
				w := begin(t, func(w *world, _ *telegramtest.Options) {
					w.cfg.DefaultLanguage, w.cfg.TelegramRateLimits = config.Language(lang), false
				})
				w.settled()
				s := &scribe{world: w, owner: w.sim.User(names(lang)[0], lang), shown: map[string]string{}, events: w.sim.Subscribe(w.Context())}
				s.boris = w.sim.User(names(lang)[1], lang)
				w.group.Join(s.boris)
				s.step("")
				tell(s)
				s.compare(filepath.Join("testdata", name+"."+lang+".txt"))
			})
		}
	}
}

func tellTalk(s *scribe) {
	boris, vera := s.boris.In(s.group), s.vera.In(s.group)
	s.owner.Send(honda)
	s.step("a VIN")
	card := s.card(honda)
	boris.Reply(card, "/ask@vin_report_bot Какой пробег на одометре?\nИ цвет <кузова>?")
	s.step("/ask")
	question := s.last(s.owner)
	s.owner.Reply(question, "120 тысяч, белый")
	s.step("the owner replies")
	s.owner.Send("и <b>фары</b> меняли")
	s.step("and adds something")
	answer := s.last(s.group)
	s.presses(boris, answer, "said:1")
	s.step("whose words are these?")
	vera.Reply(answer, "А когда меняли?")
	s.step("a colleague writes below the answer")
	s.presses(boris, s.last(s.group), "ask:1")
	s.step("send it")
	s.owner.Sends(telegramtest.Photo().WithCaption("вот чек").ReplyingTo(s.last(s.owner)))
	s.step("a photo in reply")
	vera.Reply(card, "Боря, возьми эту")
	s.step("colleagues talk below the card")
	s.presses(vera, s.last(s.group), "noask:1")
	s.step("not for the owner")
	s.owner.Reply(question, bmw)
	s.step("a VIN in reply to a question")
	s.owner.Edit(s.owner.Reply(question, "одна дверь крашена"), "две двери крашены")
	s.step("an answer that is edited")
	for _, text := range []string{"/ask@vin_report_bot", "/ask@vin_report_bot 77 пробег?", "/ask@vin_report_bot пробег?"} {
		boris.Send(text)
		s.step(text)
	}
	boris.Reply(card, "/ask")
	s.step("/ask without a question")
	boris.Anonymously("").Reply(card, "/ask пробег?")
	s.step("/ask as nobody")
	s.owner.Send(bmw)
	s.step("another VIN")
	boris.Reply(s.card(bmw), "/ask Растаможена?")
	s.step("/ask about the other car")
	boris.Reply(card, "/ask Есть фото номера?")
	s.step("/ask about the first")
	s.owner.Send("да")
	s.step("to which of them?")
	s.presses(s.owner, s.last(s.owner), s.last(s.owner).Callbacks()[1])
	s.step("to the second")
	s.owner.Block()
	boris.Reply(card, "/ask Ещё вопрос?")
	s.step("/ask an owner who blocked the bot")
	s.owner.Unblock()
	s.step("the owner is back")
	s.understood(boris.ReplyPDF(card, pdf(), ""))
	s.step("the report")
	boris.Reply(card, "/ask Всё хорошо?")
	s.step("/ask about a ticket that is done")
	s.owner.Reply(question, "спасибо!")
	s.step("an answer after the report")
}

func tellBan(s *scribe) {
	boris := s.boris.In(s.group)
	s.owner.Send(honda)
	s.step("a VIN")
	card := s.card(honda)
	boris.Reply(card, "/ban")
	s.step("/ban without a reason")
	boris.Send("/ban@vin_report_bot")
	s.step("/ban nobody")
	boris.Reply(card, "/ban спам & реклама")
	s.step("/ban")
	boris.Send("/ban@vin_report_bot 1 и оскорбления")
	s.step("/ban once more")
	s.owner.Send(bmw)
	s.step("a VIN of somebody banned")
	s.owner.Send("почему?")
	s.step("and more")
	boris.Reply(card, "/ask За что?")
	s.step("/ask somebody banned")
	s.understood(boris.ReplyPDF(card, pdf(), ""))
	s.step("the report")
	boris.Send("/unban@vin_report_bot 1")
	s.step("/unban")
	boris.Send("/unban@vin_report_bot id4711")
	s.step("/unban somebody else")
	s.owner.Send(bmw)
	s.step("a VIN again")
}

func tellForget(s *scribe) {
	boris := s.boris.In(s.group)
	s.owner.Send("/privacy")
	s.step("/privacy")
	s.owner.Send(honda)
	s.step("a VIN")
	card := s.card(honda)
	s.presses(boris, card, "take:1")
	s.step("Take")
	boris.Reply(card, "/ask Какой пробег?")
	s.step("/ask")
	s.owner.Send("100")
	s.step("the answer")
	s.owner.Send("/delete_me")
	s.step("/delete_me")
	question := s.last(s.owner)
	no, yes := question.Callbacks()[1], question.Callbacks()[0]
	s.presses(s.owner, question, no)
	s.step("no")
	s.owner.Send("/delete_me")
	s.step("/delete_me again")
	s.presses(s.owner, s.last(s.owner), yes)
	s.step("yes")
	boris.ReplyPDF(card, pdf(), "")
	s.step("a report that nobody waits for")
	boris.Reply(card, "/ask Где вы?")
	s.step("/ask nobody")
}

// TestAnAnswerGoesUnderTheCardInEveryGroup, wherever it was asked.
func TestAnAnswerGoesUnderTheCardInEveryGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.sim.Group("Вторая", w.vera)
	second.PromoteBot()
	w.cfg.ManagerChats = append(w.cfg.ManagerChats, config.Chats{{ID: second.Chat()}}...)
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	there := w.sees(second, telegramtest.Containing(honda))
	question := w.boris.In(w.group).Reply(card, "/ask Пробег?")
	w.anna.Reply(w.sees(w.anna, telegramtest.Containing("Пробег?", "№1", honda)), "100")
	for group, under := range map[*telegramtest.Group]telegramtest.Message{w.group: card, second: there} {
		m := w.sees(group, telegramtest.WithButton("said:1"))
		assert.Equal(t, under.ID, m.ReplyTo)
		assert.Equal(t, "100", m.Text)
	}
	w.sees(w.group, telegramtest.Reacted(question, "👍"))
}

// TestAnAlbumIsAnsweredByWithOneReply: of an album one item may hold the reply,
// and all of it goes to the managers.
func TestAnAlbumIsAnsweredByWithOneReply(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	w.anna.Send(bmw)
	w.boris.In(w.group).Reply(w.card(honda), "/ask Фото?")
	w.boris.In(w.group).Reply(w.card(bmw), "/ask Документы?")
	question := w.sees(w.anna, telegramtest.Containing("Фото?"))
	w.sees(w.anna, telegramtest.Containing("Документы?"))
	w.anna.Sends(telegramtest.Photo().InAlbum("a").ReplyingTo(question))
	w.anna.Sends(telegramtest.Photo().InAlbum("a"))
	w.anna.Sends(telegramtest.Document("pts.pdf", "application/pdf", pdf()).InAlbum("a"))
	w.settled()
	copies := slices.DeleteFunc(w.fromBot(w.group), func(m telegramtest.Message) bool { return !m.HasButton("said:1") })
	require.Len(t, copies, 3)
	assert.Equal(t, telegramtest.KindDocument, copies[2].Kind)
}

// TestAQuestionSurvivesARestart: what was asked and what was answered is kept,
// wherever the bot was when it stopped.
func TestAQuestionSurvivesARestart(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	card := w.card(honda)
	w.settled()
	w.stop()
	w.boris.In(w.group).Reply(card, "/ask Пробег?")
	w.start()
	question := w.sees(w.anna, telegramtest.Containing("Пробег?"))
	w.settled()
	w.stop()
	w.anna.Reply(question, "100")
	w.start()
	w.sees(w.group, func(m telegramtest.Message) bool {
		return m.HasButton("said:1") && m.Text == "100" && m.ReplyTo == card.ID
	})
	assert.Zero(t, w.look(`SELECT count(*) FROM conversations WHERE body <> ''`), "no words are kept")
}
