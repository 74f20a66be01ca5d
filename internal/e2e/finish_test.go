package e2e

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/telegramtest"
)

// opened is a world in which Anna's ticket number 1 has its card.
func opened(t *testing.T, settings ...setting) (*world, telegramtest.Message) {
	t.Helper()
	w := begin(t, settings...)
	w.anna.Send(honda)
	return w, w.card(honda)
}

// delivered waits until the owner has the report and the ticket is done.
func (w *world) delivered(card, mail telegramtest.Message) {
	w.Helper()
	w.sees(w.anna, telegramtest.WithDocument())
	w.sees(telegramtest.ChatID(mail.ChatID), telegramtest.Reacted(mail, "👍"))
	w.shows(card, "Доставлено")
}

func TestFinishing(t *testing.T) {
	t.Parallel()
	tests := map[string]func(w *world, card telegramtest.Message) telegramtest.Message{
		"a PDF as a reply to the card": func(w *world, card telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).ReplyPDF(card, pdf(), "")
		},
		"a reply to the card that says /done without a number": func(w *world, card telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).ReplyPDF(card, pdf(), "/done")
		},
		"a PDF captioned /done 1": func(w *world, _ telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).SendPDF(pdf(), "/done 1")
		},
		"a PDF captioned /done@bot 1": func(w *world, _ telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).SendPDF(pdf(), "/done@VIN_report_bot 1")
		},
		"a PDF captioned /done #1": func(w *world, _ telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).SendPDF(pdf(), "/done #1")
		},
		"/done 1 as a reply to a PDF": func(w *world, _ telegramtest.Message) telegramtest.Message {
			mail := w.boris.In(w.group).SendPDF(pdf(), "")
			w.vera.In(w.group).Reply(mail, "/done 1")
			return mail
		},
	}
	for name, finish := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, card := opened(t)
			w.delivered(card, finish(w, card))
			w.settled()
			assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'done' AND assignee_id <> 0`),
				"a ticket that nobody took is taken by the sender")
		})
	}
}

func TestAManagerMayFinishWhatAnotherTook(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.presses(w.boris.In(w.group), card, take(card))
	w.delivered(card, w.vera.In(w.group).ReplyPDF(card, pdf(), ""))
}

// TestARefusalChangesNothing sends what must be refused, each in its words as
// a reply to the offending message.
func TestARefusalChangesNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		send func(w *world, card telegramtest.Message) telegramtest.Message
		says string
		set  setting
	}{
		"not a PDF by its name and kind": {says: "не PDF", send: func(w *world, card telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).Sends(telegramtest.Document("report.docx", "application/msword", []byte("PK")).ReplyingTo(card))
		}},
		"not a PDF by its bytes": {says: "не PDF", send: func(w *world, card telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).ReplyPDF(card, []byte("<html>404</html>"), "")
		}},
		"damaged": {says: "повреждён", send: func(w *world, card telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).ReplyPDF(card, pdftest.Truncated(), "")
		}},
		"encrypted": {says: "паролем", send: func(w *world, card telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).ReplyPDF(card, pdftest.Encrypted("report", "secret", "owner"), "")
		}},
		"too large": {
			says: "больше 1 МБ", set: func(w *world, _ *telegramtest.Options) { w.cfg.MaxPDFSize = 1 << 20 },
			send: func(w *world, card telegramtest.Message) telegramtest.Message {
				return w.boris.In(w.group).Sends(telegramtest.DocumentOfSize("r.pdf", "application/pdf", 2<<20).ReplyingTo(card))
			},
		},
		"no document": {says: "Жду отчёт", send: func(w *world, _ telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).Send("/done@vin_report_bot 1")
		}},
		"an unknown number": {says: "№77 нет", send: func(w *world, _ telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).SendPDF(pdf(), "/done 77")
		}},
		"a photo that says /done": {says: "не PDF", send: func(w *world, card telegramtest.Message) telegramtest.Message {
			return w.boris.In(w.group).Sends(telegramtest.Photo().WithCaption("/done 1").ReplyingTo(card))
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var settings []setting
			if test.set != nil {
				settings = append(settings, test.set)
			}
			w, card := opened(t, settings...)
			bad := test.send(w, card)
			w.sees(w.group, func(m telegramtest.Message) bool {
				return telegramtest.Replying(bad)(m) && telegramtest.Containing(test.says)(m)
			})
			w.settled()
			assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`), "nothing changed")
			for _, m := range w.fromBot(w.anna) {
				assert.Nil(t, m.Document, "nothing went to the owner")
			}
			w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
		})
	}
}

