package notify_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// asks has a manager ask about a ticket, in message 70 of the group.
func (w *world) asks(t ticket.Ticket, text string) ticket.Line {
	w.Helper()
	l, err := w.talk.Ask(w.Context(), ticket.Asking{
		Ticket: t.ID, Text: text, Source: ticket.Place{Chat: group, Message: 70}, By: ticket.Actor{ID: 5, Name: boriss},
	})
	require.NoError(w, err)
	synctest.Wait()
	return w.line(l.ID)
}

// line is a line of a conversation as it is now.
func (w *world) line(id int64) ticket.Line {
	w.Helper()
	l, err := w.talk.Line(w.Context(), id)
	require.NoError(w, err)
	return l
}

// answers has Anna answer with message 80 of her chat.
func (w *world) answers() ticket.Answered {
	w.Helper()
	out, err := w.talk.Answer(w.Context(), ticket.Answering{Owner: anna, Source: ticket.Place{Chat: anna, Message: 80}, Plain: true})
	require.NoError(w, err)
	synctest.Wait()
	return out
}

func TestAQuestionComesAsOneMessageAndTheManagerSees(t *testing.T) {
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.takes()
		l := w.asks(k, "<b>When?</b>")
		calls := w.telegram.takes()
		require.Len(w, calls, 2)
		assert.Equal(w, "sendMessage", calls[0].method)
		assert.Equal(w, anna, calls[0].chat)
		assert.Contains(w, calls[0].text, "&lt;b&gt;When?&lt;/b&gt;")
		assert.Equal(w, "👍", calls[1].text)
		assert.Equal(w, ticket.LineSent, l.State)
		assert.NotZero(w, l.OwnerMessage)
		assert.Empty(w, l.Body, "words that arrived are not kept")
		again := w.asks(k, "another?")
		assert.Equal(w, l.ID, again.ID, "a message asks once")
		assert.Empty(w, w.telegram.takes())
	})
}

func TestAQuestionWaitsForAnOwnerWhoIsAway(t *testing.T) {
	for class, why := range map[telegram.Class]string{
		telegram.ClassBlocked: ticket.UndeliveredBlocked, telegram.ClassDeactivated: ticket.UndeliveredDeactivated,
		telegram.ClassNoChat: ticket.UndeliveredNoChat,
	} {
		in(t, func(w *world) {
			k := w.opens()
			w.telegram.answers(func(c call) error {
				if c.chat == anna {
					return refusal(class)
				}
				return nil
			})
			l := w.asks(k, "When?")
			assert.Equal(w, ticket.LineUndelivered, l.State)
			assert.Equal(w, why, l.Reason)
			assert.Equal(w, "When?", l.Body)
			assert.Contains(w, w.telegram.takes()[2].text, "was not delivered")

			require.NoError(w, w.talk.OwnerReturned(w.Context(), anna))
			synctest.Wait()
			assert.Equal(w, ticket.LineSent, w.line(l.ID).State)
			assert.Empty(w, w.line(l.ID).Body)
		})
	}
}

func TestAQuestionThatNobodyNeedsAnyMoreIsNotSent(t *testing.T) {
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.refuses("sendMessage", telegram.ClassNotSent)
		l := w.asks(k, "When?")
		assert.Equal(w, ticket.LineSending, l.State, "it is tried again")
		_, _, err := w.tickets.Cancel(w.Context(), k.ID, anna)
		require.NoError(w, err)
		w.telegram.takes()
		w.after(time.Minute)
		assert.Equal(w, ticket.LineDropped, w.line(l.ID).State)
		assert.Empty(w, w.line(l.ID).Body)
		for _, c := range w.telegram.takes() {
			assert.NotEqual(w, anna, c.chat)
		}
		_, err = w.talk.Ask(w.Context(), ticket.Asking{Ticket: k.ID, Text: "?", Source: ticket.Place{Chat: group, Message: 71}})
		assert.Equal(w, ticket.CodeConflict, ticket.CodeOf(err))
	})
}

func TestAQuestionThatTelegramRefusesIsGivenUp(t *testing.T) {
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.answers(func(c call) error {
			if c.chat == anna {
				return refusal(telegram.ClassBadRequest)
			}
			return nil
		})
		l := w.asks(k, "When?")
		assert.Equal(w, ticket.LineDropped, l.State)
		assert.Contains(w, w.telegram.takes()[2].text, "Telegram refused the question")
	})
}

