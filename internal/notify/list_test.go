package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

func asks(l ticket.List) ticket.Effect {
	l.To = ticket.Place{Chat: group, Message: 60}
	return ticket.Effect{Kind: ticket.EffectList, Lane: "user:5", Chat: group, Urgency: ticket.ForGroup, Payload: l}
}

// TestAListIsReadWhenItIsSent asks while the group cannot be written to, and
// changes the queue meanwhile.
func TestAListIsReadWhenItIsSent(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.takes()
		w.telegram.refuses("sendMessage", telegram.ClassNotSent)
		w.enqueue(asks(ticket.List{Kind: ticket.ListQueue, Page: 1}))
		_, _, err := w.tickets.Take(w.Context(), k.ID, ticket.Actor{ID: 5, Name: boriss})
		require.NoError(w, err)
		w.telegram.answers(nil)
		w.telegram.takes()
		w.after(time.Minute)
		assert.Contains(w, strings.Join(to(group, w.telegram.takes()), "\n"), "The queue is empty")

		for kind, want := range map[ticket.ListKind]string{ticket.ListMine: honda, ticket.ListFound: honda} {
			w.enqueue(asks(ticket.List{Kind: kind, User: 5, VIN: honda[11:]}))
			calls := to(group, w.telegram.takes())
			require.Len(w, calls, 1, kind)
			assert.Contains(w, calls[0], want, kind)
		}
		w.enqueue(asks(ticket.List{Kind: "everything"}))
		assert.Empty(w, to(group, w.telegram.takes()))
	})
}

func TestAListSaysHowManyMoreThereAre(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		for owner := range int64(message.MaxList + 2) {
			k, _, err := w.tickets.Open(w.Context(), ticket.Opening{Owner: 1000 + owner, VIN: honda})
			require.NoError(w, err)
			_, _, err = w.tickets.Take(w.Context(), k.ID, ticket.Actor{ID: 5, Name: boriss})
			require.NoError(w, err)
		}
		w.after(time.Minute)
		w.telegram.takes()
		for _, kind := range []ticket.ListKind{ticket.ListMine, ticket.ListFound} {
			w.enqueue(asks(ticket.List{Kind: kind, User: 5, VIN: honda[11:]}))
			calls := to(group, w.telegram.takes())
			require.Len(w, calls, 1, kind)
			assert.Contains(w, calls[0], "and 2 more", kind)
			assert.Contains(w, calls[0], "27", "all of them are counted")
		}
	})
}

func TestACardIsPostedAgainOnRequest(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.takes()
		w.enqueue(ticket.CardPost(k.ID, ticket.Place{Chat: group}))
		assert.Empty(w, to(group, w.telegram.takes()), "one is there")
		w.enqueue(ticket.CardAgain(k.ID, ticket.Place{Chat: group, Message: 60}))
		require.Len(w, to(group, w.telegram.takes()), 1)
		cards, err := w.store.Cards(w.Context(), k.ID)
		require.NoError(w, err)
		assert.Len(w, cards, 2, "and stands for the ticket like the first")
	})
}

func TestAQuestionThatIsAnsweredByATextIsRemembered(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.takes()
		w.enqueue(ticket.Effect{
			Kind: ticket.EffectSay, Lane: ticket.Lane(k.ID), Chat: group, Urgency: ticket.ForGroup, TicketID: k.ID,
			Payload: ticket.Say{
				Text: "group.reject.ask", To: ticket.Place{Chat: group}, Ticket: k.ID, Prompt: ticket.PromptReject,
			},
		})
		calls := to(group, w.telegram.takes())
		require.Len(w, calls, 1)
		cards, err := w.store.Cards(w.Context(), k.ID)
		require.NoError(w, err)
		at := cards[len(cards)-1].Place
		p, err := w.store.PromptAt(w.Context(), at.Chat, at.Message)
		require.NoError(w, err)
		assert.Equal(w, k.ID, p.TicketID)
	})
}
