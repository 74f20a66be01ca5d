package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/telegramtest"
)

// answers waits for the bot's answer to a message, with these words.
func (w *world) answers(to telegramtest.Message, words ...string) telegramtest.Message {
	w.Helper()
	return w.sees(telegramtest.ChatID(to.ChatID), func(m telegramtest.Message) bool {
		return telegramtest.Replying(to)(m) && telegramtest.Containing(words...)(m)
	})
}

// documents counts the files that a person got.
func (w *world) documents(u *telegramtest.User) (n int) {
	for _, m := range w.fromBot(u) {
		if m.Document != nil {
			n++
		}
	}
	return n
}

// TestDeliveredIsSaidOnlyAfterItIs: while the report is on its way neither the
// card, nor a press, nor the reaction says more than that.
func TestDeliveredIsSaidOnlyAfterItIs(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	held := w.sim.On("sendDocument").Hold()
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	require.NoError(t, held.Wait(t.Context()))
	w.shows(card, "отправляется")
	assert.Contains(t, w.presses(w.vera.In(w.group), card, "take:1").Text, "отправляется")
	now, _ := w.sim.Now(mail)
	assert.Equal(t, []string{"👀"}, now.Reactions, "received, no more")
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'delivering' AND closed_at IS NULL`))
	w.anna.Send(honda) // asks meanwhile
	held.Open()
	w.delivered(card, mail)
}

// TestTheArchiveNeverHoldsUpTheOwner: it is broken, and the report arrives.
func TestTheArchiveNeverHoldsUpTheOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blocked := filepath.Join(string(w.cfg.DataDir), "reports", "reports")
	require.NoError(t, os.MkdirAll(filepath.Dir(blocked), 0o700))
	require.NoError(t, os.WriteFile(blocked, nil, 0o600)) // a file where a folder should be
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	assert.Zero(t, w.look(`SELECT count(*) FROM reports WHERE blob_key <> ''`))
	require.NoError(t, os.Remove(blocked)) // mended: it is archived by itself
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM reports WHERE blob_key <> ''`))
}

// TestADownloadThatKeepsFailingAsksTheManager after two minutes, and the
// report is sent unchecked when the manager says so.
func TestADownloadThatKeepsFailingAsksTheManager(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	fault := w.sim.On("getFile").BadGateway()
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	require.Eventually(t, func() bool { return fault.Hits() > 0 }, patience, time.Millisecond)
	for _, m := range w.fromBot(w.group) {
		assert.False(t, m.HasButton("rsend:1"), "not asked at once")
	}
	w.later(3 * time.Minute)
	question := w.answers(mail, "проверить не удалось")
	assert.Zero(t, w.documents(w.anna))
	w.presses(w.vera.In(w.group), question, "rsend:1") // any manager may say so
	w.delivered(card, mail)
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM reports WHERE unchecked`))
	fault.Stop()
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM reports WHERE blob_key <> ''`), "archived once it can be fetched")
}

// TestAFileThatTelegramDoesNotHandOutIsAskedForAgain: its words for it leave
// open whether that will last.
func TestAFileThatTelegramDoesNotHandOutIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	fault := w.sim.On("getFile").Times(2).Error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	assert.Equal(t, 2, fault.Hits())
}

// TestAPDFForATicketThatIsDoneAsksWhetherItCorrects, and does as told.
func TestAPDFForATicketThatIsDoneAsksWhetherItCorrects(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	again := w.boris.In(w.group).SendPDF(pdftest.Valid("wrong"), "/done 1")
	question := w.answers(again, "исправление")
	w.presses(w.boris.In(w.group), question, "rdrop:2")
	w.answers(again, "не отправлен")
	w.sees(w.group, func(m telegramtest.Message) bool { return m.ID == question.ID && len(m.Keyboard) == 0 })
	assert.Equal(t, 1, w.documents(w.anna))

	better := w.vera.In(w.group).ReplyPDF(card, pdftest.Valid("right"), "")
	question = w.answers(better, "исправление")
	w.presses(w.boris.In(w.group), question, "rsend:3")
	w.sees(w.anna, telegramtest.Containing("Исправленный"))
	w.sees(w.group, telegramtest.Reacted(better, "👍"))
	w.shows(card, "Доставлено", "Вера")
	w.settled()
	assert.Equal(t, 2, w.documents(w.anna))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'done'`))
}

// TestAWrongCorrectionIsRefusedLikeAnyReport.
func TestAWrongCorrectionIsRefusedLikeAnyReport(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	bad := w.boris.In(w.group).ReplyPDF(card, pdftest.Truncated(), "")
	question := w.answers(bad, "исправление")
	w.presses(w.boris.In(w.group), question, "rsend:2")
	w.answers(bad, "повреждён")
	w.settled()
	assert.Equal(t, 1, w.documents(w.anna))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'done'`))
}

