package ticket_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestAnOwnerWhoCannotBeReachedGetsItOnTheirReturn(t *testing.T) {
	t.Parallel()
	for _, why := range []string{ticket.UndeliveredBlocked, ticket.UndeliveredDeactivated, ticket.UndeliveredNoChat} {
		w := newWorld(t)
		k, r := w.delivering()
		require.NoError(t, w.Undelivered(t.Context(), r.ID, why))
		got := w.tickets[k.ID]
		assert.Equal(t, ticket.Undelivered, got.Status)
		assert.Equal(t, why, got.Undeliverable)
		assert.True(t, got.ClosedAt.IsZero(), "it is not done")
		assert.Equal(t, []string{"card.edit 1 in -7:50", "report.archive 1", "say report.undelivered " + why + " to -7"}, w.told())

		sent, err := w.OwnerReturned(t.Context(), owner)
		require.NoError(t, err)
		assert.Equal(t, 1, sent)
		got = w.tickets[k.ID]
		assert.Equal(t, ticket.Delivering, got.Status)
		assert.Empty(t, got.Undeliverable)
		assert.Equal(t, []string{
			"say owner.redelivery  to 100", "card.edit 1 in -7:50", "report.deliver 1",
		}, w.told())

		sent, err = w.OwnerReturned(t.Context(), owner)
		require.NoError(t, err)
		assert.Zero(t, sent, "it is on its way")
		require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
		assert.Equal(t, ticket.Done, w.tickets[k.ID].Status)
		assert.Empty(t, w.reports[r.ID].Reason)
		assert.Equal(t, []string{
			"undelivered delivering>undelivered by 0", "redelivery undelivered>delivering by 100",
			"delivered delivering>done by 0",
		}, w.history(k.ID)[4:])
	}
}

func TestEveryReportThatWaitedGoesOutOnTheReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, one := w.delivering()
	k, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: another})
	require.NoError(t, err)
	two := w.receive(k.ID, 61, boris())
	require.NoError(t, w.Checked(t.Context(), two.ID, ticket.Finding{}))
	for _, id := range []int64{one.ID, two.ID} {
		require.NoError(t, w.Undelivered(t.Context(), id, ticket.UndeliveredBlocked))
	}
	sent, err := w.OwnerReturned(t.Context(), owner+1)
	require.NoError(t, err)
	assert.Zero(t, sent, "another owner's return changes nothing")
	sent, err = w.OwnerReturned(t.Context(), owner)
	require.NoError(t, err)
	assert.Equal(t, 2, sent)
}

func TestAReportIsNotSentForATicketThatWasClosedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, s := range []ticket.Status{ticket.Rejected, ticket.Cancelled} {
		w := newWorld(t)
		k, r := w.delivering()
		require.NoError(t, w.Undelivered(t.Context(), r.ID, ticket.UndeliveredBlocked))
		w.told()
		w.closed(k.ID, s)
		sent, err := w.OwnerReturned(t.Context(), owner)
		require.NoError(t, err)
		assert.Zero(t, sent)
		assert.Equal(t, ticket.ReportRefused, w.reports[r.ID].Status)
		assert.Equal(t, s, w.tickets[k.ID].Status)
		assert.Equal(t, []string{"say report.refused ticket_closed to -7"}, w.told())
	}
}

func TestAnotherReportWaitsWhileTheOwnerIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.delivering()
	require.NoError(t, w.Undelivered(t.Context(), r.ID, ticket.UndeliveredBlocked))
	two := w.receive(k.ID, 61, boris())
	assert.Equal(t, ticket.ReportReceived, two.Status)
	_, err := w.OwnerReturned(t.Context(), owner)
	require.NoError(t, err)
	require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
	assert.Equal(t, ticket.ReasonCorrection, w.reports[two.ID].Reason)
}

func TestAFileThatTelegramRefusesIsTheManagersAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.delivering()
	require.NoError(t, w.FileRefused(t.Context(), r.ID))
	assert.Equal(t, ticket.Taken, w.tickets[k.ID].Status)
	assert.Equal(t, anna().ID, w.tickets[k.ID].AssigneeID)
	assert.Equal(t, ticket.ReasonFile, w.reports[r.ID].Reason)
	assert.Equal(t, []string{"card.edit 1 in -7:50", "say report.refused file_refused to -7"}, w.told())
	assert.Equal(t, []string{"file_refused delivering>taken by 0", "report_refused taken>taken by 1"}, w.history(k.ID)[4:])
}

func TestAnOutcomeThatComesTooLateChangesNothing(t *testing.T) {
	t.Parallel()
	outcomes := map[string]func(w *world, id int64) error{
		"delivered":    func(w *world, id int64) error { return w.Delivered(t.Context(), id, 999) },
		"undelivered":  func(w *world, id int64) error { return w.Undelivered(t.Context(), id, "blocked") },
		"file refused": func(w *world, id int64) error { return w.FileRefused(t.Context(), id) },
	}
	for first, settle := range outcomes {
		for late, outcome := range outcomes {
			w := newWorld(t)
			_, r := w.delivering()
			require.NoError(t, settle(w, r.ID))
			before := w.clone()
			require.NoError(t, outcome(w, r.ID))
			assert.Equal(t, before, w.clone(), "%s after %s", late, first)
		}
	}
	for name, outcome := range outcomes {
		require.NoError(t, outcome(newWorld(t), 77), "its ticket was deleted meanwhile")
		w := newWorld(t)
		r := w.receive(w.taken().ID, 60, anna())
		before := w.clone()
		require.NoError(t, outcome(w, r.ID))
		assert.Equal(t, before, w.clone(), "%s before it was sent", name)
	}
}
