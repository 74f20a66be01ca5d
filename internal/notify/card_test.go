package notify_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

func TestACardIsPostedOnceInEveryPlace(t *testing.T) {
	t.Parallel()
	places := []ticket.Place{{Chat: group}, {Chat: group, Topic: 5}, {Chat: other}}
	in(t, func(w *world) {
		k := w.opens()
		cards, err := w.store.Cards(w.Context(), k.ID)
		require.NoError(w, err)
		assert.Len(w, cards, 3, "two topics of one group are two places")
		for _, p := range places {
			w.enqueue(ticket.CardPost(k.ID, p))
		}
		assert.Len(w, w.telegram.takes(), 3)
	}, places...)
}

func TestACardShowsWhatIsTrueWhenItIsSent(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.answers(deaf(telegram.ClassNotSent, group))
		k := w.opens()
		_, _, err := w.tickets.Take(w.Context(), k.ID, ticket.Actor{ID: 5, Name: boriss})
		require.NoError(w, err)
		w.telegram.takes()
		w.after(2e9)
		calls := w.telegram.takes()
		var cards []call
		for _, c := range calls {
			if c.chat == group {
				cards = append(cards, c)
			}
		}
		require.Len(w, cards, 1, "no edit of a card that was not there yet")
		assert.Contains(w, cards[0].text, boriss)
		assert.Contains(w, cards[0].text, annas)
	})
}

func TestEditingACard(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		class telegram.Class
		anew  bool
	}{
		"that shows it already": {telegram.ClassNotModified, false},
		"that somebody deleted": {telegram.ClassPostAnew, true},
		"in a topic that went":  {telegram.ClassTopicGone, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				k := w.opens()
				before, err := w.store.Cards(w.Context(), k.ID)
				require.NoError(w, err)
				w.telegram.takes()
				w.telegram.refuses("editMessageText", test.class)
				w.enqueue(ticket.CardEdit(k.ID, before[0].Place))
				assert.Empty(w, w.rows())
				after, err := w.store.Cards(w.Context(), k.ID)
				require.NoError(w, err)
				require.Len(w, after, 1)
				assert.Equal(w, test.anew, after[0].Place.Message != before[0].Place.Message)
			})
		})
	}
	t.Run("takes its buttons away at the end", func(t *testing.T) {
		t.Parallel()
		in(t, func(w *world) {
			k := w.opens()
			k.Status = ticket.Cancelled
			require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &k) }))
			w.telegram.takes()
			w.enqueue(ticket.CardEdit(k.ID, ticket.Place{Chat: group, Message: 1}))
			calls := w.telegram.takes()
			require.Len(w, calls, 1)
			p, ok := calls[0].params.(*bot.EditMessageTextParams)
			require.True(w, ok)
			text := w.cardText(k)
			if text.Keyboard == nil {
				assert.Nil(w, p.ReplyMarkup, "an untyped nil")
			}
		})
	})
}

// cardText is the card as the message room draws it.
func (w *world) cardText(k ticket.Ticket) message.Text {
	book, err := message.NewBook()
	require.NoError(w, err)
	return book.Card(message.English, message.CardView{Ticket: k})
}

func TestAnAnswerAboutATicketInAGroupStandsForIt(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		about := func(id, chat int64) ticket.Effect {
			return ticket.Effect{
				Kind: ticket.EffectSay, Lane: "x", Chat: chat,
				Payload: ticket.Say{Text: message.TextReportKnown, To: ticket.Place{Chat: chat}, Ticket: id},
			}
		}
		w.enqueue(about(k.ID, group), about(k.ID, anna), about(4711, group))
		assert.Empty(w, w.rows(), "also about a ticket that there is not")
		cards, err := w.store.Cards(w.Context(), k.ID)
		require.NoError(w, err)
		require.Len(w, cards, 2, "not the one in private")
		assert.Equal(w, ticket.CardNote, cards[1].Kind)
	})
}

func TestSettledQuestionsLoseTheirButtons(t *testing.T) {
	t.Parallel()
	retract := ticket.Effect{
		Kind: ticket.EffectRetract, Lane: "x", Chat: anna, Payload: ticket.Retract{At: ticket.Place{Chat: anna, Message: 3}},
	}
	for _, class := range []telegram.Class{telegram.ClassNotModified, telegram.ClassPostAnew, telegram.ClassBlocked} {
		t.Run(class.String(), func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				w.telegram.refuses("", class)
				w.enqueue(retract)
				assert.Empty(w, w.rows())
			})
		})
	}
	in(t, func(w *world) {
		w.enqueue(retract)
		assert.Len(w, w.telegram.takes(), 1)
		assert.Empty(w, w.rows())
	})
}

func TestTheCardOfADeletedTicketSaysSoAndComesBack(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.takes()
		_, err := w.tickets.Delete(w.Context(), k.ID, ticket.Actor{ID: admin})
		require.NoError(w, err)
		w.after(time.Second)
		calls := sent(w.telegram.takes(), "editMessageText")
		require.Len(w, calls, 1)
		assert.Contains(w, calls[0].text, "Deleted")
		for _, hidden := range []string{honda, annas} {
			assert.NotContains(w, calls[0].text, hidden)
		}
		p, ok := calls[0].params.(*bot.EditMessageTextParams)
		require.True(w, ok)
		assert.Nil(w, p.ReplyMarkup, "it has no buttons")

		w.enqueue(ticket.CardPost(k.ID, ticket.Place{Chat: other}))
		assert.Empty(w, w.telegram.takes(), "none is posted anew")

		_, err = w.tickets.Restore(w.Context(), k.ID, ticket.Actor{ID: admin})
		require.NoError(w, err)
		w.after(time.Second)
		calls = w.telegram.takes()
		require.Len(w, calls, 1)
		assert.Contains(w, calls[0].text, honda)
		assert.Contains(w, calls[0].text, annas)
	})
}
