package ticket_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestAPastReportIsSentAgainToItsOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.done()
	before := w.tickets[k.ID]
	require.NoError(t, w.SendAgain(context.Background(), k.ID, owner))
	require.Len(t, w.effects, 1)
	assert.NotEmpty(t, w.effects[0].Merge, "two taps while it waits are one")
	assert.Equal(t, []string{"report.again 1"}, w.told())
	require.NoError(t, w.SentAgain(context.Background(), r.ID))
	history := w.history(k.ID)
	assert.Equal(t, "sent_again done>done by 100", history[len(history)-1])
	assert.Equal(t, before, w.tickets[k.ID])
	assert.Equal(t, r, w.reports[r.ID], "it was delivered once, and that stays so")
}

func TestNobodyGetsAnothersReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, _ := w.done()
	code(t, ticket.CodeNotFound, w.SendAgain(context.Background(), k.ID, owner+1))
	code(t, ticket.CodeNotFound, w.SendAgain(context.Background(), k.ID+1, owner))
	w.closed(k.ID, ticket.New)
	code(t, ticket.CodeNotFound, w.SendAgain(context.Background(), k.ID, owner))
	code(t, ticket.CodeNotFound, w.SentAgain(context.Background(), 99))
	assert.Empty(t, w.told())
}
