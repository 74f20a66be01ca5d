package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/httpd/api"
	"vinbot/internal/outbox"
	"vinbot/internal/report"
	"vinbot/internal/ticket"
)

// dying is an archive whose process dies as soon as a file is stored: nothing
// that it would do afterwards is done.
type dying struct{ *blob.Files }

func (d dying) Put(ctx context.Context, key string, r io.Reader, size int64) (string, error) {
	if _, err := d.Files.Put(ctx, key, r, size); err != nil {
		return "", err
	}
	panic(errDied)
}

var errDied = errors.New("the process died")

// dies uploads a report by a process that dies between storing and noting it.
func (w *world) dies(secret string, k api.Ticket, content string) {
	w.Helper()
	w.rest.Archive = dying{w.archive}
	defer func() { w.rest.Archive = w.archive }()
	assert.Equal(w, 500, w.uploads(secret, k, content).status)
}

// copies gives what waits that looks for files without a report, and when.
func (w *world) copies() []outbox.Head {
	w.Helper()
	waiting, err := w.store.Outbox().Waiting(w.Context(), 0, 100)
	require.NoError(w, err)
	found := []outbox.Head{}
	for _, h := range waiting {
		if h.Kind == string(ticket.EffectCopyUnclaimed) {
			found = append(found, h)
		}
	}
	return found
}

// sweeps carries out what looks for files without a report.
func (w *world) sweeps(heads ...outbox.Head) {
	w.Helper()
	desk, err := report.NewDesk(report.Options{
		Store: w.store, Tickets: w.tickets, Archive: w.archive, Log: zerolog.Nop(), Clock: w.now, Spool: w.TempDir(),
	})
	require.NoError(w, err)
	for _, h := range heads {
		jobs, err := w.store.Outbox().Claim(w.Context(), []int64{h.ID}, time.Minute)
		require.NoError(w, err)
		require.Len(w, jobs, 1)
		desk.Kinds()[ticket.EffectCopyUnclaimed].Handler.Handle(w.Context(), jobs[0])
		require.NoError(w, w.store.Outbox().Finish(w.Context(), jobs[0], nil))
	}
}

func TestAnUploadThatDiesBeforeItIsNotedIsErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	w.dies(token, k, "%PDF-lost")
	require.Len(t, w.kept(), 1, "nobody knows of it")
	left := w.copies()
	require.Len(t, left, 1)
	assert.Equal(t, w.now().Add(time.Hour), left[0].RunAt)
	var c ticket.Copy
	jobs, err := w.store.Outbox().Claim(t.Context(), []int64{left[0].ID}, 0)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(jobs[0].Payload, &c))
	w.later(time.Hour)
	_, err = w.store.Outbox().Reclaim(t.Context(), w.now())
	require.NoError(t, err)

	require.Equal(t, 202, w.uploads(token, k, "%PDF-kept").status)
	assert.Len(t, w.copies(), 1, "of what is noted nothing is left to do")
	w.sweeps(left...)
	require.Len(t, w.kept(), 1)
	r, err := w.store.Report(t.Context(), 1)
	require.NoError(t, err)
	assert.Contains(t, w.kept()[0], r.BlobKey)
	assert.NotEqual(t, c.Key, r.BlobKey)

	_, err = w.tickets.ReceiveReport(t.Context(), ticket.Incoming{
		Ticket: k.ID, FileID: ticket.StoredFile, Size: 1, By: ticket.Actor{ID: 1}, Kept: ticket.KeptFile{Key: c.Key, SHA256: "00"},
	})
	assert.Equal(t, ticket.CodeUnavailable, ticket.CodeOf(err), "a process that slept names nothing that was erased")
}

// A file of the group is archived once more where a process died over it, unless
// it is erased before.
func TestAFileThatDiesBeforeItIsNotedIsErasedWithItsTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	c := ticket.Copy{Ticket: k.ID, Key: report.Key(k.ID, "ab")}
	for range 2 { // tries
		require.NoError(t, w.tickets.Copying(t.Context(), c))
		w.later(time.Minute)
	}
	first := w.copies()
	require.Len(t, first, 1)
	assert.Equal(t, w.now().Add(59*time.Minute), first[0].RunAt, "it runs from the last")
	require.Equal(t, 200, w.ask(token, "POST", path(k, "cancel"), nil).status)
	require.NoError(t, w.tickets.Erase(t.Context(), k.ID, ticket.Actor{}))
	assert.Equal(t, first, w.copies())
	claimed, err := w.tickets.Claimed(t.Context(), c)
	require.NoError(t, err)
	assert.True(t, claimed, "another will look")
	jobs, err := w.store.Outbox().Claim(t.Context(), []int64{first[0].ID}, time.Minute)
	require.NoError(t, err)
	require.Len(t, jobs, 1)
	claimed, err = w.tickets.Claimed(t.Context(), c)
	require.NoError(t, err)
	assert.False(t, claimed)
}
