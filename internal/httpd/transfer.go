package httpd

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/ticket"
)

const (
	// TransferTime is how long a report may take to be sent or fetched: much longer
	// than any other request.
	TransferTime = 10 * time.Minute
	// answerTime is how long it may take from there to archive an upload and answer.
	answerTime = 2 * time.Minute
)

// Archive is where reports are kept.
type Archive interface {
	Put(ctx context.Context, key string, r io.Reader, size int64) (sha256 string, err error)
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	Delete(ctx context.Context, key string) error
}

// copier is told of a file before it is stored, so that it is erased should
// nobody come to name it.
type copier interface {
	Copying(ctx context.Context, c ticket.Copy) error
}

// Uploads takes reports in that people and programs send, and hands them out.
type Uploads struct {
	Archive Archive
	Tickets copier
	Spool   string // the folder in which an upload lies until it has come whole
	Max     int64  // bytes of a file
}

// ErrCut says that an upload did not come whole.
var ErrCut = errors.New("the upload did not come whole")

// inTime is a connection's deadline, which is by the machine's clock.
func inTime(d time.Duration) time.Time {
	return time.Now().Add(d) //nolint:forbidigo // whatever the program's clock says
}

// Patient gives a request as long as an upload may take. Where a deadline cannot
// be set, as in a test, the usual one holds. That of the answer runs from the
// request's beginning, too.
func Patient(w http.ResponseWriter) {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(inTime(TransferTime))
	_ = connection.SetWriteDeadline(inTime(TransferTime + answerTime))
}

// Spooled is an upload that has arrived whole, in a file that nobody else sees.
type Spooled struct {
	*os.File

	Size int64
	Sum  string // SHA-256, hex
}

// Remove forgets it.
func (s Spooled) Remove() { _ = s.Close() }

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

// Receive writes down what a client sends. That it does not come whole is the
// client's matter, an [ErrCut] with its cause; that it cannot be written, as on a
// full disk, is ours.
func Receive(into io.Writer, body io.Reader) (int64, error) {
	from := &source{Reader: body}
	size, err := io.Copy(into, from)
	switch {
	case from.err != nil:
		return size, fmt.Errorf("%w: %w", ErrCut, from.err)
	case err != nil:
		return size, ticket.NewError(ticket.CodeUnavailable, "spool an upload", err)
	}
	return size, nil
}

// Take takes an upload in, as it comes. One that is too large is an [ErrCut] by
// an http.MaxBytesError.
func (u Uploads) Take(w http.ResponseWriter, body io.ReadCloser) (Spooled, error) {
	file, err := os.CreateTemp(u.Spool, "upload-*")
	if err != nil {
		return Spooled{}, ticket.NewError(ticket.CodeUnavailable, "make a file for an upload", err)
	}
	_ = os.Remove(file.Name()) // it is there as long as it is open
	sum := sha256.New()
	size, err := Receive(io.MultiWriter(file, sum), http.MaxBytesReader(w, body, u.Max))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		return Spooled{}, err //nolint:wrapcheck // of our own file
	}
	return Spooled{File: file, Size: size, Sum: hex.EncodeToString(sum.Sum(nil))}, nil
}

// Keep puts an upload for a ticket into the archive.
func (u Uploads) Keep(ctx context.Context, id int64, file Spooled) (ticket.KeptFile, error) {
	kept := ticket.KeptFile{
		Key: "reports/" + strconv.FormatInt(id, 10) + "/upload-" + strings.ToLower(rand.Text()) + ".pdf", SHA256: file.Sum,
	}
	if err := u.Tickets.Copying(ctx, ticket.Copy{Ticket: id, Key: kept.Key}); err != nil {
		return ticket.KeptFile{}, err
	}
	if _, err := u.Archive.Put(ctx, kept.Key, file, file.Size); err != nil {
		return ticket.KeptFile{}, ticket.NewError(ticket.CodeUnavailable, "keep an upload", err)
	}
	return kept, nil
}

// Drop erases a kept upload that nobody came to name.
func (u Uploads) Drop(ctx context.Context, kept ticket.KeptFile) error {
	if err := u.Archive.Delete(context.WithoutCancel(ctx), kept.Key); err != nil {
		return fmt.Errorf("erase the copy of an upload that is not needed: %w", err)
	}
	return nil
}

// Handout is a file of a report that somebody fetches.
type Handout struct {
	File ticket.File
	Name string // what it is called where it is saved
	// Inline has a browser show it.
	Inline bool
	At     time.Time // since when it is so
}

// Send sends a file of the archive, or a range of it.
func (u Uploads) Send(w http.ResponseWriter, r *http.Request, h Handout) error {
	content, err := u.Archive.Open(r.Context(), h.File.BlobKey)
	if err != nil {
		return ticket.NewError(ticket.CodeUnavailable, "open a report in the archive", err)
	}
	defer content.Close()
	_ = http.NewResponseController(w).SetWriteDeadline(inTime(TransferTime)) // see Patient
	how := "attachment"
	if h.Inline {
		how = "inline"
	}
	header := w.Header()
	header.Set("Content-Type", "application/pdf")
	header.Set("Content-Disposition", how+`; filename="`+h.Name+`"`)
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", `"`+h.File.SHA256+`"`)
	if seeker, ok := content.(io.ReadSeeker); ok {
		http.ServeContent(w, r, "", h.At, seeker)
		return nil
	}
	header.Set("Content-Length", strconv.FormatInt(h.File.Size, 10))
	_, _ = io.Copy(w, content) // a client that has gone is told nothing
	return nil
}
