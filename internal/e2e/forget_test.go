package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/telegramtest"
	"vinbot/internal/ticket"
)

// polina is an owner who can be told from everybody else by every byte.
func (w *world) polina() *telegramtest.User {
	return w.sim.AddUser(telegramtest.User{
		ID: 7_123_456_789, FirstName: "Аполлинария", LastName: "Огурцова", Username: "polina_cucumber", Language: "ru",
	})
}

// traces are what must be found nowhere once somebody is forgotten, by what it
// is.
func traces(of *telegramtest.User, words map[string]string) map[string][]byte {
	id := big.NewInt(of.ID).Bytes() // as the database writes it
	all := map[string][]byte{
		"name": []byte(of.FirstName), "last name": []byte(of.LastName), "username": []byte(of.Username),
		"id in text": []byte(strconv.FormatInt(of.ID, 10)), "id in a column": id,
	}
	for what, text := range words {
		all[what] = []byte(text)
	}
	return all
}

// found searches every file of the database, the archive and the spool, and
// says which traces are where.
func (w *world) found(all map[string][]byte) (hits []string) {
	w.Helper()
	require.NoError(w, filepath.WalkDir(string(w.cfg.DataDir), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for what, trace := range all {
			if bytes.Contains(content, trace) {
				hits = append(hits, what+" in "+filepath.Base(path))
			}
		}
		return err
	}))
	return hits
}

// setsAside puts an update into the database that could not be handled.
func (w *world) setsAside(id int, body string) {
	w.Helper()
	db, err := sql.Open("sqlite3", "file:"+w.cfg.Database.Path()+"?_busy_timeout=5000")
	require.NoError(w, err)
	defer db.Close()
	_, err = db.ExecContext(w.Context(), `INSERT INTO updates (bot_id, update_id, state, body, request_id, received_at, handled_at)
		VALUES (1, ?, 'dead', ?, 'r', ?, ?)`, id, []byte(body), time.Now().UTC(), time.Now().UTC())
	require.NoError(w, err)
}

