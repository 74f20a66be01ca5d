package ticket

import (
	"context"
	"time"
)

// Store is where tickets live. Do runs fn in one transaction: everything that
// fn writes and enqueues is committed together, or not at all. The ctx that fn
// is given carries the transaction; Do with that ctx joins it, so that one
// update is one unit of work. An error from fn undoes what fn did; whoever
// called the inner Do decides whether the rest goes on.
//
// Within is Do for what nobody goes on after: in a transaction that ctx carries
// an error from fn is the end of that whole unit of work, whoever is told of it.
// What can be undone by itself costs two statements more.
type Store interface {
	Do(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	Within(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	Reader
}

// Reader answers questions. Within a transaction's ctx it sees that
// transaction, elsewhere the last commit, from a pool of readers.
// What does not exist is a [CodeNotFound] error, and so is a deleted ticket,
// with all that belongs to it, but for DeletedTicket and Bin.
type Reader interface {
	Ticket(ctx context.Context, id int64) (Ticket, error)
	// OpenTicket finds the open ticket of an owner for a VIN.
	OpenTicket(ctx context.Context, owner int64, vin string) (Ticket, error)
	// TicketsOf lists an owner's tickets in the given statuses, oldest first.
	TicketsOf(ctx context.Context, owner int64, in ...Status) ([]Ticket, error)
	// OpenTickets lists the open tickets after an id, by id, limit at most.
	OpenTickets(ctx context.Context, after int64, limit int) ([]Ticket, error)
	// CardAt finds what ticket a message of a group stands for: a card, or
	// the source message of a report. Of a [CardDigest], which stands for
	// several, the TicketID is 0.
	CardAt(ctx context.Context, chat int64, message int) (Card, error)
	// Digest lists what a digest shows, by ticket; nothing for any other message.
	Digest(ctx context.Context, chat int64, message int) ([]Card, error)
	// Cards lists the ticket's cards in every chat, oldest first.
	Cards(ctx context.Context, ticket int64) ([]Card, error)
	Report(ctx context.Context, id int64) (Report, error)
	// ReportAt finds the newest report that came with a message.
	ReportAt(ctx context.Context, chat int64, message int) (Report, error)
	// LiveReport finds the ticket's one live report.
	LiveReport(ctx context.Context, ticket int64) (Report, error)
	// WaitingReport finds the ticket's oldest report in [ReportReceived].
	WaitingReport(ctx context.Context, ticket int64) (Report, error)
	// UndeliveredReports lists the reports that wait for their owner's return,
	// oldest first.
	UndeliveredReports(ctx context.Context, owner int64) ([]Report, error)
	// LastReport finds the ticket's newest delivered report.
	LastReport(ctx context.Context, ticket int64) (Report, error)
	Events(ctx context.Context, ticket int64) ([]Event, error)
	// Ahead counts the tickets of the queue that are worked off before one
	// that is in it: those of a higher priority, then the older ones.
	Ahead(ctx context.Context, t Ticket) (int, error)
	// Demand tells how much an owner has asked for.
	Demand(ctx context.Context, owner int64, nth int) (Demand, error)
	// DoneOf lists an owner's tickets that are done, newest first, limit at
	// most after offset, and counts all of them.
	DoneOf(ctx context.Context, owner int64, offset, limit int) (page []Ticket, total int, err error)
	// DoneSince lists the tickets that were done last, newest first, limit at
	// most and none closed before a time.
	DoneSince(ctx context.Context, since time.Time, limit int) ([]Ticket, error)
	// Rating finds what the owner thinks of a ticket.
	Rating(ctx context.Context, ticket int64) (Rating, error)
	// Queue lists the tickets that nobody has taken, by priority, then by age,
	// limit at most after offset, and counts all of them.
	Queue(ctx context.Context, offset, limit int) (page []Ticket, total int, err error)
	// InHand lists the open tickets that a manager has, the oldest first, limit
	// at most.
	InHand(ctx context.Context, manager int64, limit int) ([]Ticket, error)
	// CountInHand counts them all.
	CountInHand(ctx context.Context, manager int64) (int, error)
	// Find lists the tickets for a VIN, or for the last [TailLength] characters
	// of one, whatever became of them, the newest first, limit at most.
	Find(ctx context.Context, vin string, limit int) ([]Ticket, error)
	// CountFound counts them all.
	CountFound(ctx context.Context, vin string) (int, error)
	// Reusable finds the newest report that was delivered for a VIN since a
	// time, of a ticket that is still done.
	Reusable(ctx context.Context, vin string, since time.Time) (Report, error)
	// PromptAt finds the prompt that a message of ours is.
	PromptAt(ctx context.Context, chat int64, message int) (Prompt, error)
	// DeletedTicket finds a ticket in the bin.
	DeletedTicket(ctx context.Context, id int64) (Ticket, error)
	// Bin lists the deleted tickets behind a place in that list, the last
	// deleted first, limit at most.
	Bin(ctx context.Context, after BinPlace, limit int) ([]Ticket, error)
}

// Demand is how much an owner has asked for.
type Demand struct {
	Open int // tickets
	// Nth is when the nth newest of all their tickets was opened, whatever became
	// of it; the zero time where there are not so many.
	Nth time.Time
}

// BinPlace is a place in the list of deleted tickets; the zero one is before
// the first.
type BinPlace struct {
	DeletedAt time.Time
	ID        int64
}

// Expired are tickets whose time is over.
type Expired struct {
	Erase []Ticket
	Purge []int64
}

// Tx is a transaction. All its times are the same Now, fixed at its start.
type Tx interface {
	Reader
	Now() time.Time
	// After has fn run once the transaction is committed, and never where it is
	// not: what is counted in a transaction itself is counted again when that is
	// tried again. It must not block, nor call the store.
	After(fn func())
	// Insert stores a new ticket and sets its ID and Version. Where its owner has
	// an open one for the VIN it is a [CodeConflict] error, and nothing is stored.
	Insert(ctx context.Context, t *Ticket) error
	// Update writes the ticket if its Version is still the stored one, and
	// increments it; otherwise it is a [CodeConflict] error.
	Update(ctx context.Context, t *Ticket) error
	// Take sets the assignee of a ticket that is still New, in one
	// conditional statement, notes how long it waited (ToTake, Late), and reports
	// whether this call did it. The rest of the ticket may have changed since it
	// was read.
	Take(ctx context.Context, t Ticket, by Actor) (bool, error)
	AddEvent(ctx context.Context, e Event) error
	// AddCard stores a card, or what it shows now where it is known already:
	// one of a message, or of a digest one for each of its tickets.
	AddCard(ctx context.Context, c Card) error
	// PostCard is AddCard for a card of a ticket, in the bin or not, that is no
	// digest; it gives the version that the ticket has now.
	PostCard(ctx context.Context, c Card) (version int64, err error)
	// DropCard forgets a card, or all of a digest, whose message is gone.
	DropCard(ctx context.Context, chat int64, message int) error
	// AddPrompt stores that a message of ours is a prompt.
	AddPrompt(ctx context.Context, p Prompt) error
	// DropPrompts forgets the prompts of a ticket: they are answered.
	DropPrompts(ctx context.Context, ticket int64) error
	InsertReport(ctx context.Context, r *Report) error
	UpdateReport(ctx context.Context, r *Report) error
	// SetRating stores what the owner thinks of a ticket, in place of what they
	// thought before.
	SetRating(ctx context.Context, r Rating) error
	// NoteArchive notes where a report's file is kept, and reports whether the
	// report is still to be kept: it may have been erased meanwhile.
	NoteArchive(ctx context.Context, file ReportFile, sha256 string) (bool, error)
	// Delete puts a ticket into the bin, and reports whether this call did it.
	Delete(ctx context.Context, id int64) (bool, error)
	// Restore takes a ticket out of the bin, unless its owner has another open
	// one for its VIN by now, and reports whether this call did it.
	Restore(ctx context.Context, id int64) (bool, error)
	// EraseTicket removes what a ticket tells about people and their car, in
	// the bin or not: see [Service.Erase]. It gives the reports' files, which
	// the caller has erased. One that is erased already has none.
	EraseTicket(ctx context.Context, id int64) ([]ReportFile, error)
	// PurgeTicket removes a ticket of the bin with all that belongs to it, and
	// gives the reports' files, which the caller has erased.
	PurgeTicket(ctx context.Context, id int64) ([]ReportFile, error)
	// Expired lists tickets, limit at most in all: of those that were closed
	// before a time which are not erased, in the bin or not, and of those that
	// were put into the bin before it.
	Expired(ctx context.Context, before time.Time, limit int) (Expired, error)
	// Enqueue puts what must be done outside into the outbox, to be carried
	// out after the commit.
	Enqueue(ctx context.Context, e Effect) error
	// Supersede enqueues an effect in place of one of its kind with its merge
	// key that waits.
	Supersede(ctx context.Context, e Effect) error
	// Withdraw ends the row of a kind that waits for a merge key, and reports
	// whether there was one.
	Withdraw(ctx context.Context, kind EffectKind, merge string) (bool, error)
	// NamesCopy reports whether a report, in the bin or not, names a file of the
	// archive, or a row waits that will look once more.
	NamesCopy(ctx context.Context, c Copy) (bool, error)
}
