package account

import "vinbot/internal/ticket"

// Showing is a ticket with what is told of it besides.
type Showing struct {
	Ticket ticket.Ticket
	// Owner has the owner's id, and name, username and language as far as they
	// are known; nothing else.
	Owner User
	// Posted says that the ticket has cards, Served that a report was delivered
	// for its VIN, whenever that was.
	Posted, Served bool
	// NoBans says that nobody was ever banned, so that the owner need not be looked
	// for among those who are.
	NoBans bool
}
