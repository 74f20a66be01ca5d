package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

const kindPDF = "application/pdf"

// Report is a report that a manager sent for a ticket.
type Report struct {
	ID          int64      `json:"id"`
	TicketID    int64      `json:"ticket_id"`
	Status      string     `json:"status" enum:"received,checking,refused,needs_confirmation,accepted,delivering,delivered,undelivered" doc:"An upload is checked first; one that needs_confirmation waits for the route confirm."`
	Reason      string     `json:"reason,omitempty" doc:"Why it was refused or must be confirmed; a code." example:"other_vin"`
	Correction  bool       `json:"correction" doc:"The ticket was done already."`
	Files       int        `json:"files" doc:"How many files it has: an album in the managers' group has several."`
	Size        int64      `json:"size" doc:"Of the first file, in bytes."`
	SHA256      string     `json:"sha256,omitempty" doc:"Of the first file, once it is known."`
	ReceivedAt  time.Time  `json:"received_at"`
	DeliveredAt *time.Time `json:"delivered_at,omitempty"`
}

func viewReport(r ticket.Report) Report {
	return Report{
		ID: r.ID, TicketID: r.TicketID, Status: string(r.Status), Reason: r.Reason, Correction: r.Correction, Files: len(r.Files()),
		Size: r.Size, SHA256: r.SHA256, ReceivedAt: r.ReceivedAt, DeliveredAt: moment(r.DeliveredAt),
	}
}

type reportOutput struct {
	Location string `header:"Location"`
	Body     Report
}

func (o *reportOutput) about() int64 { return o.Body.TicketID }

type reportInput struct {
	ID     int64 `path:"id" minimum:"1"`
	Report int64 `path:"report" minimum:"1"`
}

func (a *API) getReport(ctx context.Context, in *reportInput) (*reportOutput, error) {
	r, err := a.Store.Report(ctx, in.Report)
	switch {
	case err != nil:
		return nil, err
	case r.TicketID != in.ID:
		return nil, notFound()
	}
	return &reportOutput{Body: viewReport(r)}, nil
}

type confirmInput struct {
	ID     int64 `path:"id" minimum:"1"`
	Report int64 `path:"report" minimum:"1"`
	Body   struct {
		Send bool `json:"send" doc:"true: send it all the same; false: drop it."`
	}
}

func (a *API) confirmReport(ctx context.Context, in *confirmInput) (*reportOutput, error) {
	if _, err := a.getReport(ctx, &reportInput{ID: in.ID, Report: in.Report}); err != nil {
		return nil, err
	}
	r, err := a.Tickets.ConfirmReport(ctx, in.Report, callerOf(ctx).actor(), in.Body.Send)
	if err != nil {
		return nil, err
	}
	return &reportOutput{Body: viewReport(r)}, nil
}

// aboutReports are the routes of reports.
func (a *API) aboutReports() {
	const tag, all = "Reports", root + "/tickets/{id}/reports"
	addRaw(a, operation{
		ID: "uploadReport", Method: "POST", Path: all, Tag: tag, Summary: "Send a report for a ticket",
		Details: "It is checked as one in the managers' group is, and then goes to the owner. Of a ticket that nobody took it takes the ticket.",
		Scope:   account.ScopeManage, Status: http.StatusAccepted,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge},
	}, a.uploadReport, func(doc *huma.Operation) {
		pdf := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		doc.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{kindPDF: pdf}}
		doc.Responses["202"] = a.success(&route{outer: outerOf(reflect.TypeFor[reportOutput]()), operation: operation{ID: "uploadReport"}}, http.StatusAccepted)
	})
	add(a, operation{
		ID: "getReport", Method: "GET", Path: all + "/{report}", Tag: tag, Summary: "What became of a report",
		Scope: account.ScopeManage, Errors: []int{http.StatusNotFound},
	}, a.getReport)
	add(a, operation{
		ID: "confirmReport", Method: "POST", Path: all + "/{report}/confirm", Tag: tag,
		Summary: "Say whether a report that needs confirmation is to be sent",
		Scope:   account.ScopeManage, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, a.confirmReport)
	a.aboutLinks()
	addRaw(a, operation{
		ID: "downloadReport", Method: "GET", Path: root + "/tickets/{id}/report", Tag: tag,
		Summary: "Fetch the report that was delivered last", Scope: account.ScopeReportsRead, Owners: true,
		Errors: []int{http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable, http.StatusServiceUnavailable},
	}, a.downloadReport, func(doc *huma.Operation) {
		pdf := map[string]*huma.MediaType{kindPDF: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
		doc.Responses["200"] = &huma.Response{Description: "The file", Content: pdf}
		doc.Responses["206"] = &huma.Response{Description: "A range of it", Content: pdf}
		doc.Responses["304"] = &huma.Response{Description: "The file is known"}
		doc.Responses["416"] = &huma.Response{Description: "There is no such range"}
	})
}
