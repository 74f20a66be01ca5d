// Package ticket is the domain: a car owner's request for a vehicle history
// report, from the VIN in a private chat to the delivered PDF. It holds the
// tables of states, the rules of who may change what, and the ports through
// which it is stored and through which the world is told. It knows neither
// Telegram nor SQL.
package ticket

import (
	"slices"
	"time"
)

// Priority orders the queue and scales the deadlines.
type Priority string

// Priorities, lowest first.
const (
	Low    Priority = "low"
	Normal Priority = "normal"
	High   Priority = "high"
	Urgent Priority = "urgent"
)

// Priorities lists the priorities, lowest first.
func Priorities() []Priority { return []Priority{Low, Normal, High, Urgent} }

// Higher lists the priorities that come before this one in the queue.
func (p Priority) Higher() []Priority {
	all := Priorities()
	return all[slices.Index(all, p)+1:]
}

// Ticket is one request of one owner for one car.
type Ticket struct {
	ID       int64
	VIN      string // normalised, 17 characters
	Status   Status
	Priority Priority

	// OwnerID is the Telegram user who asked; it is their private chat's id,
	// too. Zero for tickets that came another way.
	OwnerID int64
	// Fetched says that the owner has no chat with the bot: nothing is sent to
	// them, and the report is done when it is stored and can be fetched.
	Fetched bool
	// Confirmed says that the check digit is wrong and that the owner said
	// that the VIN is right all the same. The card shows it.
	Confirmed bool

	// AssigneeID is the manager who took it, zero while it is New.
	AssigneeID int64
	// AssigneeName is the name shown on the card; empty for an anonymous
	// admin, whom nothing may unmask.
	AssigneeName string
	// Undeliverable says why an Undelivered ticket's report did not arrive:
	// one of the Undelivered… codes.
	Undeliverable string
	// Rejection says why a Rejected ticket was: one of the Reject… codes.
	// RejectionText is what the manager wrote where it is [RejectOther].
	Rejection     string
	RejectionText string
	// RejectedBy is the name of who rejected it, as the card shows it; empty for
	// an anonymous admin.
	RejectedBy string

	// Version grows by one with every change; a write with an old one fails
	// with [CodeConflict].
	Version   int64
	OpenedAt  time.Time
	TakenAt   time.Time // zero while nobody took it
	ClosedAt  time.Time // zero while open
	RequestID string    // of the update that opened it

	DeletedAt time.Time // zero unless it is in the bin
	// ErasedAt is when its personal data were erased; zero while they are kept.
	ErasedAt time.Time
	// Cycle counts how often it entered the queue: by being opened, released or
	// reopened. Each time has deadlines of its own.
	Cycle int
	// BeganAt is when it was opened, or reopened: since then its owner waits.
	BeganAt time.Time
	// QueuedAt is when it entered the queue last.
	QueuedAt time.Time
	// ToTake is the working time that it was in the queue before it was taken
	// last; it says nothing while TakenAt is zero.
	ToTake time.Duration
	// ToDone is the working time from BeganAt to its delivery; it says nothing
	// of a ticket that is not Done.
	ToDone time.Duration
	// Late says that since BeganAt a deadline was missed: it was not taken, or
	// not finished, in the time that its priority allowed.
	Late bool
}

// ErasedVIN stands where an erased ticket's VIN stood. It is none.
const ErasedVIN = "-----------------"

// Deleted reports whether the ticket is in the bin.
func (t Ticket) Deleted() bool { return !t.DeletedAt.IsZero() }

// Erased reports whether the ticket only counts any more: its VIN, its owner
// and its reports are gone, so that nothing can be done about it.
func (t Ticket) Erased() bool { return !t.ErasedAt.IsZero() }

// Shows reports whether who did something to the ticket may be said outside the
// group: its owner, a program, and who has it under their name. Any other may be
// an admin who hides.
func (t Ticket) Shows(actor int64) bool {
	return actor < 0 || actor == t.OwnerID || actor == t.AssigneeID && t.AssigneeName != ""
}

// Why a report could not reach its owner.
const (
	UndeliveredBlocked     = "blocked"     // the owner blocked the bot
	UndeliveredDeactivated = "deactivated" // the owner deleted the account
	UndeliveredNoChat      = "no_chat"     // the chat is not found or was never started
)

// TailLength is how many characters of a VIN's end name a car among others of
// its kind: people read them off a windscreen.
const TailLength = 6

// Why a manager rejects a ticket.
const (
	RejectNoData    = "no_data"    // no source knows the car
	RejectWrongVIN  = "wrong_vin"  // there is no such car
	RejectNotServed = "not_served" // reports on such cars are not made
	RejectDuplicate = "duplicate"  // the owner has the report already
	RejectOther     = "other"      // in the manager's own words
)

// UsualRejections lists the reasons that need no words of the manager's.
func UsualRejections() []string {
	return []string{RejectNoData, RejectWrongVIN, RejectNotServed, RejectDuplicate}
}

