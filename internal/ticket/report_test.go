package ticket_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestAReportIsCheckedThenDelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	r := w.receive(k.ID, 60, anna())
	assert.Equal(t, ticket.ReportChecking, r.Status)
	assert.Equal(t, []string{"report.check 1"}, w.told())
	assert.Equal(t, ticket.Taken, w.tickets[k.ID].Status, "the ticket stays as it is until the report is accepted")

	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{SHA256: "abc", Size: 1234}))
	assert.Equal(t, ticket.Delivering, w.tickets[k.ID].Status)
	assert.Equal(t, ticket.ReportDelivering, w.reports[r.ID].Status)
	assert.Equal(t, "abc", w.reports[r.ID].SHA256)
	assert.EqualValues(t, 1234, w.reports[r.ID].Size)
	deliver := w.effects[1]
	assert.Equal(t, []string{"card.edit 1 in -7:50", "report.deliver 1"}, w.told())
	assert.Equal(t, "chat:100", deliver.Lane, "in order with what else the owner is told")
	assert.Equal(t, owner, deliver.Chat)
	assert.Equal(t, ticket.ForOwner, deliver.Urgency)

	require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
	got := w.tickets[k.ID]
	assert.Equal(t, ticket.Done, got.Status)
	assert.Equal(t, w.now, got.ClosedAt)
	assert.Equal(t, 900, w.reports[r.ID].OwnerMessage)
	assert.Equal(t, w.now, w.reports[r.ID].DeliveredAt)
	assert.Equal(t, []string{"card.edit 1 in -7:50", "reaction 👍 on 60", "report.archive 1"}, w.told())

	require.NoError(t, w.Archived(t.Context(), ticket.ReportFile{Report: r.ID, Key: "key"}, "def"))
	assert.Equal(t, "key", w.reports[r.ID].BlobKey)
	assert.Equal(t, "def", w.reports[r.ID].SHA256)
	assert.Equal(t, []string{
		"opened new>new by 100", "taken new>taken by 1", "report_received taken>taken by 1",
		"report_accepted taken>delivering by 1", "delivered delivering>done by 0",
	}, w.history(k.ID))
}

func TestATicketThatNobodyTookIsTakenByTheSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opened()
	r := w.receive(k.ID, 60, boris())
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
	got := w.tickets[k.ID]
	assert.Equal(t, boris(), ticket.Actor{ID: got.AssigneeID, Name: got.AssigneeName})
	assert.Equal(t, w.now, got.TakenAt)
	assert.Equal(t, "report_accepted new>delivering by 2", w.history(k.ID)[2])
}

func TestAnyManagerMayFinishWhoeverTookIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	r := w.receive(k.ID, 60, boris())
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
	require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
	assert.Equal(t, ticket.Done, w.tickets[k.ID].Status)
	assert.Equal(t, anna().ID, w.tickets[k.ID].AssigneeID)
	assert.Equal(t, boris().ID, w.reports[r.ID].SenderID)
}

func TestARefusedReportChangesNoTicket(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{
		ticket.ReasonNotPDF, ticket.ReasonDamaged, ticket.ReasonEncrypted, ticket.ReasonTooLarge,
	} {
		w := newWorld(t)
		k := w.taken()
		r := w.receive(k.ID, 60, anna())
		w.told()
		require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{Reason: reason}))
		assert.Equal(t, k, w.tickets[k.ID])
		assert.Equal(t, ticket.ReportRefused, w.reports[r.ID].Status)
		assert.Equal(t, reason, w.reports[r.ID].Reason)
		said, ok := w.effects[0].Payload.(ticket.Say)
		require.True(t, ok)
		assert.Equal(t, r.Source, said.To, "as a reply to the offending message")
		assert.Equal(t, []string{"say report.refused " + reason + " to -7"}, w.told())

		again := w.receive(k.ID, 60, anna())
		assert.NotEqual(t, r.ID, again.ID, "a refused one may be tried again")
	}
}

