package ticket_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestOpenPostsACardInEveryGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.groups = []ticket.Place{{Chat: group}, {Chat: -8, Topic: 3}}
	k, fresh, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin, Confirmed: true})
	require.NoError(t, err)
	assert.True(t, fresh)
	assert.Equal(t, ticket.Ticket{
		ID: 1, VIN: vin, Status: ticket.New, Priority: ticket.Normal, OwnerID: owner, Confirmed: true,
		Version: 1, OpenedAt: w.now, Cycle: 1, BeganAt: w.now, QueuedAt: w.now,
	}, k)
	assert.Equal(t, []ticket.Effect{
		{
			Kind: "card.post", Lane: "ticket:1", Chat: group, Gather: "topic:0", Urgency: ticket.ForCard, TicketID: 1,
			Payload: ticket.CardRef{Ticket: 1, At: ticket.Place{Chat: group}},
		},
		{
			Kind: "card.post", Lane: "ticket:1", Chat: -8, Gather: "topic:3", Urgency: ticket.ForCard, TicketID: 1,
			Payload: ticket.CardRef{Ticket: 1, At: ticket.Place{Chat: -8, Topic: 3}},
		},
	}, w.effects)
	assert.Equal(t, []string{"opened new>new by 100"}, w.history(1))
}

func TestTheSameVINStillOpenIsTheSameTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opened()
	again, fresh, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	assert.False(t, fresh)
	assert.Equal(t, k, again)
	assert.Empty(t, w.told())

	for name, o := range map[string]ticket.Opening{
		"another VIN": {Owner: owner, VIN: another}, "another owner": {Owner: owner + 1, VIN: vin},
	} {
		_, fresh, err = w.Open(t.Context(), o)
		require.NoError(t, err)
		assert.True(t, fresh, name)
	}
	w.closed(k.ID, ticket.Done)
	_, fresh, err = w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	assert.True(t, fresh, "it was closed")
}

func TestOneOfTwoTakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opened()
	got, outcome, err := w.Take(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.Equal(t, ticket.TakenNow, outcome)
	assert.Equal(t, ticket.Taken, got.Status)
	assert.Equal(t, anna(), ticket.Actor{ID: got.AssigneeID, Name: got.AssigneeName})
	assert.Equal(t, w.now, got.TakenAt)
	assert.Equal(t, k.Version+1, got.Version)
	assert.Equal(t, []string{"card.edit 1 in -7:50", "say owner.taken  to 100"}, w.told())

	got, outcome, err = w.Take(t.Context(), k.ID, boris())
	require.NoError(t, err)
	assert.Equal(t, ticket.TakenByOther, outcome)
	assert.Equal(t, "Anna", got.AssigneeName, "so that Boris reads who has it")
	_, outcome, err = w.Take(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.Equal(t, ticket.TakenBefore, outcome)
	assert.Empty(t, w.told())
	assert.Equal(t, []string{"opened new>new by 100", "taken new>taken by 1"}, w.history(k.ID))
}

func TestWhatCannotBeTaken(t *testing.T) {
	t.Parallel()
	for _, s := range []ticket.Status{ticket.Delivering, ticket.Undelivered, ticket.Done, ticket.Rejected, ticket.Cancelled} {
		w := newWorld(t)
		k := w.taken()
		w.closed(k.ID, s)
		got, outcome, err := w.Take(t.Context(), k.ID, anna())
		require.NoError(t, err)
		assert.Equal(t, ticket.NotTakeable, outcome, s)
		assert.Equal(t, s, got.Status)
		assert.Empty(t, w.told())
	}
	_, _, err := newWorld(t).Take(t.Context(), 77, anna())
	code(t, ticket.CodeNotFound, err)
}

func TestAnOwnerWithoutAChatIsToldNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, _, err := w.Open(t.Context(), ticket.Opening{VIN: vin})
	require.NoError(t, err)
	w.told()
	_, _, err = w.Take(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.Empty(t, w.told())
}

// Whatever write fails, a unit of work leaves nothing behind, and the error
// says what was tried.
func TestAUnitOfWorkIsAllOrNothing(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk full")
	for name, act := range map[string]func(w *world, k ticket.Ticket, r ticket.Report) error{
		"open": func(w *world, _ ticket.Ticket, _ ticket.Report) error {
			_, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: another})
			return err
		},
		"receive": func(w *world, k ticket.Ticket, _ ticket.Report) error {
			_, err := w.ReceiveReport(t.Context(), pdf(k.ID, 61, boris()))
			return err
		},
		"delivered": func(w *world, _ ticket.Ticket, r ticket.Report) error { return w.Delivered(t.Context(), r.ID, 9) },
		"undelivered": func(w *world, _ ticket.Ticket, r ticket.Report) error {
			return w.Undelivered(t.Context(), r.ID, "blocked")
		},
		"file refused": func(w *world, _ ticket.Ticket, r ticket.Report) error { return w.FileRefused(t.Context(), r.ID) },
		"archived": func(w *world, _ ticket.Ticket, r ticket.Report) error {
			return w.Archived(t.Context(), ticket.ReportFile{Report: r.ID, Key: "k"}, "s")
		},
		"card gone": func(w *world, k ticket.Ticket, _ ticket.Report) error {
			return w.CardGone(t.Context(), k.ID, ticket.Place{Chat: group, Message: 50})
		},
		"refresh": func(w *world, _ ticket.Ticket, _ ticket.Report) error { _, err := w.Refresh(t.Context()); return err },
		"moved":   func(w *world, _ ticket.Ticket, _ ticket.Report) error { return w.GroupMoved(t.Context(), group, -9) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			writes := 1
			for nth := 1; nth <= writes; nth++ {
				w := newWorld(t)
				k, r := w.delivering()
				before, n := w.clone(), 0
				w.fault = func(string) error {
					if n++; n == nth {
						return broken
					}
					return nil
				}
				require.ErrorIs(t, act(w, k, r), broken, "write %d", nth)
				assert.Equal(t, before, w.clone(), "write %d", nth)

				n = 0
				w.fault = func(string) error { n++; return nil }
				require.NoError(t, act(w, k, r))
				writes = n
				assert.GreaterOrEqual(t, writes, nth)
			}
		})
	}
}