// Report is what a manager sent for a ticket: one PDF, or several as an album.
// All of them are its [Report.Files].
type Report struct {
	ID       int64
	TicketID int64
	Status   ReportStatus

	// FileID and what else is said of a file is said of the first one: see
	// [File].
	FileID   string
	UniqueID string
	Size     int64
	// More are the other files, in order.
	More []File

	// Source is the manager's message with the first document: reactions and
	// replies about the report go there.
	Source Place
	// Sender is who sent it.
	SenderID   int64
	SenderName string // empty for an anonymous admin

	// Reason says why it was refused or must be confirmed: a Reason… code.
	Reason string
	// ReasonFile is the number, from 1, of the one of several files that the
	// Reason is about; 0 where it is about all of them.
	ReasonFile int
	// Correction is a report for a ticket that was done already.
	Correction bool

	Unchecked    bool
	NoText       bool
	FoundVIN     string
	SHA256       string
	BlobKey      string
	OwnerMessage int

	ReceivedAt  time.Time
	DeliveredAt time.Time
	RequestID   string
}

// Why a report is refused or must be confirmed.
const (
	ReasonNotPDF     = "not_pdf"
	ReasonDamaged    = "damaged"
	ReasonEncrypted  = "encrypted"
	ReasonTooLarge   = "too_large"
	ReasonNoDocument = "no_document"
	ReasonWithdrawn  = "withdrawn"     // a manager said no when asked
	ReasonFile       = "file_refused"  // Telegram would not send the file
	ReasonClosed     = "ticket_closed" // rejected or cancelled meanwhile
	ReasonOtherVIN   = "other_vin"     // it holds VINs, and not the ticket's: confirm
	ReasonUnchecked  = "unchecked"     // could not be checked: confirm
	ReasonCorrection = "correction"    // the ticket is done: confirm
	ReasonDeleted    = "deleted"       // the ticket was put into the bin meanwhile
	ReasonErased     = "erased"        // the ticket's owner is not known any more
	ReasonTooMany    = "too_many"      // more files than a report may hold
)

// Place is one message in a chat.
type Place struct {
	Chat    int64
	Topic   int // forum topic, 0 for none
	Message int
}

// Card is a message of ours in a managers' group that stands for a ticket:
// the card itself, or another message whose replies mean the ticket; or one
// line of a digest, which stands for several.
type Card struct {
	TicketID int64
	Place    Place
	Kind     CardKind
	// Rendered is the version of the ticket that the message shows.
	Rendered int64
	PostedAt time.Time
}

// CardKind tells the cards, which are kept up to date, from notes.
type CardKind string

// Kinds of messages that stand for a ticket.
const (
	CardMain   CardKind = "card"   // shows the state, is edited
	CardNote   CardKind = "note"   // a reminder or question; only its replies count
	CardDigest CardKind = "digest" // a line of a message that shows several tickets; a reply must say which is meant
)

// Prompt is a message of ours that is answered by a text in reply, or was by a
// button.
type Prompt struct {
	TicketID int64
	Place    Place
	Kind     PromptKind
	AskedAt  time.Time
}

// PromptKind is what the answer to a prompt is taken for.
type PromptKind string

// Kinds of prompts.
const (
	PromptReject PromptKind = "reject" // the reason of a rejection
	PromptVIN    PromptKind = "vin"    // none: a question to an owner which VIN is meant, answered by a button that opened the ticket
)

// Actor is who does something.
type Actor struct {
	ID int64
	// Name as the group may see it; empty for an anonymous admin.
	Name string
}

// Event is one line of a ticket's history. It names people by id only.
type Event struct {
	ID        int64
	TicketID  int64
	Kind      EventKind
	From, To  Status // equal where the event moved nothing
	ActorID   int64  // 0: the program
	ReportID  int64  // 0: none
	Detail    string // a code, never a text of somebody's
	At        time.Time
	RequestID string
	// Took is the working time that ended with it: in the queue, of what took the
	// ticket, and until it was done, of what closed it. It is not stored, but told
	// to who wants to know of events.
	Took time.Duration
}

// EventKind names what happened.
type EventKind string

// What can happen to a ticket.
const (
	EventOpened          EventKind = "opened"
	EventTaken           EventKind = "taken"
	EventAssigned        EventKind = "assigned" // Detail: to whom, by id
	EventReleased        EventKind = "released"
	EventPriority        EventKind = "priority" // Detail: the new one
	EventRejected        EventKind = "rejected" // Detail: a Reject… code
	EventReopened        EventKind = "reopened"
	EventReportReceived  EventKind = "report_received"
	EventReportRefused   EventKind = "report_refused"
	EventReportQuestion  EventKind = "report_question"
	EventReportConfirmed EventKind = "report_confirmed"
	EventReportAccepted  EventKind = "report_accepted"
	EventDelivered       EventKind = "delivered"
	EventUndelivered     EventKind = "undelivered"
	EventRedelivery      EventKind = "redelivery"
	EventFileRefused     EventKind = "file_refused"
	EventWithheld        EventKind = "withheld" // a report is not sent any more, since its owner wants to be forgotten
	EventBanned          EventKind = "banned"   // the owner, by way of this ticket
	EventUnbanned        EventKind = "unbanned"
	EventAsked           EventKind = "asked"    // a manager asked the owner
	EventAnswered        EventKind = "answered" // the owner answered
	EventCancelled       EventKind = "cancelled"
	EventRated           EventKind = "rated"      // Detail is the number of stars
	EventSentAgain       EventKind = "sent_again" // the owner asked for a delivered report once more
	EventDeleted         EventKind = "deleted"    // put into the bin
	EventRestored        EventKind = "restored"   // taken out of it
	EventErased          EventKind = "erased"
	EventOverdue         EventKind = "overdue" // a deadline passed; Detail is the Step
)
