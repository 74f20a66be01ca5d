package ticket_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestAnOwnerCancels(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		begin   func(w *world) ticket.Ticket
		outcome ticket.CancelOutcome
		history []string
		told    []string
	}{
		"one in the queue": {
			func(w *world) ticket.Ticket { return w.opened() }, ticket.CancelledNow,
			[]string{"opened new>new by 100", "cancelled new>cancelled by 100"},
			[]string{"card.edit 1 in -7:50"},
		},
		"one that somebody works on, who is told": {
			func(w *world) ticket.Ticket { return w.taken() }, ticket.CancelledNow,
			[]string{"opened new>new by 100", "taken new>taken by 1", "cancelled taken>cancelled by 100"},
			[]string{"card.edit 1 in -7:50", "say group.cancelled  to -7"},
		},
		"one whose report is on its way": {
			func(w *world) ticket.Ticket { k, _ := w.delivering(); return k }, ticket.CancelTooLate, nil, []string{},
		},
		"one that is done": {
			func(w *world) ticket.Ticket { k, _ := w.done(); return k }, ticket.CancelTooLate, nil, []string{},
		},
		"one that is cancelled": {
			func(w *world) ticket.Ticket { k := w.opened(); w.closed(k.ID, ticket.Cancelled); return k },
			ticket.CancelledBefore, nil,
			[]string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			k := c.begin(w)
			before := w.clone()
			got, outcome, err := w.Cancel(ctx, k.ID, owner)
			require.NoError(t, err)
			assert.Equal(t, c.outcome, outcome)
			assert.Equal(t, w.tickets[k.ID], got)
			if c.outcome != ticket.CancelledNow {
				assert.Equal(t, before, w.clone(), "nothing has changed")
				return
			}
			assert.Equal(t, c.history, w.history(k.ID))
			assert.Equal(t, c.told, w.told())
			assert.Equal(t, ticket.Cancelled, got.Status)
			assert.False(t, got.ClosedAt.IsZero())
		})
	}
}

func TestAnOwnerIsToldWhatAProgramCancelsForThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by      ticket.Actor
		fetched bool
		told    []string
	}{
		"by a program":    {ticket.Actor{ID: -1, Name: "Site"}, false, []string{"card.edit 1 in -7:50", "say owner.cancelled  to 100"}},
		"by themselves":   {ticket.Actor{ID: owner}, false, []string{"card.edit 1 in -7:50"}},
		"who has no chat": {ticket.Actor{ID: -1}, true, []string{"card.edit 1 in -7:50"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			k := w.opened()
			k.Fetched = c.fetched
			w.tickets[k.ID] = k
			_, outcome, err := w.CancelFor(context.Background(), k.ID, c.by)
			require.NoError(t, err)
			assert.Equal(t, ticket.CancelledNow, outcome)
			assert.Equal(t, c.told, w.told())
		})
	}
}

func TestNobodyCancelsWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opened()
	_, _, err := w.Cancel(context.Background(), k.ID, owner+1)
	code(t, ticket.CodeNotFound, err)
	_, _, err = w.Cancel(context.Background(), k.ID+1, owner)
	code(t, ticket.CodeNotFound, err)
	assert.Equal(t, ticket.New, w.tickets[k.ID].Status)
}

func TestAReportThatWaitsForSomebodyEndsWithItsTicket(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(w *world) (ticket.Ticket, ticket.Report){
		"for its owner's return": func(w *world) (ticket.Ticket, ticket.Report) {
			k, r := w.delivering()
			require.NoError(t, w.Undelivered(context.Background(), r.ID, ticket.UndeliveredBlocked))
			return k, r
		},
		"for a manager's answer": func(w *world) (ticket.Ticket, ticket.Report) {
			k := w.taken()
			r := w.receive(k.ID, 60, anna())
			require.NoError(t, w.Checked(context.Background(), r.ID, ticket.Finding{Reason: ticket.ReasonUnchecked}))
			return k, r
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			k, r := wait(w)
			_, outcome, err := w.Cancel(context.Background(), k.ID, owner)
			require.NoError(t, err)
			require.Equal(t, ticket.CancelledNow, outcome)
			assert.Equal(t, ticket.ReportRefused, w.reports[r.ID].Status)
			assert.Equal(t, ticket.ReasonClosed, w.reports[r.ID].Reason)
			assert.Empty(t, w.tickets[k.ID].Undeliverable)
		})
	}
}

func TestAReportInCheckEndsAfterItsTicketWasCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	r := w.receive(k.ID, 60, anna())
	_, outcome, err := w.Cancel(context.Background(), k.ID, owner)
	require.NoError(t, err)
	require.Equal(t, ticket.CancelledNow, outcome)
	require.Equal(t, ticket.ReportChecking, w.reports[r.ID].Status)
	require.NoError(t, w.Checked(context.Background(), r.ID, ticket.Finding{SHA256: "abc"}))
	assert.Equal(t, ticket.ReportRefused, w.reports[r.ID].Status)
	assert.Equal(t, ticket.Cancelled, w.tickets[k.ID].Status)
}

func TestACancellationThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"update", "event", "enqueue", "report"} {
		w := newWorld(t)
		k, r := w.delivering()
		require.NoError(t, w.Undelivered(context.Background(), r.ID, ticket.UndeliveredBlocked))
		before := w.clone()
		w.fault = func(at string) error {
			if at == op {
				return errors.New("disk full")
			}
			return nil
		}
		_, _, err := w.Cancel(context.Background(), k.ID, owner)
		require.Error(t, err, op)
		assert.Equal(t, before, w.clone(), op)
	}
}
