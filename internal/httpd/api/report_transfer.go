package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/ticket"
)

// transferTime is how long a report may take to be sent or fetched: much longer
// than any other request.
const transferTime = 10 * time.Minute

// answerTime is how long it may take from there to archive an upload and answer.
const answerTime = 2 * time.Minute

// inTime is a connection's deadline, which is by the machine's clock.
func inTime(d time.Duration) time.Time {
	return time.Now().Add(d) //nolint:forbidigo // whatever the program's clock says
}

// archive is where reports are kept.
type archive interface {
	Put(ctx context.Context, key string, r io.Reader, size int64) (sha256 string, err error)
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	Delete(ctx context.Context, key string) error
}

// uploadReport takes a report as a stream, keeps it, and has it checked.
func (a *API) uploadReport(w http.ResponseWriter, r *http.Request, in *ticketInput) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != kindPDF {
		return problem(http.StatusUnsupportedMediaType, codeMediaType, "the body must be application/pdf")
	}
	if _, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (ticket.Ticket, error) { return a.seen(ctx, in.ID) }); err != nil {
		return err
	}
	// Where a deadline cannot be set, as in a test, the usual one holds. That of
	// the answer runs from the request's beginning, too.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(inTime(transferTime))
	_ = connection.SetWriteDeadline(inTime(transferTime + answerTime))
	file, err := a.spool(w, r)
	if err != nil {
		return err
	}
	defer file.remove()
	kept := ticket.KeptFile{
		Key: "reports/" + strconv.FormatInt(in.ID, 10) + "/upload-" + strings.ToLower(rand.Text()) + ".pdf", SHA256: file.sum,
	}
	if _, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, a.Tickets.Copying(ctx, ticket.Copy{Ticket: in.ID, Key: kept.Key})
	}); err != nil {
		return err
	}
	if _, err := a.Archive.Put(r.Context(), kept.Key, file, file.size); err != nil {
		return ticket.NewError(ticket.CodeUnavailable, "keep an upload", err)
	}
	noted, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (u uploaded, err error) {
		u.said, err = a.once(r.WithContext(ctx), a.routes[uploadPattern], []byte(file.sum), func(ctx context.Context) (answer, int64, error) {
			received, err := a.Tickets.ReceiveReport(ctx, ticket.Incoming{
				Ticket: in.ID, FileID: ticket.StoredFile, Size: file.size, By: callerOf(ctx).actor(), Kept: kept,
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
		if err := a.Archive.Delete(context.WithoutCancel(r.Context()), kept.Key); err != nil {
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

// spooled is an upload that has arrived whole, in a file that nobody else sees.
type spooled struct {
	*os.File

	size int64
	sum  string // SHA-256, hex
}

func (s spooled) remove() { _ = s.Close() }

// source tells that nothing more comes from a client from whatever fails here.
type source struct {
	io.Reader

	err error
}

// Read reads on, and keeps why it cannot.
func (s *source) Read(into []byte) (int, error) {
	n, err := s.Reader.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err //nolint:wrapcheck // io.Copy looks for io.EOF itself
}

// received writes down what a client sends. That it does not come whole is the
// client's matter, that it cannot be written, as on a full disk, is ours.
func received(into io.Writer, body io.Reader) (int64, error) {
	from := &source{Reader: body}
	size, err := io.Copy(into, from)
	switch {
	case from.err != nil:
		return size, unreadBody(from.err)
	case err != nil:
		return size, ticket.NewError(ticket.CodeUnavailable, "spool an upload", err)
	}
	return size, nil
}

// spool takes an upload in, as it comes.
func (a *API) spool(w http.ResponseWriter, r *http.Request) (spooled, error) {
	file, err := os.CreateTemp(a.Spool, "upload-*")
	if err != nil {
		return spooled{}, ticket.NewError(ticket.CodeUnavailable, "make a file for an upload", err)
	}
	_ = os.Remove(file.Name()) // it is there as long as it is open
	sum := sha256.New()
	size, err := received(io.MultiWriter(file, sum), http.MaxBytesReader(w, r.Body, a.MaxPDF))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		return spooled{}, err //nolint:wrapcheck // of our own file
	}
	return spooled{File: file, size: size, sum: hex.EncodeToString(sum.Sum(nil))}, nil
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
	content, err := a.Archive.Open(r.Context(), file.BlobKey)
	if err != nil {
		return ticket.NewError(ticket.CodeUnavailable, "open a report in the archive", err)
	}
	defer content.Close()
	_ = http.NewResponseController(w).SetWriteDeadline(inTime(transferTime)) // as above
	header := w.Header()
	header.Set("Content-Type", kindPDF)
	header.Set("Content-Disposition", `attachment; filename="`+fileName(in.ID)+`"`)
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", `"`+file.SHA256+`"`)
	if seeker, ok := content.(io.ReadSeeker); ok {
		http.ServeContent(w, r, "", report.DeliveredAt, seeker)
		return nil
	}
	header.Set("Content-Length", strconv.FormatInt(file.Size, 10))
	_, _ = io.Copy(w, content) // a client that has gone is told nothing
	return nil
}
