package ticket_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func admin() ticket.Actor { return ticket.Actor{ID: 9, Name: "Admin"} }

func TestADeletedTicketIsInTheBinAndItsCardsSaySo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	got, err := w.Delete(t.Context(), k.ID, admin())
	require.NoError(t, err)
	assert.True(t, got.Deleted())
	assert.Equal(t, []string{"card.edit 1 in -7:50"}, w.told(), "the owner is told nothing")
	_, err = w.Ticket(t.Context(), k.ID)
	code(t, ticket.CodeNotFound, err)
	_, err = w.Delete(t.Context(), k.ID, admin())
	code(t, ticket.CodeNotFound, err)
	_, _, err = w.Take(t.Context(), k.ID, boris())
	code(t, ticket.CodeNotFound, err)

	got, err = w.Restore(t.Context(), k.ID, admin())
	require.NoError(t, err)
	assert.Equal(t, ticket.Taken, got.Status, "as it was")
	assert.Equal(t, anna().ID, got.AssigneeID)
	assert.Equal(t, k.Version+2, got.Version, "what was read before is old")
	assert.Equal(t, []string{"card.edit 1 in -7:50", "card.post 1 in -7:0"}, w.told())
	assert.Equal(t, []string{"deleted taken>taken by 9", "restored taken>taken by 9"}, w.history(k.ID)[2:])
	_, err = w.Restore(t.Context(), k.ID, admin())
	code(t, ticket.CodeNotFound, err)
}

func TestARestoredTicketDoesNotDoubleAnOpenOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opened()
	_, err := w.Delete(t.Context(), k.ID, admin())
	require.NoError(t, err)
	again, fresh, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	assert.True(t, fresh, "the owner may ask anew")
	before := w.clone()
	_, err = w.Restore(t.Context(), k.ID, admin())
	code(t, ticket.CodeConflict, err)
	assert.Contains(t, err.Error(), "another open ticket for the same VIN")
	assert.Equal(t, before, w.clone())

	w.closed(again.ID, ticket.Cancelled)
	_, err = w.Restore(t.Context(), k.ID, admin())
	require.NoError(t, err)
}

func TestDeletingRefusesTheFilesThatAreNotDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	one, two := w.receive(k.ID, 60, anna()), w.receive(k.ID, 61, boris())
	w.told()
	_, err := w.Delete(t.Context(), k.ID, admin())
	require.NoError(t, err)
	assert.Equal(t, []string{
		"say report.refused deleted to -7", "say report.refused deleted to -7", "card.edit 1 in -7:50",
	}, w.told())
	require.NoError(t, w.Checked(t.Context(), one.ID, ticket.Finding{}), "the check that was under way comes too late")
	for _, id := range []int64{one.ID, two.ID} {
		assert.Equal(t, ticket.ReportRefused, w.reports[id].Status)
	}
	assert.Empty(t, w.told())
}

func TestATicketWhoseReportIsOnItsWayIsNotDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.delivering()
	_, err := w.Delete(t.Context(), k.ID, admin())
	code(t, ticket.CodeConflict, err)
	assert.Contains(t, err.Error(), "on its way to the owner")
	require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
	_, err = w.Delete(t.Context(), k.ID, admin())
	require.NoError(t, err)
}

func TestARestoredTicketDoesWhatItMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.delivering()
	require.NoError(t, w.Undelivered(t.Context(), r.ID, ticket.UndeliveredBlocked))
	_, err := w.Delete(t.Context(), k.ID, admin())
	require.NoError(t, err)
	sent, err := w.OwnerReturned(t.Context(), owner)
	require.NoError(t, err)
	assert.Zero(t, sent, "nothing of it goes out while it is deleted")
	w.told()
	got, err := w.Restore(t.Context(), k.ID, admin())
	require.NoError(t, err)
	assert.Equal(t, ticket.Delivering, got.Status)
	assert.Contains(t, w.told(), "report.deliver 1")

	require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
	_, err = w.Delete(t.Context(), k.ID, admin())
	require.NoError(t, err)
	w.told()
	_, err = w.Restore(t.Context(), k.ID, admin())
	require.NoError(t, err)
	assert.Equal(t, []string{"card.edit 1 in -7:50", "report.archive 1"}, w.told(), "the archive may have been missed")
}

func TestACardThatWasUnderWayWhenItsTicketWasDeletedSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	_, err = w.Delete(t.Context(), k.ID, admin())
	require.NoError(t, err)
	w.told()
	card := ticket.Card{TicketID: k.ID, Place: ticket.Place{Chat: group, Message: 50}, Kind: ticket.CardMain, Rendered: 1}
	require.NoError(t, w.CardPosted(t.Context(), card))
	assert.Equal(t, []string{"card.edit 1 in -7:50"}, w.told())
	card.TicketID = 77
	code(t, ticket.CodeNotFound, w.CardPosted(t.Context(), card))
}

func TestADeletionThatFailsLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"report", "enqueue", "event", "delete"} {
		w := newWorld(t)
		k := w.taken()
		w.receive(k.ID, 60, anna())
		before := w.clone()
		w.fault = failing(op)
		_, err := w.Delete(t.Context(), k.ID, admin())
		require.ErrorIs(t, err, errFault, op)
		assert.Equal(t, before, w.clone(), op)
	}
	for _, op := range []string{"restore", "event", "enqueue"} {
		w := newWorld(t)
		k := w.opened()
		_, err := w.Delete(t.Context(), k.ID, admin())
		require.NoError(t, err)
		before := w.clone()
		w.fault = failing(op)
		_, err = w.Restore(t.Context(), k.ID, admin())
		require.ErrorIs(t, err, errFault, op)
		assert.Equal(t, before, w.clone(), op)
	}
}
