package panel

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// sent is a report as the page shows it.
type sent struct {
	ticket.Report

	Who   string
	Why   string
	Parts []part
}

// part is one of a report's files.
type part struct {
	ticket.File

	Number int
	Kept   bool // it can be looked at
	Size   string
}

// Asks reports whether it waits for an answer.
func (s sent) Asks() bool { return s.Status == ticket.ReportNeedsConfirmation }

// reportsOf lists a ticket's reports, the newest first.
func (v *visit) reportsOf(t ticket.Ticket) ([]sent, error) {
	reports, err := v.Store.Reports(v.ctx(), t.ID, dossierSize)
	if err != nil {
		return nil, err
	}
	all := make([]sent, len(reports))
	for i, r := range reports {
		s := sent{Report: r}
		if s.Who, err = v.doer(t, r.SenderID, map[int64]string{r.SenderID: r.SenderName}); err != nil {
			return nil, err
		}
		if r.Reason != "" {
			if s.Why, err = v.word("why.", r.Reason); err != nil {
				return nil, err
			}
		}
		for n, f := range r.Files() {
			kept := f.BlobKey != "" && f.FileID != "" && r.Status != ticket.ReportRefused
			s.Parts = append(s.Parts, part{File: f, Number: n + 1, Kept: kept, Size: megabytes(f.Size)})
		}
		all[i] = s
	}
	return all, nil
}

// megabytes says how large a file is, as exactly as people want to know.
func megabytes(size int64) string {
	if size < 100<<10 {
		return "< 0.1"
	}
	return strconv.FormatFloat(float64(size)/(1<<20), 'f', 1, 64)
}

// uploadReport takes a report in that somebody uploads: one file, or several as
// one report. From there on it goes as one that was sent in the group.
func (v *visit) uploadReport() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	if _, err := v.Store.Ticket(v.ctx(), id); err != nil {
		return err
	}
	httpd.Patient(v.w)
	kept, sizes, err := v.takeFiles(id)
	received := false
	defer func() {
		if received {
			return
		}
		for _, k := range kept { // nobody will ask for these copies
			if err := v.Uploads.Drop(v.ctx(), k); err != nil {
				v.Log.Warn().Err(err).Str("request_id", httpd.RequestID(v.ctx())).Msg("an upload that is not needed was not erased")
			}
		}
	}()
	if err != nil {
		return err
	}
	in := ticket.Incoming{Ticket: id, FileID: ticket.StoredFile, Size: sizes[0], Kept: kept[0], By: v.actor()}
	for i, k := range kept[1:] {
		in.More = append(in.More, ticket.File{FileID: ticket.StoredFile, Size: sizes[i+1], BlobKey: k.Key, SHA256: k.SHA256})
	}
	deed := account.Deed{Action: "ticket.report", Ticket: id, Details: map[string]string{"files": strconv.Itoa(len(kept))}}
	err = v.did(deed, func(ctx context.Context) error {
		_, err := v.Tickets.ReceiveReport(ctx, in)
		return err
	})
	// Where it is not known whether it was committed, the copies may be needed.
	received = err == nil || ticket.CodeOf(err) == ticket.CodeInternal || ticket.CodeOf(err) == ticket.CodeUnavailable
	if err != nil {
		return v.conflictAbout(id, err)
	}
	if err := v.say("upload.received", "Count", len(kept)); err != nil {
		return err
	}
	return v.answerAbout(http.StatusOK, id)
}

// takeFiles puts the files of a form into the archive.
func (v *visit) takeFiles(id int64) (kept []ticket.KeptFile, sizes []int64, err error) {
	form, err := v.r.MultipartReader()
	if err != nil {
		return nil, nil, v.refuse(http.StatusUnprocessableEntity, "upload.none")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return kept, sizes, v.refuse(http.StatusBadRequest, "upload.cut")
		}
		if part.FileName() == "" {
			continue
		}
		if len(kept) == ticket.MaxFiles {
			return kept, sizes, v.refuse(http.StatusUnprocessableEntity, "upload.too_many", "Count", ticket.MaxFiles)
		}
		k, size, err := v.takeFile(id, part)
		if err != nil {
			return kept, sizes, err
		}
		kept, sizes = append(kept, k), append(sizes, size)
	}
	if len(kept) == 0 {
		return nil, nil, v.refuse(http.StatusUnprocessableEntity, "upload.none")
	}
	return kept, sizes, nil
}

// takeFile puts one file into the archive.
func (v *visit) takeFile(id int64, body io.ReadCloser) (ticket.KeptFile, int64, error) {
	file, err := v.Uploads.Take(v.w, body)
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			err = v.refuse(http.StatusRequestEntityTooLarge, "upload.too_large", "Count", v.Uploads.Max>>20)
		} else if errors.Is(err, httpd.ErrCut) {
			err = v.refuse(http.StatusBadRequest, "upload.cut")
		}
		return ticket.KeptFile{}, 0, err
	}
	defer file.Remove()
	kept, err := v.Uploads.Keep(v.ctx(), id, file)
	return kept, file.Size, err
}

// confirmReport answers whether a report is to be sent all the same.
func (v *visit) confirmReport() error {
	id, found, err := v.reportNamed()
	if err != nil {
		return err
	}
	send := v.r.PostFormValue("send") == "yes"
	deed := account.Deed{
		Action: "report.confirm", Ticket: id, Target: "report:" + number(found.ID), Details: map[string]string{"send": strconv.FormatBool(send)},
	}
	err = v.did(deed, func(ctx context.Context) error {
		_, err := v.Tickets.ConfirmReport(ctx, found.ID, v.actor(), send)
		if ticket.CodeOf(err) == ticket.CodeConflict {
			return v.refuse(http.StatusConflict, "report.answered")
		}
		return err
	})
	if err != nil {
		return v.conflictAbout(id, err)
	}
	said := "report.dropped"
	if send {
		said = "report.confirmed"
	}
	if err := v.say(said); err != nil {
		return err
	}
	return v.answerAbout(http.StatusOK, id)
}

// reportNamed finds the report that the path names.
func (v *visit) reportNamed() (id int64, r ticket.Report, err error) {
	if id, err = v.number("id"); err != nil {
		return 0, r, err
	}
	report, err := v.number("report")
	if err != nil {
		return 0, r, err
	}
	if r, err = v.Store.Report(v.ctx(), report); err == nil && r.TicketID != id {
		err = v.refuse(http.StatusNotFound, "error.not_found")
	}
	return id, r, err
}

// documentPolicy is what a PDF may do that a browser shows: nothing. It is of an
// origin of its own. It does not bind the scripts in a PDF: see quiet.
const documentPolicy = "sandbox; default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

// sendReport sends a file of a report, to be looked at or to be kept.
func (v *visit) sendReport() error {
	id, r, err := v.reportNamed()
	if err != nil {
		return err
	}
	at, err := v.number("file")
	if err != nil {
		return err
	}
	file, ok := r.File(int(at))
	if !ok || file.BlobKey == "" || file.FileID == "" || r.Status == ticket.ReportRefused {
		return v.refuse(http.StatusNotFound, "report.not_kept")
	}
	name := "report-" + number(id)
	if len(r.More) > 0 {
		name += "-" + number(at)
	}
	inline := v.r.URL.Query().Get("download") == ""
	if inline {
		if inline, err = v.quiet(file); err != nil {
			return err
		}
	}
	v.w.Header().Set("Content-Security-Policy", documentPolicy)
	return v.Uploads.Send(v.w, v.r, httpd.Handout{
		File: file, Name: name + ".pdf", Inline: inline, At: r.DeliveredAt,
	})
}
