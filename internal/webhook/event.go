package webhook

import (
	"slices"

	"vinbot/internal/ticket"
)

// Type is what a message tells of.
type Type string

// The types that endpoints can ask for.
const (
	TicketCreated     Type = "ticket.created"
	TicketTaken       Type = "ticket.taken" // also when it was given to another
	TicketReleased    Type = "ticket.released"
	TicketRejected    Type = "ticket.rejected"
	TicketCancelled   Type = "ticket.cancelled"
	TicketDone        Type = "ticket.done"
	TicketUndelivered Type = "ticket.undelivered"
	TicketReopened    Type = "ticket.reopened"
	ReportAccepted    Type = "report.accepted"
	RatingGiven       Type = "rating.given"
)

// Test is the type of what is sent to try an endpoint, whatever it asks for.
const Test Type = "webhook.test"

// Types lists the types that endpoints can ask for.
func Types() []Type {
	return []Type{
		TicketCreated, TicketTaken, TicketReleased, TicketRejected, TicketCancelled, TicketDone, TicketUndelivered,
		TicketReopened, ReportAccepted, RatingGiven,
	}
}

// Kinds lists the kinds of events that some type tells of.
func Kinds() []ticket.EventKind {
	return []ticket.EventKind{
		ticket.EventOpened, ticket.EventTaken, ticket.EventAssigned, ticket.EventReleased, ticket.EventRejected,
		ticket.EventCancelled, ticket.EventDelivered, ticket.EventUndelivered, ticket.EventReopened,
		ticket.EventReportAccepted, ticket.EventRated,
	}
}

// typesOf says what is told of an event, in that order. A report that is
// accepted for a ticket which nobody had takes it, too. A correction that is
// delivered closes nothing.
func typesOf(e ticket.Event) []Type {
	moved := e.From != e.To
	switch e.Kind {
	case ticket.EventOpened:
		return []Type{TicketCreated}
	case ticket.EventTaken, ticket.EventAssigned:
		return []Type{TicketTaken}
	case ticket.EventReleased:
		return []Type{TicketReleased}
	case ticket.EventRejected:
		return []Type{TicketRejected}
	case ticket.EventCancelled:
		return []Type{TicketCancelled}
	case ticket.EventReopened:
		return []Type{TicketReopened}
	case ticket.EventReportAccepted:
		if e.From == ticket.New {
			return []Type{TicketTaken, ReportAccepted}
		}
		return []Type{ReportAccepted}
	case ticket.EventRated:
		return []Type{RatingGiven}
	case ticket.EventDelivered:
		if moved {
			return []Type{TicketDone}
		}
	case ticket.EventUndelivered:
		if moved {
			return []Type{TicketUndelivered}
		}
	default:
	}
	return nil
}

// Wants reports whether an endpoint asks for a type.
func (e Endpoint) Wants(t Type) bool { return len(e.Events) == 0 || slices.Contains(e.Events, t) }
