package notify_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// erasing is Anna's wish to be forgotten, of which only the telling is left.
func (w *world) erasing(message int) ticket.Erasure {
	w.Helper()
	e := ticket.Erasure{Owner: anna, Message: message, Language: "en"}
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, tx ticket.Tx) error {
		e.ConfirmedAt = tx.Now()
		if _, err := w.store.Erasures().AddErasure(ctx, &e); err != nil {
			return err
		}
		return w.store.Erasures().ErasePerson(ctx, e, nil)
	}))
	return e
}

func (w *world) tellsFarewell(e ticket.Erasure) {
	w.Helper()
	w.enqueue(ticket.Effect{
		Kind: ticket.EffectFarewell, Lane: ticket.ChatLane(anna), Chat: anna, Payload: ticket.ErasureRef{Erasure: e.ID},
	})
}

// gone reports whether nothing is left of the wish, nor of what was sent.
func (w *world) gone(e ticket.Erasure) bool {
	w.Helper()
	_, err := w.store.Erasures().Erasure(w.Context(), e.ID)
	var rows int
	require.NoError(w, w.db.QueryRowContext(w.Context(), `SELECT count(*) FROM outbox WHERE chat_id = ?`, anna).Scan(&rows))
	return ticket.IsNotFound(err) && rows == 0
}

func TestThatSomebodyIsForgottenIsSaidByTheQuestion(t *testing.T) {
	in(t, func(w *world) {
		e := w.erasing(30)
		w.tellsFarewell(e)
		calls := w.telegram.takes()
		require.Len(w, calls, 1)
		assert.Equal(w, "editMessageText", calls[0].method)
		assert.Contains(w, calls[0].text, "Done")
		assert.True(w, w.gone(e))
		w.tellsFarewell(e)
		assert.Empty(w, w.telegram.takes(), "once")
	})
}

func TestWhereTheQuestionIsGoneItIsSaidAnew(t *testing.T) {
	for name, message := range map[string]int{"deleted": 30, "never known": 0} {
		in(t, func(w *world) {
			e := w.erasing(message)
			w.telegram.refuses("editMessageText", telegram.ClassPostAnew)
			w.tellsFarewell(e)
			calls := w.telegram.takes()
			assert.Equal(w, "sendMessage", calls[len(calls)-1].method, name)
			assert.True(w, w.gone(e))
		})
	}
}

func TestWhoeverCannotBeToldIsForgottenAllTheSame(t *testing.T) {
	for _, class := range []telegram.Class{telegram.ClassBlocked, telegram.ClassDeactivated, telegram.ClassNotModified, telegram.ClassBadRequest} {
		in(t, func(w *world) {
			e := w.erasing(30)
			w.telegram.refuses("", class)
			w.tellsFarewell(e)
			assert.True(w, w.gone(e), class)
		})
	}
	in(t, func(w *world) {
		e := w.erasing(30)
		w.telegram.refuses("", telegram.ClassNotSent)
		w.tellsFarewell(e)
		assert.False(w, w.gone(e), "Telegram is away: it is tried again")
	})
}
