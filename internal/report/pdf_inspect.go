package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"vinbot/internal/ticket"
)

// Readers look for the header in the first kilobyte and for the end mark in
// the last one (PDF Reference 1.7, implementation notes 13 and 18).
const (
	headWindow = 1024
	tailWindow = 1024
	// padding is how many zeros and blanks may follow the last kilobyte, as
	// mail gateways and disk images leave them.
	padding = 64 << 10
)

// parserLimits are far above any report, and low enough to give an answer
// before the process hits its own limits.
func parserLimits() model.ResourceLimits {
	limits := model.DefaultResourceLimits()
	limits.MaxStreamBytes = 256 << 20
	limits.MaxDecodeBytes = 64 << 20
	limits.MaxObjectCount = 2_000_000
	limits.MaxXRefEntries = 2_000_000
	return limits
}

// inspect is the check itself. It asks what a viewer needs to show the pages:
// the marks at both ends, the table of objects, every object readable, and a
// page tree that leads to pages with content. It does not hold the PDF against
// the whole standard, since viewers do not: of a thousand real files the
// parser's own validation refused 37 over fonts, notes and attachments that
// no viewer minds.
func inspect(file io.ReadSeeker, size int64, limits model.ResourceLimits) Finding {
	header, err := headerAt(file, size)
	if err != nil {
		return damaged(err)
	}
	if header < 0 {
		return Finding{Reason: ticket.ReasonNotPDF}
	}
	ended, err := hasEndMark(file, size)
	if err != nil {
		return damaged(err)
	}
	if !ended {
		return Finding{Reason: ticket.ReasonDamaged, Detail: "cut off"}
	}
	document, err := readDocument(file, limits)
	if err != nil {
		return refusal(err)
	}
	pages, err := countPages(document.XRefTable)
	if err != nil {
		return damaged(err)
	}
	return Finding{Pages: pages}
}

// headerAt gives the place of %PDF- in the first kilobyte, or -1.
func headerAt(file io.ReadSeeker, size int64) (int, error) {
	head, err := window(file, 0, min(size, headWindow))
	if err != nil {
		return 0, fmt.Errorf("read header: %w", err)
	}
	return bytes.Index(head, []byte("%PDF-")), nil
}

// hasEndMark looks for the mark that a file cut off on its way lacks. The
// parser would mend such a file by leaving out the pages that are gone.
func hasEndMark(file io.ReadSeeker, size int64) (bool, error) {
	length := min(size, tailWindow+padding)
	tail, err := window(file, size-length, length)
	if err != nil {
		return false, fmt.Errorf("read end: %w", err)
	}
	tail = bytes.TrimRight(tail, "\x00\t\n\f\r ")
	tail = tail[max(0, len(tail)-tailWindow):]
	return bytes.Contains(tail, []byte("%%EOF")), nil
}

func window(file io.ReadSeeker, offset, length int64) ([]byte, error) {
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("seek: %w", err)
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(file, b); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return b, nil
}

// readDocument parses the file and decrypts it with the empty user password,
// so that a PDF anyone can open passes, whatever an owner password forbids.
func readDocument(file io.ReadSeeker, limits model.ResourceLimits) (*model.Context, error) {
	// The parser's own default configuration would come with a folder of
	// fonts and certificates in the user's home.
	document, err := pdfcpu.Read(file, &model.Configuration{
		Cmd:            model.VALIDATE,
		Reader15:       true, // object streams
		ValidationMode: model.ValidationRelaxed,
		Offline:        true,
		Limits:         limits,
	})
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	return document, nil
}

// refusal turns an error of the parser into a finding. The error's words stay
// behind: they may quote the document.
func refusal(err error) Finding {
	switch {
	case errors.Is(err, pdfcpu.ErrWrongPassword), errors.Is(err, pdfcpu.ErrUnsupportedEncryptionFeature):
		return Finding{Reason: ticket.ReasonEncrypted}
	case errors.Is(err, filter.ErrDecodeLimitExceeded):
		return unchecked("unpacks to too much")
	default:
		return Finding{Reason: ticket.ReasonDamaged, Detail: "objects unreadable"}
	}
}

func damaged(err error) Finding {
	return Finding{Reason: ticket.ReasonDamaged, Detail: err.Error()}
}
