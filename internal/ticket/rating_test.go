package ticket_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func (w *world) rates(t *testing.T, id, by int64, stars int) ticket.RateOutcome {
	t.Helper()
	outcome, err := w.Rate(context.Background(), id, by, stars)
	require.NoError(t, err)
	return outcome
}

func TestAnOwnerRatesOnceAndMayChangeTheirMindForADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, _ := w.done()
	assert.Equal(t, ticket.RatedNow, w.rates(t, k.ID, owner, 4))
	first := w.ratings[k.ID]
	assert.Equal(t, 4, first.Stars)
	assert.Equal(t, first.RatedAt, first.ChangedAt)
	assert.Equal(t, ticket.RatedBefore, w.rates(t, k.ID, owner, 4), "a double tap")
	assert.Equal(t, ticket.RatedNow, w.rates(t, k.ID, owner, 2))
	assert.Equal(t, first.RatedAt, w.ratings[k.ID].RatedAt)
	assert.True(t, w.ratings[k.ID].ChangedAt.After(first.RatedAt))

	w.now = w.now.Add(24 * time.Hour)
	assert.Equal(t, ticket.RatedTooLate, w.rates(t, k.ID, owner, 5))
	assert.Equal(t, 2, w.ratings[k.ID].Stars)
	history := w.history(k.ID)
	assert.Equal(t, []string{"rated done>done by 100", "rated done>done by 100"}, history[len(history)-2:])
	assert.Empty(t, w.told(), "it tells nobody anything")
}

func TestOnlyAnOwnerRatesAndOnlyWhatIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, _ := w.delivering()
	assert.Equal(t, ticket.NotRated, w.rates(t, k.ID, owner, 5), "not delivered yet")
	w.closed(k.ID, ticket.Done)
	assert.Equal(t, ticket.NotRated, w.rates(t, k.ID, owner+1, 5), "somebody else")
	assert.Equal(t, ticket.NotRated, w.rates(t, k.ID+1, owner, 5), "no such ticket")
	for _, stars := range []int{0, 6, -1} {
		_, err := w.Rate(context.Background(), k.ID, owner, stars)
		code(t, ticket.CodeInvalid, err)
	}
	assert.Empty(t, w.ratings)
}

func TestATicketThatWasReopenedIsRatedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, _ := w.done()
	w.rates(t, k.ID, owner, 1)
	w.now = w.now.Add(48 * time.Hour)
	again := w.tickets[k.ID]
	again.ClosedAt = w.now
	w.tickets[k.ID] = again
	assert.Equal(t, ticket.RatedNow, w.rates(t, k.ID, owner, 5))
	assert.Equal(t, w.ratings[k.ID].RatedAt, w.ratings[k.ID].ChangedAt, "it is a rating of its own")
}

func TestHowLongItUsuallyTakes(t *testing.T) {
	t.Parallel()
	done := func(minutes ...int) (all []ticket.Ticket) {
		opened := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		for _, m := range minutes {
			all = append(all, ticket.Ticket{OpenedAt: opened, ClosedAt: opened.Add(time.Duration(m) * time.Minute)})
		}
		return all
	}
	for name, c := range map[string]struct {
		of   []ticket.Ticket
		want time.Duration
		told bool
	}{
		"none":            {nil, 0, false},
		"four":            {done(1, 2, 3, 4), 0, false},
		"five":            {done(50, 10, 30, 20, 40), 30 * time.Minute, true},
		"six":             {done(60, 10, 30, 20, 40, 50), 35 * time.Minute, true},
		"one that lasted": {done(10, 10, 10, 10, 100_000), 10 * time.Minute, true},
	} {
		got, told := ticket.TypicalWait(c.of)
		assert.Equal(t, c.told, told, name)
		assert.Equal(t, c.want, got, name)
	}
}
