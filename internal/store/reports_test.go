package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func testMessages(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a card is found by its message, and shows what it was told last", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		card := ticket.Card{
			TicketID: k.ID, Kind: ticket.CardMain, Rendered: 1,
			Place: ticket.Place{Chat: -100, Topic: 4, Message: 50}, PostedAt: stored(start()),
		}
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.AddCard(ctx, card) })
		got, err := f.CardAt(t.Context(), -100, 50)
		require.NoError(t, err)
		assert.Equal(t, card, got)

		f.clock.Advance(time.Hour)
		card.Rendered = 2
		again := card
		again.PostedAt = time.Time{}
		note := ticket.Card{TicketID: k.ID, Kind: ticket.CardNote, Place: ticket.Place{Chat: -200, Message: 3}}
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			if err := tx.AddCard(ctx, note); err != nil {
				return err
			}
			return tx.AddCard(ctx, again)
		})
		cards, err := f.Cards(t.Context(), k.ID)
		require.NoError(t, err)
		note.PostedAt = stored(start().Add(time.Hour))
		assert.Equal(t, []ticket.Card{card, note}, cards, "one a message, oldest first")

		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.DropCard(ctx, -100, 50) })
		_, err = f.CardAt(t.Context(), -100, 50)
		assert.True(t, ticket.IsNotFound(err))
	})

	t.Run("a digest stands for several, each shown as it was told last", func(t *testing.T) {
		t.Parallel()
		testDigest(t, open(t))
	})

	t.Run("the message of a report stands for its ticket", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		r := f.report(t, k.ID, ticket.ReportChecking)
		got, err := f.CardAt(t.Context(), r.Source.Chat, r.Source.Message)
		require.NoError(t, err)
		assert.Equal(t, ticket.Card{TicketID: k.ID, Place: r.Source, Kind: ticket.CardNote, PostedAt: r.ReceivedAt}, got)
		_, err = f.CardAt(t.Context(), r.Source.Chat, r.Source.Message+1)
		assert.True(t, ticket.IsNotFound(err))
		_, err = f.CardAt(t.Context(), r.Source.Chat-1, r.Source.Message)
		assert.True(t, ticket.IsNotFound(err))
	})
}

func testReports(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("what is stored comes back", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		want := ticket.Report{
			TicketID: k.ID, Status: ticket.ReportChecking, FileID: "file", UniqueID: "unique", Size: 1 << 33,
			Source:   ticket.Place{Chat: -100, Topic: 2, Message: 7},
			SenderID: 5, SenderName: "Анна", Reason: ticket.ReasonUnchecked, Correction: true, Unchecked: true,
			SHA256: "abc", BlobKey: "key", OwnerMessage: 12,
			ReceivedAt: stored(start()), DeliveredAt: stored(start().Add(time.Minute)),
		}
		ctx := ticket.WithRequestID(t.Context(), "r3")
		require.NoError(t, f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error { return tx.InsertReport(ctx, &want) }))
		assert.Equal(t, "r3", want.RequestID)
		got, err := f.Report(t.Context(), want.ID)
		require.NoError(t, err)
		assert.Equal(t, want, got)

		want.Status, want.Reason, want.SHA256, want.OwnerMessage = ticket.ReportDelivered, "", "def", 13
		want.DeliveredAt = stored(start().Add(time.Hour))
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.UpdateReport(ctx, &want) })
		got, err = f.Report(t.Context(), want.ID)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		err = f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			return tx.UpdateReport(ctx, &ticket.Report{ID: 999, TicketID: k.ID, Status: ticket.ReportRefused})
		})
		assert.True(t, ticket.IsNotFound(err))
	})

	t.Run("an album's files come back in order, with what became of each", func(t *testing.T) {
		t.Parallel()
		testAlbum(t, open(t))
	})

	t.Run("a ticket has one live report", func(t *testing.T) {
		t.Parallel()
		testLiveReports(t, open(t))
	})

	t.Run("the oldest waits first, the newest was delivered last", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		_, err := f.WaitingReport(t.Context(), k.ID)
		require.True(t, ticket.IsNotFound(err))
		_, err = f.LastReport(t.Context(), k.ID)
		require.True(t, ticket.IsNotFound(err))
		f.report(t, k.ID, ticket.ReportDelivered)
		second := f.report(t, k.ID, ticket.ReportDelivered)
		f.report(t, k.ID, ticket.ReportRefused)
		waiting := f.report(t, k.ID, ticket.ReportReceived)
		newest := f.report(t, k.ID, ticket.ReportReceived)

		got, err := f.WaitingReport(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, waiting.ID, got.ID)
		got, err = f.LastReport(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, second.ID, got.ID)
		got, err = f.ReportAt(t.Context(), newest.Source.Chat, newest.Source.Message)
		require.NoError(t, err)
		assert.Equal(t, newest.ID, got.ID)
	})

	t.Run("those that wait for their owner are listed, oldest first", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		a, b, other := f.ticket(t, 1, vinA), f.ticket(t, 1, vinB), f.ticket(t, 2, vinA)
		first, second := f.report(t, b.ID, ticket.ReportUndelivered), f.report(t, a.ID, ticket.ReportUndelivered)
		f.report(t, a.ID, ticket.ReportReceived)
		f.report(t, other.ID, ticket.ReportUndelivered)
		got, err := f.UndeliveredReports(t.Context(), 1)
		require.NoError(t, err)
		assert.Equal(t, []ticket.Report{first, second}, got)
	})
}