// TestTwoManagersAnswerAtOnce: one report goes out, the other is asked about.
func TestTwoManagersAnswerAtOnce(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	mails := map[int]telegramtest.Message{}
	for _, m := range []telegramtest.Message{
		w.boris.In(w.group).ReplyPDF(card, pdftest.Valid("from Boris"), ""), w.vera.In(w.group).ReplyPDF(card, pdftest.Valid("from Vera"), ""),
	} {
		mails[m.ID] = m
	}
	question := w.sees(w.group, telegramtest.Containing("исправление"))
	loser := mails[question.ReplyTo]
	require.NotZero(t, loser.ID)
	w.settled()
	assert.Equal(t, 1, w.documents(w.anna))
	now, _ := w.sim.Now(loser)
	assert.NotContains(t, now.Reactions, "👍")
}

// TestAPDFWhileTakeIsInFlight: whichever comes first, the ticket is done, and
// everybody is answered.
func TestAPDFWhileTakeIsInFlight(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	press := w.vera.In(w.group).Press(card, "take:1")
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := press.Answer(ctx)
	require.NoError(t, err)
	assert.NotEmpty(t, answer.Text)
	w.delivered(card, mail)
	w.shows(card, "Борис") // who sent it, whoever took it
}

// TestACaptionWrittenAfterwardsCounts: the PDF was sent without a word, and
// /done was put under it later.
func TestACaptionWrittenAfterwardsCounts(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	mail := w.boris.In(w.group).SendPDF(pdf(), "")
	w.boris.In(w.group).Edit(mail, "/done 1")
	w.delivered(card, mail)
	w.boris.In(w.group).Edit(mail, "/done 1 готово") // edited once more: nothing is sent twice
	w.settled()
	assert.Equal(t, 1, w.documents(w.anna))
	assert.Len(t, w.fromBot(w.group), 1)
}

// TestAReplyToANoteAboutTheTicketCounts like one to the card.
func TestAReplyToANoteAboutTheTicketCounts(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	bad := w.boris.In(w.group).ReplyPDF(card, []byte("<html>"), "")
	note := w.answers(bad, "не PDF")
	w.settled()
	w.delivered(card, w.vera.In(w.group).ReplyPDF(note, pdf(), ""))
}

// TestAPDFInReplyToAnythingElseOfTheBots is asked about, since silence would
// pass for acceptance.
func TestAPDFInReplyToAnythingElseOfTheBots(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	help := w.answers(w.boris.In(w.group).Send("/help@vin_report_bot"), "/done 12")
	mail := w.boris.In(w.group).ReplyPDF(help, pdf(), "")
	w.answers(mail, "к какой заявке")
	w.boris.In(w.group).Reply(mail, "/done 1")
	w.delivered(card, mail)
}