// stopped stops the bot and takes the journal into the database, as the next
// checkpoint would: what somebody writes is in there for a while.
func (w *world) stopped() {
	w.Helper()
	w.stop()
	db, err := sql.Open("sqlite3", "file:"+w.cfg.Database.Path())
	require.NoError(w, err)
	defer db.Close()
	_, err = db.ExecContext(w.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`)
	require.NoError(w, err)
}

// wantsToBeForgotten says /delete_me and presses yes.
func (w *world) wantsToBeForgotten(who *telegramtest.User) telegramtest.Message {
	w.Helper()
	who.Send("/delete_me")
	yes := "forget:" + strconv.FormatInt(who.ID, 10)
	question := w.sees(who, telegramtest.WithButton(yes))
	w.presses(who, question, yes)
	return question
}

// forgotten waits until somebody was told that they are forgotten, and all of
// it is carried out.
func (w *world) forgotten(who *telegramtest.User, question telegramtest.Message) {
	w.Helper()
	w.sees(who, func(m telegramtest.Message) bool { return m.ID == question.ID && strings.Contains(m.Text, "🧹") })
	w.settled()
}

// TestNothingIsLeftOfWhoeverWantsToBeForgotten: after a life full of tickets,
// reports, questions, answers, a ban and updates that were set aside, not a
// byte of the owner is in the database, its journal or the archive.
func TestNothingIsLeftOfWhoeverWantsToBeForgotten(t *testing.T) {
	t.Parallel()
	w := begin(t, func(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false })
	polina, boris := w.polina(), w.boris.In(w.group)
	words := map[string]string{
		"first VIN": honda, "second VIN": bmw, "third VIN": suzuki, "report": "secret-of-the-honda",
		"question": "сколько стоил ремонт", "answer": "ремонт обошёлся дёшево", "reason": "пишет гадости",
	}
	polina.Send(honda)
	card := w.card(honda)
	boris.Reply(card, "/ask Скажите, "+words["question"]+"?")
	polina.Reply(w.sees(polina, telegramtest.Containing(words["question"])), words["answer"])
	answer := w.sees(w.group, telegramtest.WithButton("said:1"))
	mail := boris.ReplyPDF(card, pdftest.Valid(words["report"]), "")
	w.sees(w.group, telegramtest.Reacted(mail, "👍"))
	words["file id"], words["unique id"] = mail.Document.ID, mail.Document.UniqueID
	polina.Send(bmw + " " + suzuki)
	taken := w.card(bmw)
	w.presses(boris, taken, take(taken))
	waiting := w.card(suzuki)
	polina.Block()
	late := boris.ReplyPDF(waiting, pdftest.Valid("another"), "")
	w.shows(waiting, "заблокировал")
	polina.Unblock()
	w.sees(w.group, telegramtest.Reacted(late, "👍"))
	boris.Reply(taken, "/ban "+words["reason"])
	w.shows(taken, "⛔")
	polina.Send("за что?")
	w.sees(polina, telegramtest.Containing(words["reason"]))
	w.settled()
	id := strconv.FormatInt(polina.ID, 10)
	w.setsAside(1, `{"message":{"from":{"id":`+id+`},"text":"`+words["answer"]+`"}}`)
	w.setsAside(2, `{"message":{"from":{"id":5},"reply_to_message":{"text":"`+bmw+`"}}}`)
	w.setsAside(3, `{"message":{"from":{"id":5},"reply_to_message":{"text":"`+words["answer"]+
		`","reply_markup":{"inline_keyboard":[[{"text":"x","callback_data":"said:1"}]]}}}}`)
	w.setsAside(4, `broken `+id)
	w.setsAside(5, `{"message":{"from":{"id":6},"text":"somebody else's"}}`)
	all := traces(polina, words)
	assert.GreaterOrEqual(t, len(w.found(all)), len(all)-2, "this test can fail: a question that arrived and the words of an answer are not kept anyway")

	question := w.wantsToBeForgotten(polina)
	w.forgotten(polina, question)
	for _, c := range []telegramtest.Message{card, taken, waiting} {
		w.shows(c, "🧹 Данные стёрты")
	}
	_, stands := w.sim.Now(answer)
	assert.False(t, stands, "what they answered is taken out of the group")
	assert.Empty(t, w.found(all), "while the bot runs")
	assert.Equal(t, 3, w.look(`SELECT count(*) FROM tickets WHERE erased_at IS NOT NULL`), "they still count")
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'cancelled'`))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM updates WHERE state = 'dead'`), "somebody else's is kept")

	polina.Send(honda)
	w.settled()
	assert.Equal(t, 3, w.tickets(), "the ban has outlived it")
	w.stopped()
	assert.Empty(t, w.found(all), "and keeps nothing of what they send")
}

// TestAnErasureThatWasConfirmedIsCarriedOutAfterARestart.
func TestAnErasureThatWasConfirmedIsCarriedOutAfterARestart(t *testing.T) {
	t.Parallel()
	w := begin(t)
	polina := w.polina()
	polina.Send(honda)
	card := w.card(honda)
	w.settled()
	question := w.wantsToBeForgotten(polina)
	w.later(-time.Hour) // so that the second does not go by
	w.stop()
	assert.NotEmpty(t, w.found(traces(polina, nil)))
	w.later(time.Hour)
	w.start()
	w.forgotten(polina, question)
	w.shows(card, "🧹")
	assert.Empty(t, w.found(traces(polina, map[string]string{"VIN": honda})))
}

// TestAReportOnItsWayMayArriveAndNothingAfterIt: the send that is in flight ends
// first, and what waits behind it is dropped.
func TestAReportOnItsWayMayArriveAndNothingAfterIt(t *testing.T) {
	t.Parallel()
	w := begin(t)
	polina, boris := w.polina(), w.boris.In(w.group)
	polina.Send(honda)
	card := w.card(honda)
	polina.Send("/delete_me")
	yes := "forget:" + strconv.FormatInt(polina.ID, 10)
	question := w.sees(polina, telegramtest.WithButton(yes))
	w.settled()
	gate := w.sim.On("sendDocument").Once().Hold()
	boris.ReplyPDF(card, pdf(), "")
	require.NoError(t, gate.Wait(t.Context()))
	boris.Reply(card, "/ask Пробег?")
	w.presses(polina, question, yes)
	require.Eventually(t, func() bool {
		return w.look(`SELECT count(*) FROM outbox WHERE kind = 'forget' AND attempt > 1`) == 1
	}, patience, 10*time.Millisecond, "it has been seen that something is in flight, and again")
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'delivering'`))
	gate.Open()
	w.forgotten(polina, question)
	assert.Equal(t, 1, w.documents(polina), "what was in flight has arrived")
	assert.Empty(t, w.told(polina, "Пробег?"), "nothing has after it")
	w.shows(card, "🧹")
	assert.Empty(t, w.found(traces(polina, map[string]string{"VIN": honda, "question": "Пробег?"})))
	assert.Empty(t, w.archived())
}

// TestWhoeverChangesTheirMindIsKept, and nobody presses for another.
func TestWhoeverChangesTheirMindIsKept(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	w.card(honda)
	w.anna.Send("/delete_me")
	id := strconv.FormatInt(w.anna.ID, 10)
	question := w.sees(w.anna, telegramtest.WithButton("forgetno:"+id))
	assert.Contains(t, w.forges(w.anna, question, "forget:"+strconv.FormatInt(w.boris.ID, 10)), "больше не действует")
	assert.Contains(t, w.presses(w.anna, question, "forgetno:"+id).Text, "ничего не удаляю")
	w.settled()
	now, _ := w.sim.Now(question)
	assert.Empty(t, now.Keyboard)
	assert.Zero(t, w.look(`SELECT count(*) FROM erasures`))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE erased_at IS NULL`))
}

