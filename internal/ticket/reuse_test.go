package ticket_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// again makes a world where a report was delivered for the VIN of ticket 2.
func again(t *testing.T, options ...ticket.Option) (*world, ticket.Ticket, ticket.Report) {
	t.Helper()
	w := newWorld(t)
	w.Service = ticket.NewService(w, w, options...)
	_, r := w.done()
	k, fresh, err := w.Open(context.Background(), ticket.Opening{Owner: owner + 1, VIN: vin})
	require.NoError(t, err)
	require.True(t, fresh)
	w.told()
	return w, k, r
}

func TestAFreshReportIsSentAgainForTheSameVIN(t *testing.T) {
	t.Parallel()
	w, k, earlier := again(t, ticket.WithReuse(24*time.Hour))
	at := ticket.Place{Chat: group, Message: 55}
	r, err := w.ReuseReport(context.Background(), k.ID, boris(), at)
	require.NoError(t, err)
	assert.Equal(t, earlier.FileID, r.FileID)
	assert.Equal(t, at, r.Source)
	assert.Equal(t, []string{"report.check 2"}, w.told(), "it is checked like any other")
	require.NoError(t, w.Checked(context.Background(), r.ID, ticket.Finding{SHA256: "abc"}))
	assert.Equal(t, boris().ID, w.tickets[k.ID].AssigneeID, "who pressed has taken it")
	require.NoError(t, w.Delivered(context.Background(), r.ID, 901))
	assert.Equal(t, ticket.Done, w.tickets[k.ID].Status)
	_, err = w.ReuseReport(context.Background(), k.ID, boris(), at)
	code(t, ticket.CodeNotFound, err)
}

func TestNoReportIsOffered(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w, k, _ := again(t)
	_, err := w.Offered(ctx, k, w.now)
	code(t, ticket.CodeNotFound, err)
	w, k, _ = again(t, ticket.WithReuse(24*time.Hour))
	_, err = w.Offered(ctx, k, w.now)
	require.NoError(t, err)
	_, err = w.Offered(ctx, k, w.now.Add(25*time.Hour))
	code(t, ticket.CodeNotFound, err)
	for _, status := range []ticket.Status{ticket.Delivering, ticket.Undelivered, ticket.Done, ticket.Rejected, ticket.Cancelled} {
		k.Status = status
		_, err = w.Offered(ctx, k, w.now)
		code(t, ticket.CodeNotFound, err)
	}
}

func TestAReportAboutAnotherCarIsAskedAbout(t *testing.T) {
	t.Parallel()
	for send, want := range map[bool]ticket.ReportStatus{true: ticket.ReportDelivering, false: ticket.ReportRefused} {
		w := newWorld(t)
		k := w.taken()
		r := w.receive(k.ID, 60, anna())
		w.told()
		require.NoError(t, w.Checked(context.Background(), r.ID, ticket.Finding{
			Reason: ticket.ReasonOtherVIN, FoundVIN: another, SHA256: "abc",
		}))
		assert.Equal(t, []string{"report.question 1"}, w.told())
		assert.Equal(t, another, w.reports[r.ID].FoundVIN)
		_, err := w.ConfirmReport(context.Background(), r.ID, boris(), send)
		require.NoError(t, err)
		assert.Equal(t, want, w.reports[r.ID].Status)
		assert.False(t, w.reports[r.ID].Unchecked, "it was looked at")
	}
}
