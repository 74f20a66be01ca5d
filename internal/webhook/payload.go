package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"vinbot/internal/ticket"
)

// body is a message as its receiver reads it.
type body struct {
	Type      Type      `json:"type"`
	Timestamp time.Time `json:"timestamp"` // of what it tells of, not of its sending
	Data      any       `json:"data"`
}

// news is the data of a message about a ticket: what happened, and the ticket
// as it is when the message is sent. Its version tells a receiver which of two
// messages knows it better.
type news struct {
	Event  change `json:"event"`
	Ticket any    `json:"ticket"`
	Stars  int    `json:"stars,omitempty"` // of a rating
}

// change is a line of the ticket's history. It does not say who did it: that
// would unmask admins who act anonymously. Who has the ticket, and wants to be
// known, stands there.
type change struct {
	ID     int64         `json:"id"`
	From   ticket.Status `json:"from"`
	To     ticket.Status `json:"to"`
	Reason string        `json:"reason,omitempty"` // a code: why it was rejected, or not delivered
	Report int64         `json:"report_id,omitempty"`
}

// trial is the data of a test.
type trial struct {
	WebhookID int64 `json:"webhook_id"`
}

// bodyOf makes what is said by a delivery. A ticket in the bin, or that is gone,
// is a [ticket.CodeNotFound] error.
func (s *Sender) bodyOf(ctx context.Context, d Delivery) ([]byte, error) {
	b := body{Type: d.Type, Timestamp: d.CreatedAt, Data: trial{WebhookID: d.Endpoint}}
	if d.Event != 0 {
		e, err := s.Store.Event(ctx, d.Event)
		if err != nil {
			return nil, err
		}
		t, err := s.Tickets.Ticket(ctx, d.Ticket)
		if err != nil {
			return nil, err
		}
		b.Timestamp, b.Data = e.At, newsOf(d.Type, e, s.Show(t))
	}
	text, err := json.Marshal(b)
	if err != nil { // its text may quote a value
		return nil, fmt.Errorf("write a webhook's body: its data (%T) are no JSON", b.Data)
	}
	return text, nil
}

func newsOf(t Type, e ticket.Event, shown any) news {
	n := news{Ticket: shown, Event: change{ID: e.ID, From: e.From, To: e.To, Report: e.ReportID}}
	switch t {
	case TicketCreated:
		n.Event.From = "" // it was nothing before
	case TicketRejected, TicketUndelivered:
		n.Event.Reason = e.Detail
	case RatingGiven:
		n.Stars, _ = strconv.Atoi(e.Detail) // the domain wrote a number
	case ReportAccepted, TicketTaken, TicketReleased, TicketCancelled, TicketDone, TicketReopened, Test:
	}
	return n
}
