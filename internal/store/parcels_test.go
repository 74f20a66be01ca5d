package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// parcel stores a parcel with one file, in a message of that number.
func (f *fixture) parcel(t *testing.T, message int, set func(*ticket.Parcel)) ticket.Parcel {
	t.Helper()
	p := ticket.Parcel{Chat: -100, Sender: 5}
	set(&p)
	require.NoError(t, f.Parcels().InsertParcel(t.Context(), &p))
	require.NoError(t, f.Parcels().AddToParcel(t.Context(), p.ID, ticket.ParcelFile{
		Source: ticket.Place{Chat: -100, Topic: 2, Message: message},
		File:   ticket.File{FileID: "file", UniqueID: "unique", Size: 10}, Fault: ticket.ReasonNotPDF,
	}))
	return p
}

func testParcels(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("what is stored comes back, by its id, its album and its messages", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		first := f.parcel(t, 7, func(p *ticket.Parcel) { p.Album = "a" })
		want := f.parcel(t, 9, func(p *ticket.Parcel) { p.Album, p.Claim = "a", true })
		want.Ticket, want.By, want.ClosedAt = 3, ticket.Actor{ID: 5, Name: "Анна"}, stored(start())
		want.Asked, want.TouchedAt = ticket.Place{Chat: -100, Topic: 2, Message: 8}, stored(start())
		require.NoError(t, f.Parcels().UpdateParcel(t.Context(), want))
		for name, find := range map[string]func() (ticket.Parcel, error){
			"by its id":          func() (ticket.Parcel, error) { return f.Parcels().Parcel(t.Context(), want.ID) },
			"the album's newest": func() (ticket.Parcel, error) { return f.Parcels().AlbumParcel(t.Context(), -100, "a") },
			"by a message in it": func() (ticket.Parcel, error) { return f.Parcels().ParcelAt(t.Context(), -100, 9) },
			"among what was sent": func() (ticket.Parcel, error) {
				all, err := f.Parcels().ParcelsOf(t.Context(), -100, 5, start())
				require.Len(t, all, 2)
				assert.Equal(t, first.ID, all[1].ID, "the newest first")
				return all[0], err
			},
		} {
			got, err := find()
			require.NoError(t, err)
			assert.Equal(t, want, got, name)
		}
		for _, missing := range []func() (ticket.Parcel, error){
			func() (ticket.Parcel, error) { return f.Parcels().Parcel(t.Context(), 99) },
			func() (ticket.Parcel, error) { return f.Parcels().AlbumParcel(t.Context(), -100, "") },
			func() (ticket.Parcel, error) { return f.Parcels().AlbumParcel(t.Context(), -200, "a") },
			func() (ticket.Parcel, error) { return f.Parcels().ParcelAt(t.Context(), -100, 8) },
		} {
			_, err := missing()
			assert.True(t, ticket.IsNotFound(err))
		}
		others, err := f.Parcels().ParcelsOf(t.Context(), -100, 6, start())
		require.NoError(t, err)
		assert.Empty(t, others)
		assert.True(t, ticket.IsNotFound(f.Parcels().UpdateParcel(t.Context(), ticket.Parcel{ID: 99})))
	})

	t.Run("files are listed as they were sent, each once", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		p := f.parcel(t, 9, func(*ticket.Parcel) {})
		for _, message := range []int{8, 7, 8} {
			require.NoError(t, f.Parcels().AddToParcel(t.Context(), p.ID, ticket.ParcelFile{
				Source: ticket.Place{Chat: -100, Message: message}, File: ticket.File{FileID: "other"},
			}))
		}
		files, err := f.Parcels().ParcelFiles(t.Context(), p.ID)
		require.NoError(t, err)
		require.Len(t, files, 3)
		assert.Equal(t, ticket.ParcelFile{Source: ticket.Place{Chat: -100, Message: 7}, File: ticket.File{FileID: "other"}}, files[0])
		assert.Equal(t, ticket.ParcelFile{
			Source: ticket.Place{Chat: -100, Topic: 2, Message: 9},
			File:   ticket.File{FileID: "file", UniqueID: "unique", Size: 10}, Fault: ticket.ReasonNotPDF,
		}, files[2])
	})

	t.Run("one is closed once, and not while something is added", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		p := f.parcel(t, 9, func(*ticket.Parcel) {})
		closes := func(since time.Time) bool {
			closed, err := f.Parcels().CloseParcel(t.Context(), p.ID, since)
			require.NoError(t, err)
			return closed
		}
		assert.False(t, closes(start().Add(-time.Second)))
		assert.True(t, closes(start()))
		assert.False(t, closes(start()))
	})

	t.Run("old ones are forgotten, and those of an erased ticket at once", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.private(t, start())
		f.parcel(t, 7, func(p *ticket.Parcel) { p.TouchedAt = start().Add(-time.Hour) })
		f.parcel(t, 8, func(p *ticket.Parcel) { p.Ticket, p.By.Name = k.ID, "Чебурашка" })
		kept := f.parcel(t, 9, func(*ticket.Parcel) {})
		require.NoError(t, f.Parcels().DropParcels(t.Context(), start()))
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.EraseTicket(ctx, k.ID); return err })
		for message, there := range map[int]bool{7: false, 8: false, 9: true} {
			_, err := f.Parcels().ParcelAt(t.Context(), -100, message)
			assert.Equal(t, there, err == nil, message)
		}
		left, err := f.Parcels().ParcelsOf(t.Context(), -100, 5, time.Time{}.Add(time.Hour))
		require.NoError(t, err)
		require.Len(t, left, 1)
		assert.Equal(t, kept.ID, left[0].ID)
	})
}

// askParcels asks everything about parcels.
func askParcels(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	p := f.parcel(t, 70, func(p *ticket.Parcel) { p.Album = "b" })
	require.NoError(t, f.Parcels().UpdateParcel(ctx, p))
	for _, ask := range []func() error{
		func() error { _, err := f.Parcels().Parcel(ctx, p.ID); return err },
		func() error { _, err := f.Parcels().ParcelAt(ctx, -100, 70); return err },
		func() error { _, err := f.Parcels().AlbumParcel(ctx, -100, "b"); return err },
		func() error { _, err := f.Parcels().ParcelsOf(ctx, -100, 5, start()); return err },
		func() error { _, err := f.Parcels().ParcelFiles(ctx, p.ID); return err },
		func() error { _, err := f.Parcels().CloseParcel(ctx, p.ID, start()); return err },
		func() error { return f.Parcels().DropParcels(ctx, start().Add(-time.Hour)) },
	} {
		require.NoError(t, ask())
	}
}