// TestDoneWithoutANumber in reply to a PDF that itself replied to the card:
// Telegram shows one step of the chain, the bot remembers the other.
func TestDoneWithoutANumber(t *testing.T) {
	t.Parallel()
	t.Run("a PDF of somebody who may not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.cfg.ManagerIDs = config.IDs{w.vera.ID}
		w.start()
		w.anna.Send(honda)
		card := w.card(honda)
		mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
		w.answers(mail, "нет в списке")
		w.vera.In(w.group).Reply(mail, "/done")
		w.delivered(card, mail)
	})
	t.Run("a PDF of an anonymous admin", func(t *testing.T) {
		t.Parallel()
		w, card := opened(t)
		mail := w.boris.In(w.group).Anonymously("").ReplyPDF(card, pdf(), "")
		w.answers(mail, "от имени группы")
		w.vera.In(w.group).Reply(mail, "/done")
		w.delivered(card, mail)
	})
	t.Run("a PDF that is a report already", func(t *testing.T) {
		t.Parallel()
		w, card := opened(t)
		mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
		w.delivered(card, mail)
		w.answers(w.vera.In(w.group).Reply(mail, "/done"), "уже принят")
		w.settled()
		assert.Equal(t, 1, w.documents(w.anna))
	})
	t.Run("a PDF that belongs to nothing", func(t *testing.T) {
		t.Parallel()
		w, card := opened(t)
		mail := w.boris.In(w.group).SendPDF(pdf(), "")
		asked := w.vera.In(w.group).Reply(mail, "/done")
		w.answers(asked, "к какой заявке")
		w.vera.In(w.group).Reply(mail, "/done 1")
		w.delivered(card, mail)
	})
}

// TestAnAttemptThatContradictsItselfChangesNothing.
func TestAnAttemptThatContradictsItselfChangesNothing(t *testing.T) {
	t.Parallel()
	for caption, says := range map[string]string{
		"/done 2":                    "другой номер",
		"/done 0":                    "Такой заявки нет",
		"/done 99999999999999999999": "Такой заявки нет",
		"/done -1":                   "",
	} {
		t.Run(caption, func(t *testing.T) {
			t.Parallel()
			w, card := opened(t)
			other := w.sim.User("Олег", "ru")
			other.Send(bmw)
			w.card(bmw)
			var mail telegramtest.Message
			if strings.HasSuffix(caption, " 2") {
				mail = w.boris.In(w.group).ReplyPDF(card, pdf(), caption)
			} else {
				mail = w.boris.In(w.group).SendPDF(pdf(), caption)
			}
			w.answers(mail, says)
			w.settled()
			assert.Equal(t, 2, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
			assert.Zero(t, w.documents(w.anna)+w.documents(other))
		})
	}
}

// TestOneFileForTwoTickets: named for another ticket by a command, it goes to
// that owner, too.
func TestOneFileForTwoTickets(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	other := w.sim.User("Олег", "ru")
	other.Send(honda)
	second := w.sees(w.group, telegramtest.WithButton("take:2"))
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	w.delivered(card, mail)
	w.boris.In(w.group).Reply(mail, "/done 2")
	w.sees(other, telegramtest.WithDocument())
	w.shows(second, "Доставлено")
}

// TestThePDFThatWasDeletedMeanwhile: neither the reaction nor the answer has
// anything to stand on, and nothing is stuck.
func TestThePDFThatWasDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	held := w.sim.On("sendDocument").Hold()
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	require.NoError(t, held.Wait(t.Context()))
	w.group.DeleteMessage(mail)
	held.Open()
	w.sees(w.anna, telegramtest.WithDocument())
	w.shows(card, "Доставлено")
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'done'`))
	assert.Zero(t, w.look(`SELECT count(*) FROM outbox WHERE state = 'dead'`))
}

// TestALateEyeDoesNotHideTheThumb: the 👀 was slow on its way, and 👍 stays.
func TestALateEyeDoesNotHideTheThumb(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	held := w.sim.On("setMessageReaction").Once().Hold()
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	require.NoError(t, held.Wait(t.Context()))
	w.sees(w.anna, telegramtest.WithDocument())
	w.shows(card, "Доставлено")
	w.sees(w.group, telegramtest.Reacted(mail, "👍"))
	held.Open()
	require.Eventually(t, func() bool { return w.sim.Calls().Of("setMessageReaction").OK == 3 }, patience, time.Millisecond, "👍, the late 👀, and 👍 again")
	now, _ := w.sim.Now(mail)
	assert.Equal(t, []string{"👍"}, now.Reactions)
}
