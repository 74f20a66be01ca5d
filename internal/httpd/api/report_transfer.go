package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// uploads takes reports in and hands them out.
func (a *API) uploads() httpd.Uploads {
	return httpd.Uploads{Archive: a.Archive, Tickets: patientCopies{a}, Spool: a.Spool, Max: a.MaxPDF}
}

// patientCopies waits for a database that is away for a moment.
type patientCopies struct{ *API }

// Copying says that a file is about to be stored.
func (p patientCopies) Copying(ctx context.Context, c ticket.Copy) error {
	_, err := patiently(ctx, p.Patience, func(ctx context.Context) (struct{}, error) { return struct{}{}, p.Tickets.Copying(ctx, c) })
	return err
}

// uploadReport takes a report as a stream, keeps it, and has it checked.
func (a *API) uploadReport(w http.ResponseWriter, r *http.Request, in *ticketInput) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != kindPDF {
		return problem(http.StatusUnsupportedMediaType, codeMediaType, "the body must be application/pdf")
	}
	if _, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (ticket.Ticket, error) { return a.seen(ctx, in.ID) }); err != nil {
		return err
	}
	httpd.Patient(w)
	uploads := a.uploads()
	file, err := uploads.Take(w, r.Body)
	if err != nil {
		return unreceived(err)
	}
	defer file.Remove()
	kept, err := uploads.Keep(r.Context(), in.ID, file)
	if err != nil {
		return err
	}
	noted, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (u uploaded, err error) {
		u.said, err = a.once(r.WithContext(ctx), a.routes[uploadPattern], []byte(file.Sum), func(ctx context.Context) (answer, int64, error) {
			received, err := a.Tickets.ReceiveReport(ctx, ticket.Incoming{
				Ticket: in.ID, FileID: ticket.StoredFile, Size: file.Size, By: callerOf(ctx).actor(), Kept: kept,
			})
			if err != nil {
				return answer{}, 0, err
			}
			u.fresh = true
			out := &reportOutput{Body: viewReport(received), Location: r.URL.Path + "/" + strconv.FormatInt(received.ID, 10)}
			return outerOf(reflect.TypeFor[reportOutput]()).answer(http.StatusAccepted, out), in.ID, nil
		})
		return u, err
	})
	if err == nil && !noted.fresh || err != nil && problemOf(err).Status < http.StatusInternalServerError { // nobody will ask for this copy
		if err := uploads.Drop(r.Context(), kept); err != nil {
			a.Log.Warn().Err(err).Str("request_id", ticket.RequestID(r.Context())).Msg("the copy of an upload that is not needed was not erased yet")
		}
	}
	if err != nil { // where it is not known whether it was committed, the copy may be needed: if not, it is erased later
		return err
	}
	a.write(w, r, noted.said)
	return nil
}

// uploaded is what became of an upload.
type uploaded struct {
	said  answer
	fresh bool // it came for the first time
}

const uploadPattern = "POST " + root + "/tickets/{id}/reports"

// unreceived is what a client is told whose upload did not arrive.
func unreceived(err error) error {
	if errors.Is(err, httpd.ErrCut) {
		return unreadBody(err)
	}
	return err
}

// fetchable finds the report of a ticket that is fetched: the one that is on its
// way, or that Telegram could not deliver, once it is in the archive; else the
// one that was delivered last.
func (a *API) fetchable(ctx context.Context, id int64) (ticket.Report, error) {
	live, err := a.Store.LiveReport(ctx, id)
	switch {
	case err != nil && !ticket.IsNotFound(err):
		return ticket.Report{}, err
	case err == nil && (live.Status == ticket.ReportDelivering || live.Status == ticket.ReportUndelivered) && archived(live):
		return live, nil
	}
	return a.Store.LastReport(ctx, id)
}

// archived reports whether all files of a report are kept.
func archived(r ticket.Report) bool {
	return !slices.ContainsFunc(r.Files(), func(f ticket.File) bool { return f.BlobKey == "" })
}

type downloadInput struct {
	ID   int64 `path:"id" minimum:"1"`
	File int   `query:"file" minimum:"1" default:"1" doc:"Which of its files, where there are several."`
}

// downloadReport sends the file of the report that was delivered last, or a
// range of it.
func (a *API) downloadReport(w http.ResponseWriter, r *http.Request, in *downloadInput) error {
	var report ticket.Report
	file, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (file ticket.File, err error) {
		file, report, err = a.fetched(ctx, in)
		return file, err
	})
	if err != nil {
		return err
	}
	return a.uploads().Send(w, r, httpd.Handout{File: file, Name: fileName(in.ID), At: report.DeliveredAt})
}