func TestAnAnswerIsCopiedUnderTheNewestCard(t *testing.T) {
	in(t, func(w *world) {
		k := w.opens()
		w.asks(k, "When?")
		cards, err := w.store.Cards(w.Context(), k.ID)
		require.NoError(w, err)
		w.telegram.takes()
		assert.Equal(w, ticket.Answered{Outcome: ticket.AnswerPassed, Ticket: k.ID}, w.answers())
		calls := w.telegram.takes()
		require.Len(w, calls, 1)
		p, ok := calls[0].params.(*bot.CopyMessageParams)
		require.True(w, ok)
		assert.Equal(w, []any{group, anna, 80}, []any{p.ChatID, p.FromChatID, p.MessageID})
		assert.Equal(w, cards[0].Place.Message, p.ReplyParameters.MessageID)
		notes, err := w.store.Cards(w.Context(), k.ID)
		require.NoError(w, err)
		assert.Len(w, notes, 2, "a reply to it means the ticket")
		w.answers()
		assert.Empty(w, w.telegram.takes(), "what came twice is copied once")
	})
}

func TestAnAnswerThatCannotBeCopiedIsSaidToBe(t *testing.T) {
	in(t, func(w *world) {
		k := w.opens()
		w.asks(k, "When?")
		w.telegram.takes()
		w.telegram.refuses("copyMessage", telegram.ClassBadRequest)
		w.answers()
		var said []string
		for _, c := range w.telegram.takes() {
			if c.chat == anna {
				said = append(said, c.text)
			}
		}
		require.Len(w, said, 1, "whatever became of it in how many groups")
		assert.Contains(w, said[0], "could not be passed on")
	}, ticket.Place{Chat: group}, ticket.Place{Chat: other})
}

func TestAnAnswerWaitsForAGroupThatTakesNone(t *testing.T) {
	in(t, func(w *world) {
		k := w.opens()
		w.asks(k, "When?")
		w.telegram.takes()
		w.telegram.refuses("copyMessage", telegram.ClassKicked)
		w.answers()
		w.telegram.takes()
		w.after(time.Minute)
		assert.Len(w, w.telegram.takes(), 1, "it arrives later")
	})
}

func TestWhatCannotBeDeletedIsWrittenOver(t *testing.T) {
	for instead, method := range map[string]string{ticket.TextErased: "editMessageText", "": "editMessageReplyMarkup"} {
		in(t, func(w *world) {
			deletion := ticket.Effect{
				Kind: ticket.EffectDelete, Lane: "x", Chat: group,
				Payload: ticket.Deletion{At: ticket.Place{Chat: group, Message: 9}, Instead: instead},
			}
			w.enqueue(deletion)
			assert.Len(w, w.telegram.takes(), 1)
			w.telegram.refuses("deleteMessage", telegram.ClassBadRequest)
			w.enqueue(deletion)
			calls := w.telegram.takes()
			require.Len(w, calls, 2)
			assert.Equal(w, method, calls[1].method)
			w.telegram.answers(func(c call) error {
				if c.method == "deleteMessage" {
					return refusal(telegram.ClassBadRequest)
				}
				return refusal(telegram.ClassPostAnew)
			})
			w.enqueue(deletion)
			assert.Empty(w, w.rows(), "of a picture that old only the buttons can go")
		})
	}
}

func TestABannedOwnersCardSaysSo(t *testing.T) {
	in(t, func(w *world) {
		w.opens()
		_, err := w.store.Bans().Ban(w.Context(), anna, "spam", 5)
		require.NoError(w, err)
		w.telegram.takes()
		require.NoError(w, w.tickets.ShowOwner(w.Context(), anna))
		synctest.Wait()
		assert.Contains(w, w.telegram.takes()[0].text, "banned")
	})
}

func TestOneQuestionGetsSoManyAnswers(t *testing.T) {
	in(t, func(w *world) {
		k := w.opens()
		w.asks(k, "When?")
		outcomes := map[ticket.AnswerOutcome]int{}
		for i := range 22 {
			out, err := w.talk.Answer(w.Context(), ticket.Answering{Owner: anna, Source: ticket.Place{Chat: anna, Message: 100 + i}, Plain: true})
			require.NoError(w, err)
			outcomes[out.Outcome]++
		}
		assert.Equal(w, map[ticket.AnswerOutcome]int{ticket.AnswerPassed: 1, ticket.AnswerMore: 19, ticket.AnswerTooMany: 2}, outcomes)
		synctest.Wait()
	})
}