func TestSomeoneNotOnTheListChangesNothing(t *testing.T) {
	t.Parallel()
	w, card := opened(t, func(w *world, _ *telegramtest.Options) {})
	w.stop()
	w.cfg.ManagerIDs = config.IDs{w.vera.ID}
	w.start()
	bad := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	w.sees(w.group, telegramtest.Replying(bad))
	assert.Contains(t, w.presses(w.boris.In(w.group), card, take(card)).Text, "нет в списке")
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
	w.delivered(card, w.vera.In(w.group).ReplyPDF(card, pdf(), ""))
}

func TestTheBotActsInNoOtherGroupAndLeavesIt(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	foreign := w.sim.ForeignGroup("Чужие", w.boris)
	foreign.AddBot(w.boris)
	w.boris.In(foreign).Send("/done@vin_report_bot 1")
	w.sees(foreign, telegramtest.Containing("MANAGER_CHAT"))
	w.later(time.Minute)
	w.anna.Send(bmw)
	w.card(bmw)
	require.Eventually(t, func() bool { return !foreign.HasBot() }, patience, 10*time.Millisecond, "the bot leaves")
	w.settled()
	assert.Equal(t, 2, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
	require.Eventually(t, func() bool { return len(w.log.with("MANAGER_CHAT", strconv.FormatInt(foreign.Chat(), 10))) > 0 },
		patience, 10*time.Millisecond, "the log names the group's id")
}

func TestPlainChatterIsIgnored(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	w.boris.In(w.group).Send("обед?")
	w.boris.In(w.group).Send(bmw)
	w.boris.In(w.group).Reply(w.vera.In(w.group).Reply(w.boris.In(w.group).Send("кто возьмёт?"), "я"), "это же та самая хонда")
	w.boris.In(w.group).SendPDF(pdf(), "смотрите, что нашёл")
	w.settled()
	assert.Equal(t, 1, w.tickets())
	assert.Len(t, w.fromBot(w.group), 1, "the card alone")
}

func TestASecondReportWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	held := w.sim.On("sendDocument").Hold()
	first := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	ctx := w.Context()
	assert.NoError(t, held.Wait(ctx))
	second := w.vera.In(w.group).ReplyPDF(card, pdftest.Valid("another"), "")
	w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(second)(m) && telegramtest.Containing("другой файл")(m)
	})
	held.Open()
	w.delivered(card, first)
	question := w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(second)(m) && telegramtest.Containing("исправление")(m)
	})
	w.presses(w.vera.In(w.group), question, "rsend:2")
	w.sees(w.group, telegramtest.Reacted(second, "👍"))
	w.settled()
	assert.Equal(t, 2, w.look(`SELECT count(*) FROM reports WHERE status = 'delivered'`))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'done'`))
}

func TestAFileTooLargeToCheckIsSentOnlyWhenConfirmed(t *testing.T) {
	t.Parallel()
	w, card := opened(t, func(w *world, _ *telegramtest.Options) { w.cfg.MaxPDFSize = 50 << 20 })
	big := w.boris.In(w.group).Sends(telegramtest.DocumentOfSize("r.pdf", "application/pdf", 30<<20).ReplyingTo(card))
	question := w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(big)(m) && m.HasButton("rsend:1")
	})
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
	w.presses(w.boris.In(w.group), question, "rsend:1")
	w.delivered(card, big)
}

func TestAReportThatTheManagerTakesBackIsNotSent(t *testing.T) {
	t.Parallel()
	w, card := opened(t, func(w *world, _ *telegramtest.Options) { w.cfg.MaxPDFSize = 50 << 20 })
	big := w.boris.In(w.group).Sends(telegramtest.DocumentOfSize("r.pdf", "application/pdf", 30<<20).ReplyingTo(card))
	question := w.sees(w.group, telegramtest.WithButton("rdrop:1"))
	w.presses(w.boris.In(w.group), question, "rdrop:1")
	w.settled()
	assert.Zero(t, w.look(`SELECT count(*) FROM tickets WHERE status <> 'new'`))
	assert.Contains(t, w.presses(w.boris.In(w.group), question, "rsend:1").Text, "уже ответили")
	_ = big
}

func TestADownloadThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	fault := w.sim.On("getFile").Times(2).BadGateway()
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	assert.Equal(t, 2, fault.Hits())
}

func TestWhereReactionsAreForbiddenAReplySaysIt(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.group.ForbidReactions()
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(mail)(m) && telegramtest.Containing("доставлен владельцу")(m)
	})
}

func TestACardThatTheTableLacksIsAdoptedByItsButtons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lost := w.sim.On("sendMessage").In(w.group).Once().AnswerLost()
	w.start()
	w.anna.Send(honda)
	first := w.card(honda)
	assert.Equal(t, 1, lost.Hits())
	w.sees(w.group, func(m telegramtest.Message) bool { return hasCopy(m) && m.ID != first.ID }) // it was sent again
	w.delivered(first, w.boris.In(w.group).ReplyPDF(first, pdf(), ""))
}
