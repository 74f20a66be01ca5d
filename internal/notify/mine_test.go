package notify_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// mine asks for a page of Anna's tickets, in place of a message or anew.
func mine(page, of int) ticket.Effect {
	return ticket.Effect{
		Kind: ticket.EffectMine, Lane: ticket.ChatLane(anna), Chat: anna,
		Payload: ticket.MineRef{User: anna, Page: page, To: ticket.Place{Chat: anna, Message: of}},
	}
}

// finishes has tickets of an owner done, each so long after it was opened.
func (w *world) finishes(owner int64, after ...time.Duration) {
	w.Helper()
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, tx ticket.Tx) error {
		for _, d := range after {
			k := ticket.Ticket{
				VIN: honda, Status: ticket.Done, Priority: ticket.Normal, OwnerID: owner,
				OpenedAt: tx.Now().Add(-d), ClosedAt: tx.Now(),
			}
			if err := tx.Insert(ctx, &k); err != nil {
				return err
			}
		}
		return nil
	}))
}

// keyboardOf gives the rows of a message's buttons.
func keyboardOf(t *testing.T, markup models.ReplyMarkup) [][]models.InlineKeyboardButton {
	t.Helper()
	keyboard, ok := markup.(*models.InlineKeyboardMarkup)
	require.True(t, ok)
	return keyboard.InlineKeyboard
}

func TestAnOwnersTicketsAreShownAsTheyAre(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.enqueue(mine(1, 0))
		require.Len(t, w.telegram.takes(), 1)
		k := w.opens()
		w.finishes(7, time.Minute, time.Minute, time.Hour, time.Hour)
		w.telegram.takes()
		w.enqueue(mine(1, 0))
		first := w.telegram.takes()
		require.Len(t, first, 1)
		assert.Contains(t, first[0].text, "place 1")
		assert.NotContains(t, first[0].text, "usually", "four are too few to tell")

		w.finishes(7, 30*time.Minute)
		_, _, err := w.tickets.Take(w.Context(), k.ID, ticket.Actor{ID: 5, Name: boriss})
		require.NoError(t, err)
		w.after(time.Second)
		w.telegram.takes()
		w.enqueue(mine(1, 77))
		again := w.telegram.takes()
		require.Len(t, again, 1)
		assert.Equal(t, "editMessageText", again[0].method)
		assert.Contains(t, again[0].text, "In work")
		assert.Contains(t, again[0].text, "usually comes 30 minutes")
		assert.NotContains(t, again[0].text, boriss, "who works on it is the managers' affair")
	})
}

func TestWhatWasDoneLongAgoTellsNothing(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.finishes(7, time.Hour, time.Hour, time.Hour, time.Hour, time.Hour)
		w.longAfter(ticket.WaitHorizon + time.Second)
		w.opens()
		w.telegram.takes()
		w.enqueue(mine(1, 0))
		assert.NotContains(t, w.telegram.takes()[0].text, "usually")
	})
}

func TestThePagesOfPastReports(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		for range message.MinePage + 1 {
			w.finishes(anna, time.Hour)
		}
		for page, want := range map[int]int{1: message.MinePage, 2: 1, 99: 1} {
			w.enqueue(mine(page, 77))
			calls := w.telegram.takes()
			require.Len(t, calls, 1)
			p, ok := calls[0].params.(*bot.EditMessageTextParams)
			require.True(t, ok)
			assert.Len(t, keyboardOf(t, p.ReplyMarkup), want+2, page)
		}
	})
}

func TestAMessageThatCannotBeEditedIsSentAnew(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		for class, want := range map[telegram.Class][]string{
			telegram.ClassPostAnew:    {"editMessageText", "sendMessage"},
			telegram.ClassNotModified: {"editMessageText"},
			telegram.ClassBlocked:     {"editMessageText"},
		} {
			w.telegram.refuses("editMessageText", class)
			w.enqueue(mine(1, 77))
			var made []string
			for _, c := range w.telegram.takes() {
				made = append(made, c.method)
			}
			assert.Equal(t, want, made, class)
			assert.Empty(t, w.rows(), class)
		}
	})
}

// unfinished lists the rows that are not done, but for those of kinds that this
// world has nobody for.
func (w *world) unfinished() []row {
	w.Helper()
	return slices.DeleteFunc(w.rows(), func(r row) bool { return r.kind == "report.check" || r.kind == "report.archive" })
}

