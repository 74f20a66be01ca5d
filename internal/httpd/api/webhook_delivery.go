package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"vinbot/internal/webhook"
)

func (a *API) aboutDeliveries(op func(id, method, path, summary string, errors ...int) operation, one string) {
	try := op("testWebhook", http.MethodPost, one+"/test", "Send a test, whatever the webhook is told", http.StatusNotFound, http.StatusConflict)
	try.Status = http.StatusAccepted
	add(a, try, a.testWebhook)
	add(a, op("listDeliveries", http.MethodGet, one+"/deliveries", "What a webhook was sent, the newest first", http.StatusNotFound), a.listDeliveries)
	add(a, op("getDelivery", http.MethodGet, one+"/deliveries/{delivery}", "A delivery with every try at it", http.StatusNotFound), a.getDelivery)
	again := op("redeliver", http.MethodPost, one+"/deliveries/{delivery}/redeliver", "Send a delivery that ended once more, as the same message",
		http.StatusNotFound, http.StatusConflict)
	again.Status = http.StatusAccepted
	add(a, again, a.redeliver)
}

// Delivery is one message to one webhook.
type Delivery struct {
	ID        int64      `json:"id"`
	MessageID string     `json:"message_id" doc:"The webhook-id, the same however often it is sent."`
	Type      string     `json:"type" example:"ticket.done"`
	State     string     `json:"state" enum:"waiting,sending,delivered,dead"`
	TicketID  int64      `json:"ticket_id,omitempty" doc:"None of a test."`
	EventID   int64      `json:"event_id,omitempty" doc:"None of a test."`
	RequestID string     `json:"request_id"`
	Failures  int        `json:"failures" doc:"Tries that failed since it was queued."`
	LastError string     `json:"last_error,omitempty" doc:"Why the last try failed: a code."`
	CreatedAt time.Time  `json:"created_at"`
	QueuedAt  time.Time  `json:"queued_at" doc:"Later than created_at once it was sent again by hand."`
	NextAt    *time.Time `json:"next_at,omitempty" doc:"Of the next try, while it waits."`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Attempts  []Attempt  `json:"attempts,omitempty" doc:"Only where one delivery is asked for."`
}

// Attempt is one try at a delivery.
type Attempt struct {
	At     time.Time `json:"at"`
	Millis int64     `json:"milliseconds" doc:"How long it took."`
	Status int       `json:"status,omitempty" doc:"Of HTTP; none where there was no answer."`
	Error  string    `json:"error,omitempty" enum:"timeout,unknown_host,refused_host,no_connection,tls,redirect,status,gone" doc:"Why it failed."`
	Answer string    `json:"answer,omitempty" doc:"The first KB of what was answered."`
}

func viewDelivery(d webhook.Delivery) Delivery {
	state := map[webhook.State]string{
		webhook.Waiting: "waiting", webhook.Leased: "sending", webhook.Done: "delivered", webhook.Dead: "dead",
	}[d.State]
	return Delivery{
		ID: d.ID, MessageID: d.MessageID, Type: string(d.Type), State: state, TicketID: d.Ticket, EventID: d.Event,
		RequestID: d.RequestID, Failures: d.Failures, LastError: d.LastError, CreatedAt: d.CreatedAt, QueuedAt: d.QueuedAt,
		NextAt: moment(d.NextAt), EndedAt: moment(d.EndedAt),
	}
}

type deliveryOutput struct{ Body Delivery }

func (a *API) testWebhook(ctx context.Context, in *webhookInput) (*deliveryOutput, error) {
	d, err := a.Webhooks.Try(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &deliveryOutput{Body: viewDelivery(d)}, nil
}

type deliveriesInput struct {
	ID     int64  `path:"id" minimum:"1"`
	State  string `query:"state" enum:"waiting,sending,delivered,dead" doc:"Only those; none: all."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
	Cursor string `query:"cursor" blank:"true" pattern:"^[0-9]{1,18}$" doc:"The page before said it: next."`
}

type deliveriesOutput struct {
	Body struct {
		Items []Delivery `json:"items" nullable:"false"`
		Next  string     `json:"next,omitempty" doc:"The cursor of the next page; none: there is none."`
	}
}

func (a *API) listDeliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	p := webhook.Page{Limit: in.Limit + 1, State: map[string]webhook.State{
		"waiting": webhook.Waiting, "sending": webhook.Leased, "delivered": webhook.Done, "dead": webhook.Dead,
	}[in.State]}
	if in.Cursor != "" {
		p.Before, _ = strconv.ParseInt(in.Cursor, 10, 64) // its pattern is a number that fits
	}
	found, err := a.Webhooks.Deliveries(ctx, in.ID, p)
	if err != nil {
		return nil, err
	}
	said := &deliveriesOutput{}
	said.Body.Items = make([]Delivery, 0, len(found))
	for i, d := range found {
		if i == in.Limit {
			said.Body.Next = strconv.FormatInt(found[i-1].ID, 10)
			break
		}
		said.Body.Items = append(said.Body.Items, viewDelivery(d))
	}
	return said, nil
}

type deliveryInput struct {
	ID       int64 `path:"id" minimum:"1"`
	Delivery int64 `path:"delivery" minimum:"1"`
}

func (a *API) getDelivery(ctx context.Context, in *deliveryInput) (*deliveryOutput, error) {
	d, tries, err := a.Webhooks.Delivery(ctx, in.ID, in.Delivery)
	if err != nil {
		return nil, err
	}
	said := &deliveryOutput{Body: viewDelivery(d)}
	for _, t := range tries {
		said.Body.Attempts = append(said.Body.Attempts, Attempt{
			At: t.At, Millis: t.Took.Milliseconds(), Status: t.Status, Error: t.Error, Answer: t.Answer,
		})
	}
	return said, nil
}

func (a *API) redeliver(ctx context.Context, in *deliveryInput) (*deliveryOutput, error) {
	d, err := a.Webhooks.Redeliver(ctx, in.ID, in.Delivery)
	if err != nil {
		return nil, err
	}
	return &deliveryOutput{Body: viewDelivery(d)}, nil
}
