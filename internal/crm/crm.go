// Package crm keeps a company's CRM up to date: each ticket is a deal there, its
// owner a contact. See docs/crm.md for what somebody who works there sees.
//
// The tickets' history is followed by a feed, which puts a job into a queue for
// each ticket that something happened to; a relay carries the jobs out, one at a
// time, so that a ticket's go in order and no contact is made twice. A job does
// not say what to do: it brings the deal to where its ticket is by then, however
// much happened meanwhile. What the CRM is called there is stored; before
// anything is made it is searched by a key of ours.
//
// [CRM] is all that is asked of a vendor's system: another one is another file.
package crm

import (
	"context"
	"time"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// Kind is the kind of every job, for the relay.
const Kind = "crm"

// system is the CRM's number, for the gate: there is but one.
const system = 1

// CRM is a vendor's system. Whatever fails is a [FaultError], but for what ends with
// ctx.
type CRM interface {
	// Account names the account, without a secret: what is known by its ids is
	// forgotten when it is another one.
	Account() string
	// Check makes sure that the system takes the token and has the stages. What
	// the account lacks is made by the first deal, not here.
	Check(ctx context.Context, stages []string) error
	// FindDeal finds the deal with a key of ours; empty: there is none.
	FindDeal(ctx context.Context, key string) (id string, err error)
	// SaveDeal writes a deal, or makes one where id is empty, and gives its id.
	// One that people deleted there is a fault of the kind [Gone]. One that they
	// moved where its stage is not to be had keeps theirs: all else is written,
	// and [ErrElsewhere] says so.
	SaveDeal(ctx context.Context, id string, d Deal) (string, error)
	// There gives those of some deals that people did not delete there; it is
	// asked about dealsAtOnce at most.
	There(ctx context.Context, deals []string) ([]string, error)
	// FindContact and SaveContact are the same for contacts, whose key is the
	// Telegram id.
	FindContact(ctx context.Context, key string) (id string, err error)
	SaveContact(ctx context.Context, id string, c Contact) (string, error)
	// Comment adds a comment to a deal; Comments gives the newest 50, the newest
	// first.
	Comment(ctx context.Context, deal, text string) error
	Comments(ctx context.Context, deal string) ([]string, error)
	// Close lets go of connections.
	Close()
}

// Deal is a ticket as the CRM shows it. An empty text empties the field.
type Deal struct {
	Key      string // ours, by which it is found again
	Title    string
	Stage    string // empty: it stays where it is
	Contact  string // the id of the owner's, of one that is made; empty: none
	VIN      string
	Car      string // as it was decoded
	Priority string
	Ticket   string // a link to it
	Report   string // a link to it; empty until it was delivered
	// Erased says that the deal may name nobody any more: contacts are taken off.
	Erased bool
}

// Contact is an owner as the CRM shows them.
type Contact struct {
	Key      string // the Telegram id; empty: nobody any more
	Name     string
	Username string // with @; empty for none
}

// Link is what is known of a ticket's deal, or of an owner's contact.
type Link struct {
	ID string // the CRM's; empty while none is known
	// TriedAt is when it was tried to make one.
	TriedAt time.Time
	// Sent is a digest of what was written last.
	Sent string
	// Status is the ticket's when the deal's stage was set last. Of a deal, as
	// the rest.
	Status ticket.Status
	// Told is the last event that a comment told of.
	Told int64
	// Elsewhere says that people moved the deal to another pipeline, so that its
	// stage stayed as they set it when the ticket's changed last.
	Elsewhere bool
	// Gone says that people deleted the deal: no other is made but by [Sync].
	Gone bool
}

// What a job is about.
const (
	jobTicket  = "ticket"  // the deal is brought to where its ticket is
	jobDeal    = "deal"    // the deal of a ticket that was erased is cleaned
	jobContact = "contact" // the contact of an owner who was forgotten is
)

// Job is a job.
type Job struct {
	ID     int64
	What   string
	Ticket int64
	// Subject is the number of a ticket that was erased, or the Telegram id of an
	// owner who was forgotten; External is the CRM's id, where it is known.
	Subject  int64
	External string
	// Status is the ticket's when it was erased.
	Status    ticket.Status
	CreatedAt time.Time
}

// State is how the CRM behaves.
type State struct {
	// Seen is the last event that was looked at.
	Seen int64
	// RefusedAt is since when it takes the token no more, Reason why: one of the
	// Refused… codes. Zero while it does.
	RefusedAt time.Time
	Reason    string
}

// Gap is how far a ticket's deal is.
type Gap struct {
	Ticket int64
	Link   Link
	Last   int64 // its last event
	Queued bool  // a job of it waits already
}

// Store keeps what is known of the CRM. What changes it joins the transaction
// that ctx carries.
type Store interface {
	// Begin notes which account is kept up to date. Where it is another than
	// before, or the first, what was known by ids is forgotten, and all that
	// happened so far is taken as seen.
	Begin(ctx context.Context, account string) error
	State(ctx context.Context) (State, error)
	// Advance notes that events were looked at up to a number, and reports
	// whether those up to another were before.
	Advance(ctx context.Context, from, to int64) (bool, error)
	// Ask queues a job for a ticket, unless one waits.
	Ask(ctx context.Context, ticket int64, requestID string) error
	// Again queues one, too, and forgets that the deal was deleted: that is known,
	// or found out now.
	Again(ctx context.Context, ticket int64, deleted bool) error
	Job(ctx context.Context, id int64) (Job, error)
	// Done forgets whom a job was about, and what was given up of its ticket
	// before: that is done with it.
	Done(ctx context.Context, job int64) error
	// Deal and Contact give what is known of a ticket's deal and an owner's
	// contact; nothing known is no error.
	Deal(ctx context.Context, ticket int64) (Link, error)
	Contact(ctx context.Context, owner int64) (Link, error)
	// SaveDeal and SaveContact store it, unless the ticket was erased meanwhile:
	// then they report false. The contact is that of the ticket's owner.
	SaveDeal(ctx context.Context, ticket int64, l Link) (bool, error)
	SaveContact(ctx context.Context, ticket, owner int64, l Link) (bool, error)
	// Refused notes since when and why the CRM refuses us, and reports whether
	// somebody is to be told: it took us before, and nobody was within a time.
	Refused(ctx context.Context, at time.Time, reason string, within time.Duration) (bool, error)
	// Elsewhere notes that somebody is told of a deal in another pipeline, and
	// reports whether nobody was within a time.
	Elsewhere(ctx context.Context, at time.Time, within time.Duration) (bool, error)
	// Accepted notes that it takes us.
	Accepted(ctx context.Context) error
	// Gaps tells of the tickets opened since a time, after an id, by id, limit at
	// most: none that is in the bin or erased.
	Gaps(ctx context.Context, since time.Time, after int64, limit int) ([]Gap, error)
	// Queue gives the jobs as the relay takes them.
	Queue() outbox.Store
}

// Lane is the order key of the jobs of a ticket.
func Lane(id int64) string { return ticket.Lane(id) }

// NewGate makes the gate of the jobs' relay.
func NewGate() *outbox.Slots { return outbox.NewSlots(1) }

// Head is what the relay plans a job by.
func (j Job) Head(runAt time.Time) outbox.Head {
	h := outbox.Head{ID: j.ID, Kind: Kind, Chat: system, Lane: "contact", RunAt: runAt}
	switch j.What {
	case jobTicket:
		h.Lane = Lane(j.Ticket)
	case jobDeal:
		h.Lane = Lane(j.Subject)
	}
	return h
}
