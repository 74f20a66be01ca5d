package ticket_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

var errFault = errors.New("the store failed")

// failing makes one kind of write fail.
func failing(op string) func(string) error {
	return func(now string) error {
		if now == op {
			return errFault
		}
		return nil
	}
}

func TestErasingLeavesATicketThatOnlyCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.done()
	require.NoError(t, w.Archived(t.Context(), ticket.ReportFile{Report: r.ID, Key: "reports/1/abc.pdf"}, "abc"))
	require.NoError(t, w.Erase(t.Context(), k.ID, ticket.Actor{ID: owner}))
	got := w.tickets[k.ID]
	assert.True(t, got.Erased())
	assert.Equal(t, ticket.ErasedVIN, got.VIN)
	assert.Zero(t, got.OwnerID)
	assert.Equal(t, []string{"erased done>done by 0"}, w.history(k.ID)[5:], "who asked for it is erased, too")
	assert.Equal(t, []string{
		"report.erase {Report:1 File:0 Key:reports/1/abc.pdf}", "card.edit 1 in -7:50",
	}, w.told())

	before := w.clone()
	require.NoError(t, w.Erase(t.Context(), k.ID, ticket.Actor{}), "once more changes nothing")
	_, done, err := w.Reopen(t.Context(), k.ID, anna())
	require.NoError(t, err)
	assert.False(t, done, "nobody knows any more whose it was")
	_, err = w.ReceiveReport(t.Context(), pdf(k.ID, 70, anna()))
	code(t, ticket.CodeConflict, err)
	assert.Equal(t, before, w.clone())
}

func TestAnOpenTicketIsNotErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	before := w.clone()
	code(t, ticket.CodeConflict, w.Erase(t.Context(), k.ID, ticket.Actor{ID: owner}))
	code(t, ticket.CodeNotFound, w.Erase(t.Context(), 77, ticket.Actor{ID: owner}))
	assert.Equal(t, before, w.clone())
}

func TestAFileThatIsArchivedTooLateIsErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.done()
	require.NoError(t, w.Erase(t.Context(), k.ID, ticket.Actor{}))
	w.told()
	require.NoError(t, w.Archived(t.Context(), ticket.ReportFile{Report: r.ID, Key: "reports/1/abc.pdf"}, "abc"))
	assert.Empty(t, w.reports[r.ID].BlobKey)
	assert.Equal(t, []string{"report.erase {Report:1 File:0 Key:reports/1/abc.pdf}"}, w.told())
	require.NoError(t, w.Archived(t.Context(), ticket.ReportFile{Report: 77, Key: "reports/2/abc.pdf"}, "abc"))
	assert.Equal(t, []string{"report.erase {Report:77 File:0 Key:reports/2/abc.pdf}"}, w.told(), "also of a ticket that was purged")
}

func TestRetentionErasesWhatWasClosedAndPurgesTheBin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done, _ := w.done()
	open, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	binned, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: another})
	require.NoError(t, err)
	_, err = w.Delete(t.Context(), binned.ID, admin())
	require.NoError(t, err)
	w.told()

	before := w.clone()
	none, err := w.Expire(t.Context(), w.now.Add(-time.Hour), 10)
	require.NoError(t, err)
	assert.Equal(t, ticket.Expiry{}, none, "it is too early")
	assert.Equal(t, before, w.clone())

	later := w.now.Add(time.Hour)
	one, err := w.Expire(t.Context(), later, 1)
	require.NoError(t, err)
	assert.Equal(t, ticket.Expiry{Purged: 1}, one)
	one, err = w.Expire(t.Context(), later, 2)
	require.NoError(t, err)
	assert.Equal(t, ticket.Expiry{Erased: 1}, one, "less than it might: the last step")
	assert.Equal(t, []string{"report.erase {Report:1 File:0 Key:}"}, w.told(), "the groups' old messages are theirs")
	assert.True(t, w.tickets[done.ID].Erased())
	assert.Equal(t, []string{"erased done>done by 0"}, w.history(done.ID)[5:])
	assert.NotContains(t, w.tickets, binned.ID)
	assert.Equal(t, open, w.tickets[open.ID], "an open one stays, however old")
}

func TestTheStepsOfRetentionFitTheirTime(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]struct {
		each time.Duration // for a ticket
		size int           // in the end
	}{
		"a fast one":   {time.Microsecond, 25},
		"a usual one":  {400 * time.Microsecond, 20},
		"a slow one":   {4 * time.Millisecond, 2},
		"a snail":      {time.Second, 1},
		"a busy snail": {30 * time.Millisecond, 1},
	} {
		size := ticket.FirstStep
		for range 10 {
			size = ticket.NextStep(size, time.Duration(size)*database.each)
		}
		assert.Equal(t, database.size, size, name)
	}
}

func TestAStepOfRetentionThatFailsLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"erase", "event", "enqueue", "purge"} {
		w := newWorld(t)
		w.done()
		k, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner, VIN: another})
		require.NoError(t, err)
		_, err = w.Delete(t.Context(), k.ID, admin())
		require.NoError(t, err)
		before := w.clone()
		w.fault = failing(op)
		_, err = w.Expire(t.Context(), w.now.Add(time.Hour), 10)
		require.ErrorIs(t, err, errFault, op)
		assert.Equal(t, before, w.clone(), op)
	}
}
