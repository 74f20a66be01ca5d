package ticket_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// album has three PDFs of a manager's received as one report.
func (w *world) album(id int64) ticket.Report {
	in := pdf(id, 60, anna())
	in.More = []ticket.File{{FileID: "two", UniqueID: "u2", Size: 20}, {FileID: "three", UniqueID: "u3", Size: 30}}
	r, err := w.ReceiveReport(context.Background(), in)
	require.NoError(w.t, err)
	return r
}

func TestAnAlbumIsDoneWhenTelegramHasAcceptedAllOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	r := w.album(k.ID)
	assert.Equal(t, []string{"report.check 1"}, w.told(), "one check for all")
	require.NoError(t, w.Checked(t.Context(), r.ID,
		ticket.Finding{SHA256: "a", Size: 11}, ticket.Finding{SHA256: "b", NoText: true}, ticket.Finding{SHA256: "c"}))
	w.told()
	for i, message := range []int{900, 901} {
		number, next := w.reports[r.ID].Next()
		assert.Equal(t, i+1, number)
		assert.Equal(t, []string{"file", "two"}[i], next.FileID)
		require.NoError(t, w.Delivered(t.Context(), r.ID, message))
		assert.Equal(t, []string{"report.deliver 1"}, w.told(), "the next one, and nothing is said yet")
		assert.Equal(t, ticket.Delivering, w.tickets[k.ID].Status)
		assert.Zero(t, w.reports[r.ID].DeliveredAt)
	}
	require.NoError(t, w.Delivered(t.Context(), r.ID, 902))
	assert.Equal(t, ticket.Done, w.tickets[k.ID].Status)
	assert.Equal(t, []string{
		"card.edit 1 in -7:50", "reaction 👍 on 60", "report.archive 1", "report.archive 1", "report.archive 1",
	}, w.told())
	var arrived []int
	for _, f := range w.reports[r.ID].Files() {
		arrived = append(arrived, f.OwnerMessage)
	}
	assert.Equal(t, []int{900, 901, 902}, arrived)
	assert.Equal(t, []string{"report_accepted taken>delivering by 1", "delivered delivering>done by 0"}, w.history(k.ID)[3:], "one delivery")
}

func TestWhatAnOwnerHasOfAnAlbumIsNotSentAgainOnTheirReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	r := w.album(k.ID)
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}, ticket.Finding{}, ticket.Finding{}))
	require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
	require.NoError(t, w.Undelivered(t.Context(), r.ID, ticket.UndeliveredBlocked))
	assert.Equal(t, ticket.Undelivered, w.tickets[k.ID].Status)
	sent, err := w.OwnerReturned(t.Context(), owner)
	require.NoError(t, err)
	assert.Equal(t, 1, sent)
	number, _ := w.reports[r.ID].Next()
	assert.Equal(t, 2, number)
	require.NoError(t, w.Delivered(t.Context(), r.ID, 901))
	require.NoError(t, w.Delivered(t.Context(), r.ID, 902))
	assert.Equal(t, ticket.Done, w.tickets[k.ID].Status)
}

func TestAFileOfAnAlbumThatTelegramRefusesIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	r := w.album(k.ID)
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}, ticket.Finding{}, ticket.Finding{}))
	require.NoError(t, w.Delivered(t.Context(), r.ID, 900))
	w.told()
	require.NoError(t, w.FileRefused(t.Context(), r.ID))
	assert.Equal(t, 2, w.reports[r.ID].ReasonFile)
	assert.Equal(t, ticket.Taken, w.tickets[k.ID].Status)
	assert.Equal(t, []string{"card.edit 1 in -7:50", "say owner.partial  to 100", "say report.refused file_refused to -7"}, w.told())
}

