package ticket_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"vinbot/internal/ticket"
)

// shown reports whether a ticket is there and not in the bin.
func (w *world) shown(id int64) bool {
	t, ok := w.tickets[id]
	return ok && !t.Deleted()
}

func (w *world) DeletedTicket(_ context.Context, id int64) (ticket.Ticket, error) {
	return first(w.tickets, "deleted ticket", func(t ticket.Ticket) bool { return t.ID == id && t.Deleted() })
}

func (w *world) Bin(context.Context, ticket.BinPlace, int) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (x tx) Delete(_ context.Context, id int64) (bool, error) {
	t, ok := x.tickets[id]
	if !ok || t.Deleted() {
		return false, x.write("delete")
	}
	t.DeletedAt = x.now
	t.Version++
	x.tickets[id] = t
	return true, x.write("delete")
}

func (x tx) Restore(ctx context.Context, id int64) (bool, error) {
	t, ok := x.tickets[id]
	if !ok || !t.Deleted() {
		return false, x.write("restore")
	}
	if _, err := x.OpenTicket(ctx, t.OwnerID, t.VIN); err == nil && t.Status.Open() {
		return false, x.write("restore")
	}
	t.DeletedAt = time.Time{}
	t.Version++
	x.tickets[id] = t
	return true, x.write("restore")
}

func (x tx) NoteArchive(_ context.Context, file ticket.ReportFile, sha256 string) (bool, error) {
	r, ok := x.reports[file.Report]
	if !ok || r.FileID == "" {
		return false, x.write("archive")
	}
	if file.File > 1 {
		r.More = slices.Clone(r.More)
		r.More[file.File-2].BlobKey, r.More[file.File-2].SHA256 = file.Key, sha256
	} else {
		r.BlobKey, r.SHA256 = file.Key, sha256
	}
	x.reports[file.Report] = r
	return true, x.write("archive")
}

func (x tx) files(id int64) (files []ticket.ReportFile) {
	for _, n := range slices.Sorted(maps.Keys(x.reports)) {
		if r := x.reports[n]; r.TicketID == id && r.FileID != "" {
			files = append(files, ticket.ReportFile{Report: n, Key: r.BlobKey})
			for i, f := range r.More {
				files = append(files, ticket.ReportFile{Report: n, File: i + 2, Key: f.BlobKey})
			}
		}
	}
	return files
}

func (x tx) EraseTicket(_ context.Context, id int64) ([]ticket.ReportFile, error) {
	files := x.files(id)
	for n, r := range x.reports {
		if r.TicketID == id {
			r.FileID, r.BlobKey = "", ""
			x.reports[n] = r
		}
	}
	t := x.tickets[id]
	t.VIN, t.OwnerID, t.ErasedAt = ticket.ErasedVIN, 0, x.now
	t.Version++
	x.tickets[id] = t
	return files, x.write("erase")
}

func (x tx) PurgeTicket(_ context.Context, id int64) ([]ticket.ReportFile, error) {
	files := x.files(id)
	delete(x.tickets, id)
	return files, x.write("purge")
}

func (x tx) Expired(_ context.Context, before time.Time, limit int) (due ticket.Expired, err error) {
	for _, id := range slices.Sorted(maps.Keys(x.tickets)) {
		t := x.tickets[id]
		if t.Deleted() && t.DeletedAt.Before(before) && len(due.Purge) < limit {
			due.Purge = append(due.Purge, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(x.tickets)) {
		t := x.tickets[id]
		if !t.ClosedAt.IsZero() && t.ClosedAt.Before(before) && !t.Erased() && len(due.Purge)+len(due.Erase) < limit {
			due.Erase = append(due.Erase, t)
		}
	}
	return due, nil
}
