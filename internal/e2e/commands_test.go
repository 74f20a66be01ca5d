package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// tellCommands has the managers give every command, right and wrong.
func tellCommands(s *scribe) {
	boris := s.boris.In(s.group)
	for _, vin := range []string{honda, bmw, suzuki} {
		s.owner.Send(vin)
		s.step("")
	}
	card := s.card(honda)
	for _, command := range []string{
		"/help", "/queue", "/prio 3 urgent", "/prio 3 срочный", "/prio 9 low", "/prio 1 so-so", "/queue", "/queue 7",
		"/mine", "/ticket 2", "/ticket 9", "/find " + bmw, "/find 004352", "/find 00000", "/assign 2 @nobody",
	} {
		boris.Send(command)
		s.step(command)
	}
	s.presses(s.vera.In(s.group), card, "take:1")
	s.step("Vera takes")
	boris.Sends(telegramtest.Text("/assign " + s.boris.FirstName).Mentioning(s.boris).ReplyingTo(card))
	s.step("/assign by a mention, in reply to the card")
	boris.Send("/mine")
	s.step("/mine")
	s.understood(boris.ReplyPDF(card, pdf(), ""))
	s.step("the report")
	boris.Send("/prio 1 high")
	s.step("/prio of a done one")
	boris.Send("/reopen 1")
	s.step("/reopen")
	boris.Send("/reopen 1")
	s.step("/reopen of an open one")
	boris.Anonymously("").Send("/queue")
	s.step("an anonymous admin")
	s.owner.Send("/find " + honda)
	s.step("an owner")
}

// tellRejection rejects a ticket in every way there is.
func tellRejection(s *scribe) {
	boris := s.boris.In(s.group)
	for i, vin := range []string{honda, bmw, suzuki} {
		id := string(rune('1' + i))
		s.owner.Send(vin)
		s.step("")
		card := s.card(vin)
		s.presses(boris, card, "take:"+id)
		s.step("")
		s.presses(boris, card, "reject:"+id)
		s.step("Reject on #" + id)
		ask := s.last(s.group)
		switch i {
		case 0:
			s.presses(boris, ask, "rejfor:1:no_data")
			s.step("a usual reason")
			boris.Send("/reopen 1")
			s.step("/reopen")
		case 1:
			boris.Reply(ask, "Это прицеп, по нему отчётов не бывает")
			s.step("own words")
		default:
			s.presses(boris, ask, "rejnot:3")
			s.step("not after all")
		}
	}
}

// member is somebody who acts in the group.
type member interface {
	Send(text string) telegramtest.Message
}

// TestCommandsByWhoGivesThem has strangers, owners and anonymous admins give
// every command: nothing changes, and each is answered once.
func TestCommandsByWhoGivesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false })
	w.cfg.ManagerIDs = config.IDs{w.boris.ID}
	w.cfg.AdminIDs = config.IDs{w.vera.ID}
	stranger := w.sim.User("Прохожий", "ru")
	w.group.Join(stranger)
	w.group.Join(w.anna) // the owner sits in the group, too
	w.group.Promote(w.vera)
	w.start()
	w.anna.Send(honda)
	w.card(honda)
	commands := []string{"/queue", "/mine", "/ticket 1", "/find 004352", "/prio 1 high", "/assign 1 @vera", "/reopen 1"}
	answered := func(who member, command, words string) {
		sent := who.Send(command)
		w.sees(w.group, func(m telegramtest.Message) bool {
			return telegramtest.Replying(sent)(m) && strings.Contains(m.Text, words)
		})
	}
	for _, command := range commands {
		answered(stranger.In(w.group), command, "нет в списке")
		answered(w.anna.In(w.group), command, "нет в списке")
	}
	anonymous := w.vera.In(w.group).Anonymously("")
	for _, command := range []string{"/queue", "/ticket 1", "/find 004352"} {
		answered(anonymous, command, "004352") // what only shows is for any admin of the group
	}
	for _, command := range []string{"/mine", "/prio 1 high", "/assign 1 @vera", "/reopen 1"} {
		answered(anonymous, command, "от имени группы")
	}
	for _, command := range commands {
		before := len(w.fromBot(w.anna))
		w.anna.Send(command)
		w.sees(w.anna, func(m telegramtest.Message) bool {
			return m.FromBot && len(w.fromBot(w.anna)) > before && strings.Contains(m.Text, "в группе менеджеров")
		})
	}
	w.settled()
	assert.Equal(t, 1, w.tickets(), "a VIN behind a command of the group opens nothing")
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new' AND priority = 'normal'`))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM events`))

	for _, who := range []member{w.boris.In(w.group), w.vera.In(w.group)} {
		for _, command := range []string{"/queue", "/mine", "/find 004352"} {
			sent := who.Send(command)
			w.sees(w.group, telegramtest.Replying(sent))
		}
	}
}

// TestARepostedCardWorksLikeTheCard takes by the repost, finishes by a reply to
// it, and looks at both cards.
func TestARepostedCardWorksLikeTheCard(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris := w.boris.In(w.group)
	asked := boris.Send("/ticket 1")
	again := w.sees(w.group, func(m telegramtest.Message) bool { return telegramtest.Replying(asked)(m) && hasCopy(m) })
	w.presses(boris, again, "take:1")
	w.shows(card, "В работе: Борис")
	w.shows(again, "В работе: Борис")
	w.delivered(again, boris.ReplyPDF(again, pdf(), ""))
	w.shows(card, "Доставлено")
}

func TestAReopenedTicketIsDoneAgain(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris := w.boris.In(w.group)
	w.delivered(card, boris.ReplyPDF(card, pdf(), ""))
	boris.Send("/reopen 1")
	w.sees(w.anna, telegramtest.Containing("снова открыта"))
	anew := w.sees(w.group, func(m telegramtest.Message) bool { return m.ID != card.ID && m.HasButton("take:1") })
	w.shows(card, "никто не взял")
	w.delivered(anew, boris.ReplyPDF(anew, pdf(), ""))
	w.shows(card, "Доставлено")
	w.settled()
	assert.Equal(t, 2, w.look(`SELECT count(*) FROM events WHERE kind = 'delivered' AND from_status = 'delivering'`))
}
