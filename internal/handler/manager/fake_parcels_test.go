package manager_test

import (
	"context"
	"slices"
	"time"

	"vinbot/internal/ticket"
)

// fakeParcels keeps parcels in memory.
type fakeParcels struct{ world *world }

func (f fakeParcels) InsertParcel(_ context.Context, p *ticket.Parcel) error {
	p.ID = int64(len(f.world.parcels) + 1)
	f.world.parcels = append(f.world.parcels, *p)
	return nil
}

func (f fakeParcels) UpdateParcel(_ context.Context, p ticket.Parcel) error {
	f.world.parcels[p.ID-1] = p
	return nil
}

func (f fakeParcels) CloseParcel(_ context.Context, id int64, since time.Time) (bool, error) {
	p := &f.world.parcels[id-1]
	if p.Closed() || p.TouchedAt.After(since) {
		return false, nil
	}
	p.ClosedAt = f.world.now
	return true, nil
}

// find gives the newest parcel that is meant.
func (f fakeParcels) find(meant func(ticket.Parcel) bool) (ticket.Parcel, error) {
	for _, p := range slices.Backward(f.world.parcels) {
		if meant(p) {
			return p, nil
		}
	}
	return ticket.Parcel{}, notFound()
}

func (f fakeParcels) Parcel(_ context.Context, id int64) (ticket.Parcel, error) {
	return f.find(func(p ticket.Parcel) bool { return p.ID == id })
}

func (f fakeParcels) ParcelAt(_ context.Context, chat int64, message int) (ticket.Parcel, error) {
	return f.find(func(p ticket.Parcel) bool {
		return slices.ContainsFunc(f.world.held[p.ID], func(file ticket.ParcelFile) bool {
			return file.Source.Chat == chat && file.Source.Message == message
		})
	})
}

func (f fakeParcels) AlbumParcel(_ context.Context, chat int64, album string) (ticket.Parcel, error) {
	return f.find(func(p ticket.Parcel) bool { return p.Chat == chat && p.Album == album })
}

func (f fakeParcels) ParcelsOf(_ context.Context, chat, sender int64, since time.Time) (all []ticket.Parcel, err error) {
	for _, p := range slices.Backward(f.world.parcels) {
		if p.Chat == chat && p.Sender == sender && !p.TouchedAt.Before(since) {
			all = append(all, p)
		}
	}
	return all, nil
}

func (f fakeParcels) AddToParcel(_ context.Context, id int64, file ticket.ParcelFile) error {
	if slices.ContainsFunc(f.world.held[id], func(known ticket.ParcelFile) bool { return known.Source == file.Source }) {
		return nil
	}
	f.world.held[id] = append(f.world.held[id], file)
	slices.SortFunc(f.world.held[id], func(a, b ticket.ParcelFile) int { return a.Source.Message - b.Source.Message })
	return nil
}

func (f fakeParcels) ParcelFiles(_ context.Context, id int64) ([]ticket.ParcelFile, error) {
	return slices.Clone(f.world.held[id]), nil
}

func (f fakeParcels) DropParcels(context.Context, time.Time) error { return nil }
