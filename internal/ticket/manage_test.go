package ticket_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// managed is one thing that a manager does to ticket 1.
type managed func(w *world) (ticket.Ticket, bool, error)

func releases(w *world) (ticket.Ticket, bool, error) {
	return w.Release(context.Background(), 1, boris())
}

func prioritizes(w *world) (ticket.Ticket, bool, error) {
	return w.Prioritize(context.Background(), 1, ticket.Urgent, boris())
}

func rejects(w *world) (ticket.Ticket, bool, error) {
	return w.Reject(context.Background(), 1, ticket.Rejection{Reason: ticket.RejectNoData}, boris())
}

func assigns(w *world) (ticket.Ticket, bool, error) {
	return w.Assign(context.Background(), 1, ticket.Actor{ID: 3, Name: "Vera"}, boris())
}

func reopens(w *world) (ticket.Ticket, bool, error) {
	return w.Reopen(context.Background(), 1, boris())
}

// TestWhatManagersDo does each thing to a ticket in each status, and looks at
// what it becomes, what is written and who is told.
func TestWhatManagersDo(t *testing.T) {
	t.Parallel()
	card := "card.edit 1 in -7:50"
	for name, c := range map[string]struct {
		begin   func(w *world)
		do      managed
		want    ticket.Status
		history string
		told    []string
	}{
		"release of a taken one": {
			func(w *world) { w.taken() }, releases, ticket.New, "released taken>new by 2", []string{card},
		},
		"priority of one in the queue": {
			func(w *world) { w.opened() }, prioritizes, ticket.New, "priority new>new by 2", []string{card},
		},
		"priority of one in work": {
			func(w *world) { w.taken() }, prioritizes, ticket.Taken, "priority taken>taken by 2", []string{card},
		},
		"rejection of one in the queue": {
			func(w *world) { w.opened() }, rejects, ticket.Rejected, "rejected new>rejected by 2",
			[]string{card, "say owner.rejected no_data to 100"},
		},
		"rejection of one in work": {
			func(w *world) { w.taken() }, rejects, ticket.Rejected, "rejected taken>rejected by 2",
			[]string{card, "say owner.rejected no_data to 100"},
		},
		"assignment of one in the queue": {
			func(w *world) { w.opened() }, assigns, ticket.Taken, "assigned new>taken by 2",
			[]string{card, "say owner.taken  to 100"},
		},
		"assignment of one in work": {
			func(w *world) { w.taken() }, assigns, ticket.Taken, "assigned taken>taken by 2", []string{card},
		},
		"reopening of a done one": {
			func(w *world) { w.done() }, reopens, ticket.New, "reopened done>new by 2",
			[]string{card, "card.post 1 in -7:0", "say owner.reopened  to 100"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.begin(w)
			got, done, err := c.do(w)
			require.NoError(t, err)
			assert.True(t, done)
			assert.Equal(t, w.tickets[1], got)
			assert.Equal(t, c.want, got.Status)
			history := w.history(1)
			assert.Equal(t, c.history, history[len(history)-1])
			assert.Equal(t, c.told, w.told())

			if c.want == ticket.New { // nobody has it, and nothing is left of what was
				assert.Zero(t, got.AssigneeID)
				assert.Empty(t, got.AssigneeName)
				assert.True(t, got.TakenAt.IsZero())
				assert.True(t, got.ClosedAt.IsZero())
			}
			before := w.clone()
			_, done, err = c.do(w)
			require.NoError(t, err)
			assert.False(t, done, "a second time changes nothing")
			assert.Equal(t, before, w.clone())
		})
	}
}

func TestWhatCannotBeDoneChangesNothing(t *testing.T) {
	t.Parallel()
	all := map[string]managed{
		"release": releases, "prioritize": prioritizes, "reject": rejects, "assign": assigns, "reopen": reopens,
	}
	for status, may := range map[ticket.Status]string{
		ticket.New:         "prioritize reject assign",
		ticket.Taken:       "release prioritize reject assign",
		ticket.Delivering:  "prioritize",
		ticket.Undelivered: "prioritize reject",
		ticket.Done:        "reopen",
		ticket.Rejected:    "reopen",
		ticket.Cancelled:   "reopen",
	} {
		for name, do := range all {
			w := newWorld(t)
			w.opened()
			w.closed(1, status)
			before := w.clone()
			_, done, err := do(w)
			require.NoError(t, err)
			assert.Equal(t, slices.Contains(strings.Fields(may), name), done, "%s of one that is %s", name, status)
			if !done {
				assert.Equal(t, before, w.clone(), "%s of one that is %s", name, status)
			}
		}
	}
	for name, do := range all {
		_, _, err := do(newWorld(t))
		assert.Equal(t, ticket.CodeNotFound, ticket.CodeOf(err), name)
	}
}

func TestTheReasonInTheManagersOwnWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.taken()
	got, done, err := w.Reject(context.Background(), 1, ticket.Rejection{Reason: ticket.RejectOther, Text: "не наш профиль"}, anna())
	require.NoError(t, err)
	require.True(t, done)
	assert.Equal(t, "не наш профиль", got.RejectionText)
	assert.Equal(t, ticket.RejectOther, w.events[len(w.events)-1].Detail, "the history holds a code, not the words")

	got, done, err = w.Reopen(context.Background(), 1, anna())
	require.NoError(t, err)
	require.True(t, done)
	assert.Empty(t, got.Rejection)
	assert.Empty(t, got.RejectionText)
}

func TestTheOwnerIsToldOnceThatSomebodyHasIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.taken()
	_, _, err := releases(w)
	require.NoError(t, err)
	w.told()
	_, outcome, err := w.Take(context.Background(), 1, boris())
	require.NoError(t, err)
	require.Equal(t, ticket.TakenNow, outcome)
	assert.Equal(t, []string{"card.edit 1 in -7:50"}, w.told(), "taken again, and known already")
	_, _, err = releases(w)
	require.NoError(t, err)
	w.told()
	_, _, err = assigns(w)
	require.NoError(t, err)
	assert.Equal(t, []string{"card.edit 1 in -7:50"}, w.told())

	_, _, err = rejects(w)
	require.NoError(t, err)
	_, _, err = reopens(w)
	require.NoError(t, err)
	w.told()
	_, _, err = w.Take(context.Background(), 1, boris())
	require.NoError(t, err)
	assert.Contains(t, w.told(), "say owner.taken  to 100", "reopened: it is news again")
}

func TestReopeningWhileTheOwnerAskedForTheSameAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.done()
	_, fresh, err := w.Open(context.Background(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	require.True(t, fresh)
	before := w.clone()
	_, _, err = reopens(w)
	code(t, ticket.CodeConflict, err)
	assert.Equal(t, before, w.clone())
}

func TestAQuestionIsForgottenWithItsAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.taken()
	at := ticket.Place{Chat: group, Message: 70}
	require.NoError(t, w.Prompted(context.Background(), ticket.Prompt{TicketID: 1, Place: at, Kind: ticket.PromptReject}))
	assert.Contains(t, w.cards, ticket.Card{TicketID: 1, Place: at, Kind: ticket.CardNote, PostedAt: w.now})
	assert.Len(t, w.prompts, 1)
	_, _, err := rejects(w)
	require.NoError(t, err)
	assert.Empty(t, w.prompts)
}

func TestARejectedTicketsReportIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	r := w.receive(k.ID, 60, anna())
	second := w.receive(k.ID, 61, anna())
	require.NoError(t, w.Checked(context.Background(), r.ID, ticket.Finding{Reason: ticket.ReasonUnchecked}))
	_, done, err := rejects(w)
	require.NoError(t, err)
	require.True(t, done)
	for _, id := range []int64{r.ID, second.ID} {
		assert.Equal(t, ticket.ReportRefused, w.reports[id].Status)
		assert.Equal(t, ticket.ReasonClosed, w.reports[id].Reason)
	}
}

func TestWhatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]managed{
		"release": releases, "prioritize": prioritizes, "reject": rejects, "assign": assigns,
	} {
		for _, op := range []string{"update", "event", "enqueue"} {
			w := newWorld(t)
			w.taken()
			before := w.clone()
			w.fault = func(at string) error {
				if at == op {
					return errors.New("disk full")
				}
				return nil
			}
			_, done, err := do(w)
			require.Error(t, err, "%s, %s", name, op)
			assert.False(t, done)
			assert.Equal(t, before, w.clone(), "%s, %s", name, op)
		}
	}
}
