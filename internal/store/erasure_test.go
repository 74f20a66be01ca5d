package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/inbox"
	"vinbot/internal/ticket"
)

// say is an effect for a chat about a ticket.
func sayAbout(chat, id int64) ticket.Effect {
	return ticket.Effect{Kind: ticket.EffectSay, Lane: ticket.ChatLane(chat), Chat: chat, TicketID: id, Payload: ticket.Say{VIN: vinA}}
}

func testPeopleErased(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a wish is stored once and forgotten at the end", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx := ticket.WithRequestID(t.Context(), "r1")
		want := ticket.Erasure{Owner: 7, Message: 30, Language: "en", ConfirmedAt: stored(start())}
		fresh, err := f.Erasures().AddErasure(ctx, &want)
		require.NoError(t, err)
		assert.True(t, fresh)
		fresh, err = f.Erasures().AddErasure(ctx, &ticket.Erasure{Owner: 7, ConfirmedAt: start()})
		require.NoError(t, err)
		assert.False(t, fresh)
		got, err := f.Erasures().Erasure(ctx, want.ID)
		require.NoError(t, err)
		want.RequestID = "r1"
		assert.Equal(t, want, got)

		require.NoError(t, f.Erasures().ErasePerson(ctx, want, nil))
		got, err = f.Erasures().Erasure(ctx, want.ID)
		require.NoError(t, err)
		assert.True(t, got.Erased)

		told, others := f.enqueue(t, sayAbout(7, 0))[0], f.enqueue(t, sayAbout(8, 0))[0]
		require.NoError(t, f.Outbox().Finish(ctx, f.claim(t, others.ID), nil))
		require.NoError(t, f.Outbox().Finish(ctx, f.claim(t, told.ID), func(ctx context.Context) error {
			return f.Erasures().ForgetErasure(ctx, want)
		}))
		_, err = f.Erasures().Erasure(ctx, want.ID)
		assert.True(t, ticket.IsNotFound(err))
		assert.NotContains(t, fmt.Sprint(f.Rows(t, `SELECT chat_id, lane, merge_key, payload FROM outbox`)), "7", "no row tells who was told")
	})

	t.Run("all tickets of a person are found, in the bin too", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		a, b := f.ticket(t, 7, vinA), f.ticket(t, 7, vinB)
		f.ticket(t, 8, vinA)
		erased := f.ticket(t, 7, "WBAAA000000000003")
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			_, err := tx.Delete(ctx, b.ID)
			require.NoError(t, err)
			_, err = tx.EraseTicket(ctx, erased.ID)
			return err
		})
		found, err := f.Erasures().TicketsToErase(t.Context(), 7)
		require.NoError(t, err)
		require.Len(t, found, 2)
		assert.Equal(t, []int64{a.ID, b.ID}, []int64{found[0].ID, found[1].ID})
		assert.True(t, found[1].Deleted())
		require.NoError(t, f.Erasures().CancelDeleted(t.Context(), b.ID))
		found, err = f.Erasures().TicketsToErase(t.Context(), 7)
		require.NoError(t, err)
		assert.Equal(t, ticket.Cancelled, found[1].Status)
	})

	t.Run("what waits is dropped, what is in flight is seen, others' stays", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k, other := f.ticket(t, 7, vinA), f.ticket(t, 8, vinA)
		heads := f.enqueue(t, sayAbout(7, 0), sayAbout(-100, k.ID), sayAbout(8, 0), sayAbout(-100, other.ID), sayAbout(7, 0))
		flying := f.claim(t, heads[0].ID)
		require.NoError(t, f.Outbox().Bury(t.Context(), f.claim(t, heads[4].ID), "broken", nil))
		for owner, busy := range map[int64]bool{7: true, 8: false} {
			got, err := f.Erasures().InFlight(t.Context(), owner)
			require.NoError(t, err)
			assert.Equal(t, busy, got, owner)
		}
		require.NoError(t, f.Erasures().DropWaiting(t.Context(), 7))
		require.NoError(t, f.Outbox().Finish(t.Context(), flying, nil))
		waiting, err := f.Outbox().Waiting(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Len(t, waiting, 2)
		assert.Equal(t, []int64{heads[2].ID, heads[3].ID}, []int64{waiting[0].ID, waiting[1].ID})
		assert.Len(t, f.Rows(t, `SELECT id FROM outbox WHERE state = 'dead'`), 0)
	})

	t.Run("what was set aside and tells of a person goes", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		in := f.Inbox(1)
		bodies := map[int64]string{
			1: `{"message":{"from":{"id":7},"text":"x"}}`,
			2: `{"message":{"from":{"id":5},"reply_to_message":{"text":"VIN: ` + vinA + `"}}}`,
			3: `{"callback_query":{"from":{"id":5},"data":"prio:12:high"}}`,
			4: `{"message":{"from":{"id":77},"text":"7 and 12, a:b and take:123"}}`,
			5: `{"message":{"from":{"id":7`,
		}
		for id, body := range bodies {
			_, err := in.Append(t.Context(), []inbox.Raw{{ID: id, Body: []byte(body)}})
			require.NoError(t, err)
		}
		pending, err := in.Pending(t.Context(), 0, 10)
		require.NoError(t, err)
		for _, u := range pending {
			require.NoError(t, in.SetAside(t.Context(), u.Seq, "broken", nil))
		}
		_, err = f.Accounts().Seen(t.Context(), account.User{ID: 7, Name: "Полина"})
		require.NoError(t, err)
		_, err = f.Bans().Ban(t.Context(), 7, "спам", 5)
		require.NoError(t, err)
		require.NoError(t, f.Erasures().ErasePerson(t.Context(), ticket.Erasure{Owner: 7}, []ticket.Ticket{{ID: 12, VIN: vinA}}))
		var left int64
		f.Query(t, `SELECT update_id FROM updates WHERE state = 'dead'`, &left)
		assert.Equal(t, int64(4), left)
		_, err = f.Accounts().User(t.Context(), 7)
		assert.True(t, ticket.IsNotFound(err))
		ban, err := f.Bans().Banned(t.Context(), 7)
		require.NoError(t, err, "a ban outlives it")
		assert.Empty(t, ban.Reason)
	})

	t.Run("copies are listed by ticket", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 7, vinA)
		a := f.answer(t, f.question(t, k.ID, 9), 20, "")
		at := ticket.Place{Chat: -100, Message: 70}
		require.NoError(t, f.Lines().AddCopy(t.Context(), a.ID, at))
		found, err := f.Erasures().CopiesOf(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, []ticket.Place{at}, found)
	})

	t.Run("the files can be scrubbed while the store is in use", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.ticket(t, 7, vinA)
		require.NoError(t, f.Scrub(t.Context()))
		f.ticket(t, 7, vinB)
	})
}

// askErasures asks everything about the forgetting of people.
func askErasures(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	e := ticket.Erasure{Owner: 91, ConfirmedAt: time.Now()}
	_, err := f.Erasures().AddErasure(ctx, &e)
	require.NoError(t, err)
	_, err = f.Erasures().Erasure(ctx, e.ID)
	require.NoError(t, err)
	_, err = f.Erasures().TicketsToErase(ctx, 91)
	require.NoError(t, err)
	_, err = f.Erasures().InFlight(ctx, 91)
	require.NoError(t, err)
	_, err = f.Erasures().CopiesOf(ctx, 1)
	require.NoError(t, err)
	require.NoError(t, f.Erasures().CancelDeleted(ctx, 1))
	require.NoError(t, f.Erasures().DropWaiting(ctx, 91))
	require.NoError(t, f.Erasures().ErasePerson(ctx, e, nil))
	require.NoError(t, f.Erasures().ForgetErasure(ctx, e))
}