func TestAReportThatCannotBeCheckedIsAsked(t *testing.T) {
	t.Parallel()
	asked := func(t *testing.T) (*world, ticket.Ticket, ticket.Report) {
		t.Helper()
		w := newWorld(t)
		k := w.taken()
		r := w.receive(k.ID, 60, anna())
		w.told()
		require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{Reason: ticket.ReasonUnchecked}))
		assert.Equal(t, ticket.ReportNeedsConfirmation, w.reports[r.ID].Status)
		assert.Equal(t, []string{"report.question 1"}, w.told())
		assert.Equal(t, ticket.Taken, w.tickets[k.ID].Status)
		return w, k, r
	}
	t.Run("yes", func(t *testing.T) {
		t.Parallel()
		w, k, r := asked(t)
		got, err := w.ConfirmReport(t.Context(), r.ID, boris(), true)
		require.NoError(t, err)
		assert.Equal(t, ticket.ReportDelivering, got.Status)
		assert.True(t, got.Unchecked)
		assert.Empty(t, got.Reason)
		assert.Equal(t, ticket.Delivering, w.tickets[k.ID].Status)
		assert.Equal(t, []string{"card.edit 1 in -7:50", "report.deliver 1"}, w.told())
		assert.Contains(t, w.history(k.ID), "report_confirmed taken>taken by 2")
		_, err = w.ConfirmReport(t.Context(), r.ID, anna(), false)
		code(t, ticket.CodeConflict, err)
		assert.Empty(t, w.told(), "the question is answered once")
	})
	t.Run("no", func(t *testing.T) {
		t.Parallel()
		w, k, r := asked(t)
		got, err := w.ConfirmReport(t.Context(), r.ID, boris(), false)
		require.NoError(t, err)
		assert.Equal(t, ticket.ReportRefused, got.Status)
		assert.Equal(t, ticket.Taken, w.tickets[k.ID].Status)
		assert.Equal(t, []string{"say report.refused withdrawn to -7"}, w.told())
		assert.Contains(t, w.history(k.ID), "report_refused taken>taken by 2", "by who said no")
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		_, err := newWorld(t).ConfirmReport(t.Context(), 77, anna(), true)
		code(t, ticket.CodeNotFound, err)
	})
}

func TestASecondReportWaitsForTheFirstOnesOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome func(w *world, first ticket.Report) error
		told    string // about the second
		status  ticket.ReportStatus
	}{
		"refused": {
			func(w *world, r ticket.Report) error {
				return w.Checked(t.Context(), r.ID, ticket.Finding{Reason: ticket.ReasonDamaged})
			}, "report.check 2", ticket.ReportChecking,
		},
		"file refused": {
			func(w *world, r ticket.Report) error {
				if err := w.Checked(t.Context(), r.ID, ticket.Finding{}); err != nil {
					return err
				}
				return w.FileRefused(t.Context(), r.ID)
			}, "report.check 2", ticket.ReportChecking,
		},
		"delivered": {
			func(w *world, r ticket.Report) error {
				if err := w.Checked(t.Context(), r.ID, ticket.Finding{}); err != nil {
					return err
				}
				return w.Delivered(t.Context(), r.ID, 900)
			}, "report.question 2", ticket.ReportNeedsConfirmation, // send it as a correction?
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			k := w.taken()
			one := w.receive(k.ID, 60, anna())
			w.told()
			two, three := w.receive(k.ID, 61, boris()), w.receive(k.ID, 62, anna())
			assert.Equal(t, ticket.ReportReceived, two.Status)
			assert.Equal(t, []string{"say report.waiting  to -7", "say report.waiting  to -7"}, w.told())
			require.NoError(t, c.outcome(w, one))
			assert.Equal(t, c.status, w.reports[two.ID].Status)
			assert.Equal(t, ticket.ReportReceived, w.reports[three.ID].Status, "one at a time, the oldest first")
			assert.Contains(t, w.told(), c.told)
		})
	}
}

func TestTheSameMessageAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.done()
	before := w.clone()
	again := w.receive(k.ID, 60, anna())
	assert.Equal(t, r, again)
	assert.Equal(t, before, w.clone())

	other, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: another})
	require.NoError(t, err)
	assert.Equal(t, other.ID, w.receive(other.ID, 60, anna()).TicketID, "but one PDF may serve two tickets")
}

func TestAReportForAClosedTicketIsAConflict(t *testing.T) {
	t.Parallel()
	for _, s := range []ticket.Status{ticket.Rejected, ticket.Cancelled} {
		w := newWorld(t)
		k := w.opened()
		w.closed(k.ID, s)
		_, err := w.ReceiveReport(t.Context(), pdf(k.ID, 60, anna()))
		code(t, ticket.CodeConflict, err)
		assert.Empty(t, w.reports)
		assert.Empty(t, w.told())
	}
	_, err := newWorld(t).ReceiveReport(t.Context(), pdf(77, 60, anna()))
	code(t, ticket.CodeNotFound, err)
}

func TestATicketThatIsClosedMeanwhileGetsNoReport(t *testing.T) {
	t.Parallel()
	for _, s := range []ticket.Status{ticket.Rejected, ticket.Cancelled} {
		w := newWorld(t)
		k := w.taken()
		r := w.receive(k.ID, 60, anna())
		waiting := w.receive(k.ID, 61, boris())
		w.told()
		w.closed(k.ID, s)
		require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
		for _, id := range []int64{r.ID, waiting.ID} {
			assert.Equal(t, ticket.ReportRefused, w.reports[id].Status)
			assert.Equal(t, ticket.ReasonClosed, w.reports[id].Reason)
		}
		assert.Equal(t, s, w.tickets[k.ID].Status)
		assert.Equal(t, []string{
			"say report.refused ticket_closed to -7", "say report.refused ticket_closed to -7",
		}, w.told(), "each sender is told")
	}
}

func TestACheckThatComesTooLateChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, r := w.delivering()
	before := w.clone()
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{Reason: ticket.ReasonDamaged}))
	assert.Equal(t, before, w.clone())
	require.NoError(t, w.Checked(t.Context(), 77, ticket.Finding{}), "its ticket was deleted meanwhile")
	assert.Equal(t, before, w.clone())
}

func TestACorrectionIsConfirmedThenDelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, _ := w.done()
	r := w.receive(k.ID, 70, boris())
	assert.Equal(t, ticket.ReportNeedsConfirmation, r.Status)
	assert.Equal(t, ticket.ReasonCorrection, r.Reason)
	assert.True(t, r.Correction)
	assert.Equal(t, []string{"report.question 2"}, w.told())

	got, err := w.ConfirmReport(t.Context(), r.ID, boris(), true)
	require.NoError(t, err)
	assert.Equal(t, ticket.ReportChecking, got.Status, "it is checked like any other")
	assert.Equal(t, []string{"report.check 2"}, w.told())
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
	assert.Equal(t, ticket.Done, w.tickets[k.ID].Status)
	require.NoError(t, w.Delivered(t.Context(), r.ID, 901))
	assert.Equal(t, ticket.ReportDelivered, w.reports[r.ID].Status)
	after := w.tickets[k.ID]
	assert.Equal(t, k.ClosedAt, after.ClosedAt, "the ticket was done before")
	assert.Contains(t, w.history(k.ID), "delivered done>done by 0")
}

func TestACorrectionMayFailAndTheTicketStaysDone(t *testing.T) {
	t.Parallel()
	for name, outcome := range map[string]func(w *world, id int64) error{
		"the owner is gone":   func(w *world, id int64) error { return w.Undelivered(t.Context(), id, ticket.UndeliveredBlocked) },
		"the file is refused": func(w *world, id int64) error { return w.FileRefused(t.Context(), id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			k, _ := w.done()
			r := w.receive(k.ID, 70, boris())
			_, err := w.ConfirmReport(t.Context(), r.ID, boris(), true)
			require.NoError(t, err)
			require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}))
			require.NoError(t, outcome(w, r.ID))
			assert.Equal(t, ticket.Done, w.tickets[k.ID].Status)
		})
	}
}