func testLiveReports(t *testing.T, f *fixture) {
	t.Helper()
	all := []ticket.ReportStatus{
		ticket.ReportReceived, ticket.ReportChecking, ticket.ReportRefused, ticket.ReportNeedsConfirmation,
		ticket.ReportAccepted, ticket.ReportDelivering, ticket.ReportDelivered, ticket.ReportUndelivered,
	}
	for i, status := range all {
		k := f.ticket(t, int64(i+1), vinA)
		r := f.report(t, k.ID, status)
		live, err := f.LiveReport(t.Context(), k.ID)
		require.Equal(t, status.Live(), err == nil, "live as the table of states says: %s", status)
		err = f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			return tx.InsertReport(ctx, &ticket.Report{TicketID: k.ID, Status: ticket.ReportAccepted})
		})
		if !status.Live() {
			require.NoError(t, err)
			continue
		}
		assert.Equal(t, r.ID, live.ID)
		require.Equal(t, ticket.CodeConflict, ticket.CodeOf(err))
		waiting := f.report(t, k.ID, ticket.ReportReceived)
		waiting.Status = ticket.ReportChecking
		err = f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error { return tx.UpdateReport(ctx, &waiting) })
		require.Equal(t, ticket.CodeConflict, ticket.CodeOf(err), "nor does an update make a second one")
	}
}

func testAlbum(t *testing.T, f *fixture) {
	t.Helper()
	k := f.ticket(t, 1, vinA)
	want := ticket.Report{
		TicketID: k.ID, Status: ticket.ReportUndelivered, FileID: "one", ReceivedAt: stored(start()),
		Source: ticket.Place{Chat: -100, Message: 7}, More: []ticket.File{{FileID: "two", UniqueID: "u", Size: 5}, {FileID: "three"}},
	}
	single := ticket.Report{TicketID: f.ticket(t, 1, vinB).ID, Status: ticket.ReportUndelivered, FileID: "x", ReceivedAt: stored(start())}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		require.NoError(t, tx.InsertReport(ctx, &want))
		return tx.InsertReport(ctx, &single)
	})
	want.ReasonFile, want.NoText, want.FoundVIN = 3, true, vinB
	want.More[0] = ticket.File{
		FileID: "two", UniqueID: "u", Size: 6, Unchecked: true, NoText: true, FoundVIN: vinA, SHA256: "s", OwnerMessage: 4,
	}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		require.NoError(t, tx.UpdateReport(ctx, &want))
		for file, there := range map[int]bool{2: true, 4: false} {
			kept, err := tx.NoteArchive(ctx, ticket.ReportFile{Report: want.ID, File: file, Key: "key"}, "sum")
			require.NoError(t, err)
			assert.Equal(t, there, kept, file)
		}
		return nil
	})
	want.More[0].BlobKey, want.More[0].SHA256 = "key", "sum"
	for name, find := range map[string]func() (ticket.Report, error){
		"by its id":       func() (ticket.Report, error) { return f.Report(t.Context(), want.ID) },
		"by its message":  func() (ticket.Report, error) { return f.ReportAt(t.Context(), -100, 7) },
		"as the live one": func() (ticket.Report, error) { return f.LiveReport(t.Context(), k.ID) },
	} {
		got, err := find()
		require.NoError(t, err)
		assert.Equal(t, want, got, name)
	}
	all, err := f.UndeliveredReports(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, []ticket.Report{want, single}, all)
	testCopies(t, f, want)
}

// testCopies looks who names the files of an album: of its second one the key is
// known.
func testCopies(t *testing.T, f *fixture, r ticket.Report) {
	t.Helper()
	names := func(c ticket.Copy) (named bool) {
		f.tx(t, func(ctx context.Context, tx ticket.Tx) (err error) {
			named, err = tx.NamesCopy(ctx, c)
			return err
		})
		return named
	}
	second, first := ticket.Copy{Ticket: r.TicketID, Key: "key"}, ticket.Copy{Ticket: r.TicketID, Key: "first"}
	assert.True(t, names(second))
	assert.False(t, names(ticket.Copy{Ticket: r.TicketID + 1, Key: "key"}), "of another ticket")
	assert.False(t, names(first))
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		require.NoError(t, tx.Enqueue(ctx, ticket.Effect{Kind: ticket.EffectCopyUnclaimed, Lane: "x", Merge: "first"}))
		return nil
	})
	assert.True(t, names(first), "it will be looked at once more")
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		for _, there := range []bool{true, false} {
			withdrawn, err := tx.Withdraw(ctx, ticket.EffectCopyUnclaimed, "first")
			require.NoError(t, err)
			assert.Equal(t, there, withdrawn)
		}
		_, err := tx.NoteArchive(ctx, ticket.ReportFile{Report: r.ID, Key: "first"}, "sum")
		return err
	})
	assert.True(t, names(first))
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		_, err := tx.Delete(ctx, r.TicketID)
		return err
	})
	assert.True(t, names(first), "also in the bin")
	assert.True(t, names(second), "also in the bin")
}
