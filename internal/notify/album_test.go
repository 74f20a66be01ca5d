package notify_test

import (
	"testing"
	"testing/synctest"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// receivesAlbum has three files of a manager's come in as one report.
func (w *world) receivesAlbum(k ticket.Ticket) ticket.Report {
	w.Helper()
	r, err := w.tickets.ReceiveReport(w.Context(), ticket.Incoming{
		Ticket: k.ID, FileID: "one", Source: ticket.Place{Chat: group, Message: 700}, By: ticket.Actor{ID: 5, Name: boriss},
		More: []ticket.File{{FileID: "two"}, {FileID: "three"}},
	})
	require.NoError(w, err)
	return r
}

// documents lists what was sent, as far as Telegram accepted it: the file, and
// whether it can be rated.
func documents(calls []call) (files, captions []string, rated []bool) {
	for _, c := range sent(calls, "sendDocument") {
		p, _ := c.params.(*bot.SendDocumentParams)
		file, _ := p.Document.(*models.InputFileString)
		files, captions, rated = append(files, file.Data), append(captions, p.Caption), append(rated, p.ReplyMarkup != nil)
	}
	return files, captions, rated
}

func TestAnAlbumGoesToItsOwnerFileByFile(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		r := w.receivesAlbum(k)
		w.telegram.takes()
		require.NoError(w, w.tickets.Checked(w.Context(), r.ID, ticket.Finding{}, ticket.Finding{}, ticket.Finding{}))
		synctest.Wait()
		files, captions, rated := documents(w.telegram.takes())
		assert.Equal(w, []string{"one", "two", "three"}, files)
		assert.Equal(w, []bool{false, false, true}, rated, "it is rated once, when all is there")
		assert.Contains(w, captions[0], "File 1 of 3.\nThe report for")
		assert.Contains(w, captions[2], "File 3 of 3.\nThe report for")
		assert.Contains(w, captions[2], "is done")
		assert.Equal(w, ticket.ReportDelivered, w.report(r.ID).Status)

		require.NoError(w, w.tickets.SendAgain(w.Context(), k.ID, k.OwnerID))
		synctest.Wait()
		files, captions, _ = documents(w.telegram.takes())
		assert.Equal(w, []string{"one", "two", "three"}, files)
		assert.Contains(w, captions[1], "File 2 of 3.")
		history, err := w.store.Events(w.Context(), k.ID)
		require.NoError(w, err)
		again := 0
		for _, e := range history {
			if e.Kind == ticket.EventSentAgain {
				again++
			}
		}
		assert.Equal(w, 1, again, "noted once")
	})
}

func TestAnAlbumWhoseOwnerBlocksTheBotInBetweenGoesOnFromThere(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		r := w.receivesAlbum(k)
		w.telegram.takes()
		w.telegram.answers(func(c call) error {
			if p, ok := c.params.(*bot.SendDocumentParams); ok {
				if file, _ := p.Document.(*models.InputFileString); file.Data == "two" {
					return refusal(telegram.ClassBlocked)
				}
			}
			return nil
		})
		require.NoError(w, w.tickets.Checked(w.Context(), r.ID, ticket.Finding{}, ticket.Finding{}, ticket.Finding{}))
		synctest.Wait()
		assert.Equal(w, ticket.ReportUndelivered, w.report(r.ID).Status)
		w.telegram.takes()
		w.telegram.answers(func(call) error { return nil })
		_, err := w.tickets.OwnerReturned(w.Context(), k.OwnerID)
		require.NoError(w, err)
		synctest.Wait()
		files, _, _ := documents(w.telegram.takes())
		assert.Equal(w, []string{"two", "three"}, files)
		assert.Equal(w, ticket.ReportDelivered, w.report(r.ID).Status)
	})
}
