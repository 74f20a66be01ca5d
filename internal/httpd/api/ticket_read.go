package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/ticket"
)

type listInput struct {
	Status   []string `query:"status" enum:"new,taken,delivering,undelivered,done,rejected,cancelled" nullable:"false" doc:"Only these, with commas between them."`
	Owner    int64    `query:"owner_id" minimum:"1" doc:"Only this owner's."`
	Assignee int64    `query:"assignee_id" nonzero:"true" doc:"Only what this manager has, or had last; none of an admin who hides."`
	VIN      string   `query:"vin" pattern:"^([0-9A-HJ-NPR-Z]{6}|[0-9A-HJ-NPR-Z]{17})$" doc:"Only this VIN's, or those whose last six characters these are."`
	Limit    int      `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
	Cursor   string   `query:"cursor" blank:"true" maxLength:"64" doc:"The page before said it: next."`
}

// TicketPage is a page of a list.
type TicketPage struct {
	Items []Ticket `json:"items" nullable:"false"`
	Next  string   `json:"next" doc:"The cursor of the next page; empty on the last one."`
}

type listOutput struct{ Body TicketPage }

// listTickets lists tickets by number, downwards: what is opened meanwhile moves
// nothing.
func (a *API) listTickets(ctx context.Context, in *listInput) (*listOutput, error) {
	who := callerOf(ctx)
	by := ticket.Selection{Owner: in.Owner, Assignee: in.Assignee, VIN: in.VIN, Limit: in.Limit + 1}
	if who.owner != 0 {
		if in.Assignee != 0 || in.Owner != 0 && in.Owner != who.owner {
			return &listOutput{Body: TicketPage{Items: []Ticket{}}}, nil // nothing of that is theirs
		}
		by.Owner = who.owner
	}
	for _, s := range in.Status {
		if status := ticket.Status(s); !slices.Contains(by.Statuses, status) { // each is a walk of its own
			by.Statuses = append(by.Statuses, status)
		}
	}
	var err error
	if by.Before, err = readCursor(in.Cursor); err != nil {
		return nil, err
	}
	found, err := a.Store.Select(ctx, by)
	if err != nil {
		return nil, err
	}
	page := TicketPage{Items: make([]Ticket, 0, len(found))}
	for i, t := range found {
		if i == in.Limit {
			page.Next = writeCursor(found[i-1].ID)
			break
		}
		page.Items = append(page.Items, who.view(t))
	}
	return &listOutput{Body: page}, nil
}

// writeCursor writes where a page ended, so that nobody takes it for a number to
// calculate with.
func writeCursor(id int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte("before:" + strconv.FormatInt(id, 10)))
}

func readCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	number, ours := strings.CutPrefix(string(text), "before:")
	id, wrong := strconv.ParseInt(number, 10, 64)
	if err != nil || !ours || wrong != nil || id < 1 {
		return 0, errCursor()
	}
	return id, nil
}

func errCursor() error {
	return invalid(FieldFault{Location: "query.cursor", Message: "is none that a page said"})
}

type ticketInput struct {
	ID int64 `path:"id" minimum:"1"`
}

type readInput struct {
	ID    int64  `path:"id" minimum:"1"`
	Known string `header:"If-None-Match" doc:"The ETag that is known: nothing is sent where it is still right."`
}

// seen finds a ticket that exists for the caller.
func (a *API) seen(ctx context.Context, id int64) (ticket.Ticket, error) {
	t, err := a.Store.Ticket(ctx, id)
	if err == nil && !callerOf(ctx).sees(t) {
		return ticket.Ticket{}, notFound()
	}
	return t, err
}

func (a *API) getTicket(ctx context.Context, in *readInput) (*ticketOutput, error) {
	t, err := a.seen(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	said := callerOf(ctx).shows(t)
	if names(strings.ReplaceAll(in.Known, `W/"`, `"`), t) {
		said.Status = http.StatusNotModified
	}
	return said, nil
}

// names reports whether a list of ETags names the present one of a ticket.
func names(header string, t ticket.Ticket) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || tag == etag(t) {
			return true
		}
	}
	return false
}

// Event is a line of a ticket's history.
type Event struct {
	ID        int64     `json:"id"`
	TicketID  int64     `json:"ticket_id"`
	Kind      string    `json:"kind" example:"taken"`
	From      string    `json:"from" doc:"The status before."`
	To        string    `json:"to" doc:"The status after."`
	ActorID   int64     `json:"actor_id,omitempty" doc:"Who did it, where it is the owner, or who has the ticket and does not hide: Telegram's id; of a program, minus the number of its token. Owners are told of themselves only."`
	ReportID  int64     `json:"report_id,omitempty"`
	Detail    string    `json:"detail,omitempty" doc:"A code: the new priority, why it was rejected, how many stars."`
	At        time.Time `json:"at"`
	RequestID string    `json:"request_id,omitempty"`
}

// EventList is the history of a ticket.
type EventList struct {
	Items []Event `json:"items" nullable:"false"`
}

type eventsOutput struct{ Body EventList }

func (a *API) listEvents(ctx context.Context, in *ticketInput) (*eventsOutput, error) {
	t, err := a.seen(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	events, err := a.Store.Events(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	list := EventList{Items: make([]Event, 0, len(events))}
	for _, e := range events {
		if !t.Shows(e.ActorID) {
			e.ActorID = 0
		}
		if who.hears(e) {
			list.Items = append(list.Items, who.viewEvent(e))
		}
	}
	return &eventsOutput{Body: list}, nil
}

// hears reports whether an event is the caller's business: owners are not told
// what managers do among themselves.
func (c caller) hears(e ticket.Event) bool {
	if c.owner == 0 {
		return true
	}
	switch e.Kind {
	case ticket.EventOpened, ticket.EventTaken, ticket.EventReleased, ticket.EventRejected, ticket.EventReopened,
		ticket.EventReportAccepted, ticket.EventDelivered, ticket.EventUndelivered, ticket.EventRedelivery,
		ticket.EventCancelled, ticket.EventRated, ticket.EventSentAgain, ticket.EventAsked, ticket.EventAnswered:
		return true
	default:
		return false
	}
}

func (c caller) viewEvent(e ticket.Event) Event {
	v := Event{
		ID: e.ID, TicketID: e.TicketID, Kind: string(e.Kind), From: string(e.From), To: string(e.To), ActorID: e.ActorID,
		ReportID: e.ReportID, Detail: e.Detail, At: e.At, RequestID: e.RequestID,
	}
	if c.owner != 0 {
		v.RequestID, v.Detail = "", ""
		if e.ActorID != c.owner {
			v.ActorID = 0
		}
	}
	return v
}
