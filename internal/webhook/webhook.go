// Package webhook tells other systems what happens to tickets: signed HTTP
// posts, after the Standard Webhooks scheme, to endpoints that an operator set
// up. See docs/webhooks.md for what a receiver sees.
//
// The endpoints follow the tickets' history by a feed, which makes
// deliveries of what they want to know. Deliveries are an
// outbox of their own, carried out by an [outbox.Relay] whose lanes are tickets
// and whose chats are endpoints, so that what belongs to a ticket arrives in
// order, and no endpoint waits for another, nor a message of Telegram's for any.
package webhook

import (
	"context"
	"strconv"
	"time"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// Kind is the kind of every delivery, for the relay.
const Kind = "webhook"

// Endpoint is where somebody wants to be told.
type Endpoint struct {
	ID          int64
	URL         string
	Description string
	// Events are the types that it gets; none: all.
	Events []Type
	// Secret signs what it is sent, and so does OldSecret until OldUntil: after
	// a rotation the receiver has time to learn the new one.
	Secret    string
	OldSecret string
	OldUntil  time.Time
	// Active is whether anything is sent. What happens meanwhile is not made up
	// for.
	Active bool
	// Stopped says why the program switched it off: one of the Stopped… codes;
	// empty where it is on, or was switched off by hand.
	Stopped string
	// Seen is the last event that was looked at for it.
	Seen int64
	// FailingSince is since when no delivery succeeds; zero while they do.
	FailingSince time.Time
	// FailedAt is when a delivery failed last, since then.
	FailedAt time.Time
	// PausedUntil is until when it asked to be left alone; zero or past: it does not.
	PausedUntil time.Time
	// Version grows by one with every change that a person makes, and when the
	// program switches it off.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Why the program switches an endpoint off.
const (
	StoppedFailing = "failing" // no delivery succeeded for three days
	StoppedGone    = "gone"    // it answered 410 Gone: it wants no more
)

// State is where a delivery stands.
type State string

// The states of a delivery.
const (
	Waiting State = "waiting" // for its turn, or its next try
	Leased  State = "leased"  // being sent at this moment
	Done    State = "done"    // the endpoint took it
	Dead    State = "dead"    // it was given up; it can be sent again by hand
)

// Delivery is one message to one endpoint.
type Delivery struct {
	ID       int64
	Endpoint int64
	State    State
	// MessageID is the webhook-id, the same however often it is sent.
	MessageID string
	Type      Type
	Ticket    int64 // 0: of a test
	Event     int64 // 0: of a test
	RequestID string
	// Failures counts the tries that failed since it was queued.
	Failures  int
	CreatedAt time.Time
	QueuedAt  time.Time // later than CreatedAt once it was sent again by hand
	NextAt    time.Time // of its next try, while it waits
	EndedAt   time.Time // zero while it is not
	LastError string    // of its last try: one of the Fault… codes, or empty
}

// Attempt is one try at a delivery.
type Attempt struct {
	ID       int64
	Delivery int64
	At       time.Time
	Took     time.Duration
	Status   int    // of HTTP; 0: there was no answer
	Error    string // one of the Fault… codes; empty: it was taken
	Answer   string // the first KB of the answer's body
}

// Page is a part of the list of an endpoint's deliveries, the newest first.
type Page struct {
	Before int64 // ids below it; 0: from the newest on
	Limit  int
	State  State // empty: all
}

// Store keeps endpoints and deliveries. What changes them joins the transaction
// that ctx carries. What does not exist is a [ticket.CodeNotFound] error.
type Store interface {
	Endpoints(ctx context.Context) ([]Endpoint, error)
	Endpoint(ctx context.Context, id int64) (Endpoint, error)
	// InsertEndpoint stores a new one and sets its ID; it has seen all that has
	// happened.
	InsertEndpoint(ctx context.Context, e *Endpoint) error
	// UpdateEndpoint writes what may change of one, of the version that was
	// read: else it is a [ticket.CodeConflict] error. One that is switched on
	// has seen all that happened meanwhile.
	UpdateEndpoint(ctx context.Context, e *Endpoint) error
	// DeleteEndpoint removes one with its deliveries.
	DeleteEndpoint(ctx context.Context, id, version int64) error
	// Event finds one of a ticket that is not in the bin.
	Event(ctx context.Context, id int64) (ticket.Event, error)
	// Advance notes that an endpoint has seen events up to a number, and reports
	// whether it is on and had seen those up to another.
	Advance(ctx context.Context, id, from, to int64) (bool, error)
	// InsertDelivery stores a delivery and has the relay told after the commit.
	InsertDelivery(ctx context.Context, d *Delivery) error
	Delivery(ctx context.Context, id int64) (Delivery, error)
	Deliveries(ctx context.Context, endpoint int64, p Page) ([]Delivery, error)
	// Requeue has a delivery that ended sent again; false where it has not.
	Requeue(ctx context.Context, id int64) (bool, error)
	// DeadBetween lists what an endpoint was sent that was given up within a time,
	// the oldest first, limit at most.
	DeadBetween(ctx context.Context, endpoint int64, from, to time.Time, limit int) ([]int64, error)
	// Succeeded tells when each endpoint took something last, of what is kept:
	// seven days. One that took nothing is not in it.
	Succeeded(ctx context.Context) (map[int64]time.Time, error)
	// GiveUp ends what waits for an endpoint.
	GiveUp(ctx context.Context, endpoint int64, why string) error
	// AddAttempt notes a try. One that failed counts.
	AddAttempt(ctx context.Context, a Attempt) error
	Attempts(ctx context.Context, delivery int64) ([]Attempt, error)
	// NoteFailure notes that a delivery to an endpoint failed at a time. It fails
	// since then, unless another failed within a time before, and none succeeded
	// meanwhile.
	NoteFailure(ctx context.Context, id int64, at time.Time, within time.Duration) error
	// NotePause notes until when an endpoint wants to be left alone.
	NotePause(ctx context.Context, id int64, until time.Time) error
	// NoteSuccess notes that an endpoint takes what it is sent.
	NoteSuccess(ctx context.Context, id int64) error
	// Backlogs tells how much is due at each endpoint that has something due.
	Backlogs(ctx context.Context) ([]Backlog, error)
	// Queue gives the deliveries as the relay takes them.
	Queue() outbox.Store
}

// Backlog is what is due at an endpoint.
type Backlog struct {
	Endpoint int64
	Waiting  int
	Oldest   time.Time // since when it could have been delivered
}

// Lane is the order key of what an endpoint is sent of a ticket.
func Lane(id int64) string { return "ticket:" + strconv.FormatInt(id, 10) }
