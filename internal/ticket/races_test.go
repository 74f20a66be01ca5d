package ticket_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// interleavings is how many tickets several people race for.
const interleavings = 1000

// race is one ticket that everybody does something to at once.
type race struct {
	*ticket.Service
	id int64
}

// deeds lists what happens to the ticket, each by somebody of their own: take
// against release against assignment against reject and cancel against the
// report, with all that follows its arrival, against reopening.
func (r race) deeds(ctx context.Context) []func() error {
	by := func(id int64) ticket.Actor { return ticket.Actor{ID: id, Name: fmt.Sprint("M", id)} }
	return []func() error{
		func() error { _, _, err := r.Take(ctx, r.id, by(1)); return err },
		func() error { _, _, err := r.Release(ctx, r.id, by(2)); return err },
		func() error { _, _, err := r.Assign(ctx, r.id, by(3), by(4)); return err },
		func() error {
			_, _, err := r.Reject(ctx, r.id, ticket.Rejection{Reason: ticket.RejectNoData}, by(5))
			return err
		},
		func() error { _, _, err := r.Cancel(ctx, r.id, owner+r.id); return err },
		func() error { _, _, err := r.Prioritize(ctx, r.id, ticket.Urgent, by(6)); return err },
		func() error { _, _, err := r.Reopen(ctx, r.id, by(7)); return err },
		func() error { return r.reports(ctx, int(10*r.id), by(8)) },
		func() error { return r.reports(ctx, int(10*r.id)+1, by(9)) },
		func() error {
			return r.CardPosted(ctx, ticket.Card{
				TicketID: r.id, Place: ticket.Place{Chat: group, Message: int(10*r.id) + 2}, Kind: ticket.CardMain, Rendered: 1,
			})
		},
	}
}

// reports sends a PDF and has it checked and, as far as it gets, delivered.
func (r race) reports(ctx context.Context, message int, by ticket.Actor) error {
	report, err := r.ReceiveReport(ctx, pdf(r.id, message, by))
	if err != nil {
		return err
	}
	if err := r.Checked(ctx, report.ID, ticket.Finding{SHA256: "abc", Size: 10}); err != nil {
		return err
	}
	return r.Delivered(ctx, report.ID, message)
}

func TestRacesForATicketEndOnTheDiagram(t *testing.T) {
	t.Parallel()
	service, db := onDisk(t)
	ctx := t.Context()
	for n := range interleavings {
		k, _, err := service.Open(ctx, ticket.Opening{Owner: owner + int64(n) + 1, VIN: vin})
		require.NoError(t, err)
		deeds := race{service, k.ID}.deeds(ctx)
		rand.Shuffle(len(deeds), func(i, j int) { deeds[i], deeds[j] = deeds[j], deeds[i] })
		var start, all sync.WaitGroup
		start.Add(1)
		for _, do := range deeds {
			all.Go(func() {
				start.Wait()
				if err := do(); err != nil { // too late is no error; what is closed takes no report
					assert.Equal(t, ticket.CodeConflict, ticket.CodeOf(err), err.Error())
				}
			})
		}
		start.Done()
		all.Wait()

		got, err := db.Ticket(ctx, k.ID)
		require.NoError(t, err)
		events, err := db.Events(ctx, k.ID)
		require.NoError(t, err)
		status := ticket.New
		for _, e := range events {
			assert.Equal(t, status, e.From, "ticket %d: the history has no gaps", k.ID)
			assert.True(t, e.From == e.To || mayBecome()[e.From][e.To], "ticket %d: %s to %s by %s", k.ID, e.From, e.To, e.Kind)
			status = e.To
		}
		require.Equal(t, got.Status, status, "ticket %d stands where its history ends", k.ID)
		assert.Equal(t, got.Status == ticket.New, got.AssigneeID == 0 && !closedUntaken(got), "somebody has it, or nobody: %+v", got)
	}
}

// closedUntaken tells a ticket that was closed without anybody having it.
func closedUntaken(t ticket.Ticket) bool {
	return (t.Status == ticket.Rejected || t.Status == ticket.Cancelled) && t.AssigneeID == 0
}