// TestWhoeverBlocksTheBotAfterwardsIsNotKnownAgain: most people do that next.
func TestWhoeverBlocksTheBotAfterwardsIsNotKnownAgain(t *testing.T) {
	t.Parallel()
	w := begin(t)
	polina := w.polina()
	polina.Send(honda)
	w.card(honda)
	w.forgotten(polina, w.wantsToBeForgotten(polina))
	polina.Block()
	w.settled()
	assert.Zero(t, w.look(`SELECT count(*) FROM users WHERE id = ?`, polina.ID))
	w.stopped()
	assert.Empty(t, w.found(traces(polina, map[string]string{"VIN": honda})))
}

// TestWhoeverBlockedTheBotIsForgottenAllTheSame, though nobody can tell them.
func TestWhoeverBlockedTheBotIsForgottenAllTheSame(t *testing.T) {
	t.Parallel()
	w := begin(t)
	polina := w.polina()
	polina.Send(honda)
	card := w.card(honda)
	w.settled()
	w.wantsToBeForgotten(polina)
	polina.Block()
	w.shows(card, "🧹")
	w.settled()
	assert.Zero(t, w.look(`SELECT count(*) FROM erasures`))
	w.stopped()
	assert.Empty(t, w.found(traces(polina, map[string]string{"VIN": honda})))
}

// TestPrivacySaysHowLongThingsAreKept.
func TestPrivacySaysHowLongThingsAreKept(t *testing.T) {
	t.Parallel()
	for days, words := range map[config.RetentionDays]string{0: "Пока вы их не удалите", 1: "срок 1 день.", 90: "срок 90 дней."} {
		w := begin(t, func(w *world, _ *telegramtest.Options) { w.cfg.Retention = days })
		w.anna.Send("/privacy")
		w.sees(w.anna, telegramtest.Containing("/delete_me", words))
	}
}

// TestWhatIsInTheBinIsForgottenToo: an admin who takes it out again finds a
// number and nothing else.
func TestWhatIsInTheBinIsForgottenToo(t *testing.T) {
	t.Parallel()
	w := begin(t)
	polina := w.polina()
	polina.Send(honda)
	w.card(honda)
	w.settled()
	w.administers(func(ctx context.Context, tickets *ticket.Service) error {
		_, err := tickets.Delete(ctx, 1, ticket.Actor{ID: 1})
		return err
	})
	w.forgotten(polina, w.wantsToBeForgotten(polina))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE deleted_at IS NOT NULL AND erased_at IS NOT NULL AND status = 'cancelled'`))
	w.stopped()
	assert.Empty(t, w.found(traces(polina, map[string]string{"VIN": honda})))
}

// TestManagersAreToldThatTheirFilesAreForNobody: what waited for an answer, or
// for another file, is refused in words.
func TestManagersAreToldThatTheirFilesAreForNobody(t *testing.T) {
	t.Parallel()
	w := begin(t)
	polina, boris := w.polina(), w.boris.In(w.group)
	polina.Send(honda)
	card := w.card(honda)
	w.sees(w.group, telegramtest.Reacted(boris.ReplyPDF(card, pdf(), ""), "👍"))
	correction := boris.ReplyPDF(card, pdftest.Valid("better"), "")
	w.sees(w.group, telegramtest.Containing("исправление"))
	another := boris.ReplyPDF(card, pdftest.Valid("the best"), "")
	w.settled()
	w.forgotten(polina, w.wantsToBeForgotten(polina))
	for _, mail := range []telegramtest.Message{correction, another} {
		w.sees(w.group, func(m telegramtest.Message) bool {
			return telegramtest.Replying(mail)(m) && strings.Contains(m.Text, "стёрты")
		})
	}
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'done' AND erased_at IS NOT NULL`))
	assert.Empty(t, w.found(traces(polina, map[string]string{"VIN": honda})))
}
