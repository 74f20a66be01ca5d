// Command apiclient goes through the whole job by a client that was generated
// from the API's description: it is run by a test, against a bot that runs.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

//go:generate go tool oapi-codegen -generate types,client -package main -o client.gen.go openapi.json

const honda = "1HGCM82633A004352"

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := job(ctx, os.Getenv("API_URL"), os.Getenv("API_TOKEN"), os.Getenv("API_REPORT")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// job checks a VIN, opens a ticket, takes it, sends a report and fetches it
// again; then it opens another, rejects it, reopens it and deletes it.
func job(ctx context.Context, url, token, report string) error {
	c, err := NewClientWithResponses(url, WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}))
	if err != nil {
		return err
	}
	pdf, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	id, err := opened(ctx, c)
	if err != nil {
		return err
	}
	if err := delivered(ctx, c, id, pdf); err != nil {
		return err
	}
	return told(ctx, c, id)
}

// opened opens a ticket for a VIN that was checked, and takes it, as it is
// known.
func opened(ctx context.Context, c *ClientWithResponses) (int64, error) {
	checked, err := c.CheckVINWithResponse(ctx, nil, CheckVINRequest{Input: honda})
	if err != nil || checked.JSON200 == nil || checked.JSON200.Verdict != "ok" {
		return 0, fmt.Errorf("check a VIN: %w", unlike(err, checked))
	}
	key := "order-1"
	made, err := c.OpenTicketWithResponse(ctx, &OpenTicketParams{IdempotencyKey: &key}, OpenTicketRequest{Vin: checked.JSON200.Vin})
	if err != nil || made.JSON201 == nil || made.JSON201.Status != "new" {
		return 0, fmt.Errorf("open a ticket: %w", unlike(err, made))
	}
	again, err := c.OpenTicketWithResponse(ctx, &OpenTicketParams{IdempotencyKey: &key}, OpenTicketRequest{Vin: checked.JSON200.Vin})
	if err != nil || again.JSON201 == nil || again.JSON201.Id != made.JSON201.Id {
		return 0, fmt.Errorf("open it once more: %w", unlike(err, again))
	}
	etag := made.HTTPResponse.Header.Get("ETag")
	taken, err := c.TakeTicketWithResponse(ctx, made.JSON201.Id, &TakeTicketParams{IfMatch: &etag})
	if err != nil || taken.JSON200 == nil || taken.JSON200.Status != "taken" {
		return 0, fmt.Errorf("take it: %w", unlike(err, taken))
	}
	late, err := c.ReleaseTicketWithResponse(ctx, made.JSON201.Id, &ReleaseTicketParams{IfMatch: &etag})
	if err != nil || late.ApplicationproblemJSON412 == nil {
		return 0, fmt.Errorf("release it as it was: %w", unlike(err, late))
	}
	return made.JSON201.Id, nil
}

// delivered sends a report, waits for its outcome and fetches it.
func delivered(ctx context.Context, c *ClientWithResponses, id int64, pdf []byte) error {
	sent, err := c.UploadReportWithBodyWithResponse(ctx, id, nil, "application/pdf", bytes.NewReader(pdf))
	if err != nil || sent.JSON202 == nil {
		return fmt.Errorf("send a report: %w", unlike(err, sent))
	}
	for {
		r, err := c.GetReportWithResponse(ctx, id, sent.JSON202.Id)
		if err != nil || r.JSON200 == nil || r.JSON200.Status == "refused" {
			return fmt.Errorf("what became of the report: %w", unlike(err, r))
		}
		if r.JSON200.Status == "delivered" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	fetched, err := c.DownloadReportWithResponse(ctx, id, nil)
	if err != nil || !bytes.Equal(fetched.Body, pdf) {
		return fmt.Errorf("fetch the report: %w", unlike(err, fetched))
	}
	return nil
}

// told reads what the API tells of what was done.
func told(ctx context.Context, c *ClientWithResponses, id int64) error {
	status := []ListTicketsParamsStatus{"done", "new"}
	list, err := c.ListTicketsWithResponse(ctx, &ListTicketsParams{Status: &status})
	if err != nil || list.JSON200 == nil || len(list.JSON200.Items) != 1 || list.JSON200.Items[0].Id != id {
		return fmt.Errorf("list the tickets: %w", unlike(err, list))
	}
	events, err := c.ListEventsWithResponse(ctx, id)
	if err != nil || events.JSON200 == nil || len(events.JSON200.Items) < 4 {
		return fmt.Errorf("list what happened: %w", unlike(err, events))
	}
	numbers, err := c.GetStatisticsWithResponse(ctx, nil)
	if err != nil || numbers.JSON200 == nil || numbers.JSON200.Total.Done != 1 {
		return fmt.Errorf("count: %w", unlike(err, numbers))
	}
	none, err := c.GetTicketWithResponse(ctx, 999, nil)
	if err != nil || none.ApplicationproblemJSON404 == nil || none.ApplicationproblemJSON404.Code != "not_found" {
		return fmt.Errorf("read a ticket that there is not: %w", unlike(err, none))
	}
	return nil
}

// answer is what every answer of the client has.
type answer interface {
	StatusCode() int
	GetBody() []byte
}

// unlike says what came instead of what was expected.
func unlike(err error, a answer) error {
	if err != nil {
		return err
	}
	return errors.New(http.StatusText(a.StatusCode()) + ": " + string(a.GetBody()))
}
