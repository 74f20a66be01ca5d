package ticket_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestAManagerHasAReportSentOnceMoreThatDidNotArrive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, r := w.delivering()
	_, done, err := w.Redeliver(t.Context(), k.ID, ticket.Actor{ID: 7})
	require.NoError(t, err)
	assert.False(t, done, "it is on its way")
	require.NoError(t, w.Undelivered(t.Context(), r.ID, ticket.UndeliveredBlocked))
	w.told()
	got, done, err := w.Redeliver(t.Context(), k.ID, ticket.Actor{ID: 7})
	require.NoError(t, err)
	assert.True(t, done)
	assert.Equal(t, ticket.Delivering, got.Status)
	assert.Equal(t, []string{"card.edit 1 in -7:50", "report.deliver 1"}, w.told(), "nobody is welcomed back")
	assert.Contains(t, w.history(k.ID), "redelivery undelivered>delivering by 7")
}

func TestAQuestionThatWasWrittenElsewhereIsToldOfNowhere(t *testing.T) {
	t.Parallel()
	service, db := onDisk(t)
	talk := ticket.NewTalk(db, db.Lines(), newWorld(t))
	k, _, err := service.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	ask := func(words string, known int64) (ticket.Line, error) {
		return talk.Ask(t.Context(), ticket.Asking{Ticket: k.ID, Text: words, By: ticket.Actor{ID: 7}, Known: known})
	}
	first, err := ask("Какой пробег?", 0)
	require.NoError(t, err)
	_, err = ask("Какой пробег?", 0)
	assert.Equal(t, ticket.CodeConflict, ticket.CodeOf(err), "sent twice, or somebody else was faster")
	second, err := ask("А цвет?", first.ID)
	require.NoError(t, err)
	assert.Greater(t, second.ID, first.ID)

	before, err := db.Outbox().Waiting(t.Context(), 0, 100)
	require.NoError(t, err)
	require.NoError(t, talk.Asked(t.Context(), first.ID, 900))
	require.NoError(t, talk.NotAsked(t.Context(), second.ID, ticket.UndeliveredBlocked))
	after, err := db.Outbox().Waiting(t.Context(), 0, 100)
	require.NoError(t, err)
	assert.Len(t, after, len(before), "there is no message to answer")
	said, err := db.Lines().Conversation(t.Context(), k.ID, 10)
	require.NoError(t, err)
	assert.Equal(t, ticket.LineSent, said[0].State)
	assert.Empty(t, said[0].Body)
	assert.Equal(t, ticket.LineUndelivered, said[1].State)
	assert.Equal(t, "А цвет?", said[1].Body, "it is still to be asked")
}

func TestAllFilesOfAnUploadThatIsRefusedAreErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.taken()
	w.told()
	r, err := w.ReceiveReport(t.Context(), ticket.Incoming{
		Ticket: k.ID, FileID: ticket.StoredFile, By: ticket.Actor{ID: 7},
		More: []ticket.File{{FileID: ticket.StoredFile}},
	})
	require.NoError(t, err)
	require.NoError(t, w.Checked(t.Context(), r.ID, ticket.Finding{}, ticket.Finding{Reason: ticket.ReasonDamaged}))
	assert.Equal(t, ticket.ReportRefused, w.reports[r.ID].Status)
	erased := 0
	for _, effect := range w.told() {
		if strings.HasPrefix(effect, string(ticket.EffectReportErase)) {
			erased++
		}
	}
	assert.Equal(t, 2, erased)
}