func TestAReportIsSentAgainAndCountedOnceTelegramTookIt(t *testing.T) {
	t.Parallel()
	delivering(t, func(*world, call) error { return nil }, func(w *world, r ticket.Report) {
		events := func() (n int) {
			w.Helper()
			all, err := w.store.Events(w.Context(), r.TicketID)
			require.NoError(w, err)
			for _, e := range all {
				if e.Kind == ticket.EventSentAgain {
					n++
				}
			}
			return n
		}
		w.telegram.takes()
		require.NoError(w, w.tickets.SendAgain(w.Context(), r.TicketID, anna))
		w.after(time.Second)
		documents := sent(w.telegram.takes(), "sendDocument")
		require.Len(w, documents, 1)
		p, ok := documents[0].params.(*bot.SendDocumentParams)
		require.True(w, ok)
		assert.Equal(w, &models.InputFileString{Data: "the file"}, p.Document)
		assert.Nil(w, p.ReplyMarkup, "it was rated the first time")
		assert.Equal(w, 1, events())

		for class, said := range map[telegram.Class]int{telegram.ClassBadFile: 1, telegram.ClassBadRequest: 1, telegram.ClassBlocked: 0} {
			w.telegram.refuses("sendDocument", class)
			require.NoError(w, w.tickets.SendAgain(w.Context(), r.TicketID, anna))
			w.after(time.Second)
			assert.Len(w, sent(w.telegram.takes(), "sendMessage"), said, class)
			assert.Equal(w, 1, events(), "what did not arrive is not counted")
			assert.Empty(w, w.unfinished())
		}
	})
}

func TestADeliveredReportAsksForARating(t *testing.T) {
	t.Parallel()
	delivering(t, func(*world, call) error { return nil }, func(w *world, r ticket.Report) {
		p, ok := sent(w.telegram.takes(), "sendDocument")[0].params.(*bot.SendDocumentParams)
		require.True(w, ok)
		assert.Equal(w, "rate:1:5", keyboardOf(w.T, p.ReplyMarkup)[0][4].CallbackData)

		_, err := w.tickets.Rate(w.Context(), r.TicketID, anna, 5)
		require.NoError(w, err)
		stars := ticket.Effect{
			Kind: ticket.EffectStars, Lane: ticket.ChatLane(anna), Chat: anna,
			Payload: ticket.StarsRef{Ticket: r.TicketID, At: ticket.Place{Chat: anna, Message: 7}},
		}
		w.enqueue(stars)
		edits := sent(w.telegram.takes(), "editMessageReplyMarkup")
		require.Len(w, edits, 1)
		marked, ok := edits[0].params.(*bot.EditMessageReplyMarkupParams)
		require.True(w, ok)
		assert.Equal(w, "✅ 5", keyboardOf(w.T, marked.ReplyMarkup)[0][4].Text)
		for _, class := range []telegram.Class{telegram.ClassNotModified, telegram.ClassPostAnew} {
			w.telegram.refuses("", class)
			w.enqueue(stars)
			assert.Empty(w, w.unfinished(), class)
		}
	})
}

func TestACorrectionAsksForNoRating(t *testing.T) {
	t.Parallel()
	delivering(t, func(*world, call) error { return nil }, func(w *world, r ticket.Report) {
		w.telegram.takes()
		second := w.receives(w.ticket(r.TicketID))
		_, err := w.tickets.ConfirmReport(w.Context(), second.ID, ticket.Actor{ID: 5, Name: boriss}, true)
		require.NoError(w, err)
		w.accepted(second)
		p, ok := sent(w.telegram.takes(), "sendDocument")[0].params.(*bot.SendDocumentParams)
		require.True(w, ok)
		assert.Nil(w, p.ReplyMarkup)
	})
}

func TestThePersonWhoChoseALanguageHasTheCommandsInIt(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		require.NoError(t, w.store.Accounts().ChooseLanguage(w.Context(), anna, message.Russian))
		w.enqueue(ticket.Commands(anna))
		calls := w.telegram.takes()
		require.Len(t, calls, 1)
		assert.Equal(t, anna, calls[0].chat)
		p, ok := calls[0].params.(*bot.SetMyCommandsParams)
		require.True(t, ok)
		book, err := message.NewBook()
		require.NoError(t, err)
		assert.Equal(t, book.Commands(message.Russian, false), p.Commands)
		assert.Empty(t, p.LanguageCode)
		w.telegram.refuses("setMyCommands", telegram.ClassBlocked)
		w.enqueue(ticket.Commands(anna))
		assert.Empty(t, w.rows())
	})
}
