package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// links gives URLs by which files in the archive can be fetched from where they
// are, for a short time. A file that is not there yet has none.
type links interface {
	Link(ctx context.Context, key, name string) (url string, until time.Time, err error)
}

// ReportLink is where a report can be fetched without a token.
type ReportLink struct {
	URL       string    `json:"url" doc:"Fetch it without the header Authorization. Whoever has it can, so keep it to yourself."`
	ExpiresAt time.Time `json:"expires_at"`
	FileName  string    `json:"file_name" example:"report-1.pdf"`
	SHA256    string    `json:"sha256,omitempty"`
}

type reportLinkOutput struct{ Body ReportLink }

// linkReport gives a link to what downloadReport sends.
func (a *API) linkReport(ctx context.Context, in *downloadInput) (*reportLinkOutput, error) {
	file, _, err := a.fetched(ctx, in)
	switch {
	case err != nil:
		return nil, err
	case a.Links == nil:
		return nil, conflict("this server keeps reports where no link leads: fetch the report itself")
	}
	name := fileName(in.ID)
	url, until, err := a.Links.Link(ctx, file.BlobKey, name)
	if err != nil {
		return nil, ticket.NewError(ticket.CodeUnavailable, "make a link to a report", err)
	}
	return &reportLinkOutput{Body: ReportLink{URL: url, ExpiresAt: until.UTC(), FileName: name, SHA256: file.SHA256}}, nil
}

// fetched finds the file that a request is about, in the archive.
func (a *API) fetched(ctx context.Context, in *downloadInput) (ticket.File, ticket.Report, error) {
	none := ticket.File{}
	if _, err := a.seen(ctx, in.ID); err != nil {
		return none, ticket.Report{}, err
	}
	report, err := a.fetchable(ctx, in.ID)
	if err != nil {
		return none, report, err
	}
	file, ok := report.File(in.File)
	switch {
	case !ok || file.FileID == "": // erased
		return none, report, notFound()
	case file.BlobKey == "":
		p := problem(http.StatusServiceUnavailable, string(ticket.CodeUnavailable), "the report is not in the archive yet")
		p.after = time.Second
		return none, report, p
	}
	return file, report, nil
}

// fileName is what a fetched report is called.
func fileName(id int64) string { return "report-" + strconv.FormatInt(id, 10) + ".pdf" }

// aboutLinks is the route of links.
func (a *API) aboutLinks() {
	add(a, operation{
		ID: "linkReport", Method: "GET", Path: root + "/tickets/{id}/report/link", Tag: "Reports",
		Summary: "A link to the report, good for five minutes",
		Details: "For a server that keeps reports in S3: the file then comes from there. 409 says that this one does not.",
		Scope:   account.ScopeReportsRead, Owners: true,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}, a.linkReport)
}