func TestTheWorstFileDecidesAboutAnAlbum(t *testing.T) {
	t.Parallel()
	unchecked, other := ticket.Finding{Reason: ticket.ReasonUnchecked}, ticket.Finding{Reason: ticket.ReasonOtherVIN, FoundVIN: vin}
	damaged, encrypted := ticket.Finding{Reason: ticket.ReasonDamaged}, ticket.Finding{Reason: ticket.ReasonEncrypted}
	tests := map[string]struct {
		found  []ticket.Finding
		status ticket.ReportStatus
		reason string
		file   int
	}{
		"all are good":           {[]ticket.Finding{{}, {}, {}}, ticket.ReportDelivering, "", 0},
		"one is damaged":         {[]ticket.Finding{{}, unchecked, damaged}, ticket.ReportRefused, ticket.ReasonDamaged, 3},
		"the first of two":       {[]ticket.Finding{other, encrypted, damaged}, ticket.ReportRefused, ticket.ReasonEncrypted, 2},
		"one names another car":  {[]ticket.Finding{unchecked, {}, other}, ticket.ReportNeedsConfirmation, ticket.ReasonOtherVIN, 0},
		"one cannot be checked":  {[]ticket.Finding{{}, unchecked, {}}, ticket.ReportNeedsConfirmation, ticket.ReasonUnchecked, 0},
		"the worst comes before": {[]ticket.Finding{other, unchecked, {}}, ticket.ReportNeedsConfirmation, ticket.ReasonOtherVIN, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.album(w.taken().ID)
			require.NoError(t, w.Checked(t.Context(), r.ID, test.found...))
			got := w.reports[r.ID]
			assert.Equal(t, test.status, got.Status)
			assert.Equal(t, test.reason, got.Reason)
			assert.Equal(t, test.file, got.ReasonFile)
			for i, f := range got.Files() {
				assert.Equal(t, test.found[i].Reason == ticket.ReasonUnchecked, f.Unchecked, i)
				assert.Equal(t, test.found[i].FoundVIN, f.FoundVIN, i)
			}
		})
	}
}

func TestAnAlbumIsReusedSentAgainArchivedAndErasedWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Service = ticket.NewService(w, w, ticket.WithReuse(24*time.Hour))
	k := w.taken()
	r := w.album(k.ID)
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{SHA256: "a"}, ticket.Finding{SHA256: "b"}, ticket.Finding{SHA256: "c"}))
	for _, message := range []int{900, 901, 902} {
		require.NoError(t, w.Delivered(t.Context(), r.ID, message))
	}
	w.told()

	require.NoError(t, w.SendAgain(t.Context(), k.ID, owner))
	var files []int
	merges := map[string]bool{}
	for _, e := range w.effects {
		ref, ok := e.Payload.(ticket.ReportRef)
		require.True(t, ok)
		files = append(files, ref.File)
		merges[e.Merge] = true
	}
	assert.Equal(t, []int{1, 2, 3}, files)
	assert.Len(t, merges, 3)

	other, _, err := w.Open(t.Context(), ticket.Opening{Owner: owner + 1, VIN: vin})
	require.NoError(t, err)
	again, err := w.ReuseReport(t.Context(), other.ID, boris(), ticket.Place{Chat: group, Message: 55})
	require.NoError(t, err)
	assert.Equal(t, []ticket.File{{FileID: "two", UniqueID: "u2", Size: 20}, {FileID: "three", UniqueID: "u3", Size: 30}}, again.More,
		"all files, and nothing of what became of them")

	require.NoError(t, w.Archived(t.Context(), ticket.ReportFile{Report: r.ID, File: 2, Key: "key"}, "b"))
	assert.Equal(t, "key", w.reports[r.ID].More[0].BlobKey)
	w.told()
	_, err = w.Delete(t.Context(), k.ID, anna())
	require.NoError(t, err)
	_, err = w.Restore(t.Context(), k.ID, anna())
	require.NoError(t, err)
	archives := 0
	for _, e := range w.effects {
		if ref, ok := e.Payload.(ticket.ReportRef); ok && e.Kind == ticket.EffectReportArchive {
			archives++
			assert.NotEqual(t, 2, ref.File, "that one is archived")
		}
	}
	assert.Equal(t, 2, archives)
	w.told()
	require.NoError(t, w.Erase(t.Context(), k.ID, anna()))
	erased := 0
	for _, e := range w.effects {
		if _, ok := e.Payload.(ticket.ReportFile); ok {
			erased++
		}
	}
	assert.Equal(t, 3, erased)
}

func TestAReportIsAScanWhereNoneOfItsFilesHasText(t *testing.T) {
	t.Parallel()
	r := ticket.Report{NoText: true, More: []ticket.File{{NoText: true}, {}}}
	assert.False(t, r.Scanned())
	r.More[1].NoText = true
	assert.True(t, r.Scanned())
	_, ok := r.File(4)
	assert.False(t, ok)
}
