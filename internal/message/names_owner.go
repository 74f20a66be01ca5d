package message

// The texts about what owners have, and want to have done.
const (
	TextCancelAsk      = "owner.cancel.ask"      // whether Ticket is to be cancelled, with buttons
	TextCancelWhich    = "owner.cancel.which"    // which of Numbers is to be cancelled, with buttons
	TextCancelNone     = "owner.cancel.none"     // there is nothing to cancel; Ticket: not this one
	TextCancelLate     = "owner.cancel.late"     // the report of Ticket is on its way
	TextCancelled      = "owner.cancelled"       // Ticket is cancelled
	TextLanguage       = "owner.language"        // which language, with buttons
	TextLanguageChosen = "owner.language.chosen" // this one from now on
	TextReportGone     = "owner.report_gone"     // the report of Ticket cannot be sent again
	TextTooFast        = "owner.too_fast"        // more messages than are answered; Wait
	TextLimited        = "owner.limited"         // more tickets than one may have, by Reason: a Limit…; Limit, Wait, VIN
)

// The limits on an owner's tickets.
const (
	LimitOpen    = "open"    // at a time
	LimitTickets = "tickets" // in an hour
)

// TicketLimits lists the limits on an owner's tickets.
func TicketLimits() []string { return []string{LimitOpen, LimitTickets} }

// The answers to owners' presses.
const (
	PressCancelledNow   = "press.cancelled_now"   // the owner cancelled Ticket by this press
	PressKept           = "press.kept"            // nothing is cancelled after all
	PressTooLate        = "press.cancel_late"     // the report of Ticket is on its way, or it is closed
	PressRated          = "press.rated"           // Count stars
	PressRatedBefore    = "press.rated_before"    // the same before
	PressRatedLate      = "press.rated_late"      // it cannot be changed any more
	PressNotRated       = "press.not_rated"       // there is nothing to be rated
	PressSentAgain      = "press.sent_again"      // the report of Ticket comes once more
	PressRefreshed      = "press.refreshed"       // the tickets are shown as they are now
	PressTooFast        = "press.too_fast"        // more presses than are answered; Wait
	PressLimitedOpen    = "press.limited.open"    // Count open tickets are the most
	PressLimitedTickets = "press.limited.tickets" // Count tickets an hour are; Wait
	PressLanguage       = "press.language"        // chosen
)
