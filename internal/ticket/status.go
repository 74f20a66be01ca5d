package ticket

import "slices"

// Status is where a ticket stands. Only the service changes it, and only
// along the table in [Status.Next].
type Status string

// The life of a ticket. See docs/architecture.md for the drawing.
const (
	// New waits in the queue: nobody has taken it.
	New Status = "new"
	// Taken has an assignee, who is obtaining the report.
	Taken Status = "taken"
	// Delivering has an accepted report that is on its way to the owner.
	Delivering Status = "delivering"
	// Undelivered has a report that its owner cannot receive: blocked or gone.
	Undelivered Status = "undelivered"
	// Done means that Telegram accepted the report for the owner.
	Done Status = "done"
	// Rejected was closed by a manager, with a reason.
	Rejected Status = "rejected"
	// Cancelled was closed by its owner.
	Cancelled Status = "cancelled"
)

// Next lists what a ticket in this status may become.
func (s Status) Next() []Status {
	switch s {
	case New:
		return []Status{Taken, Delivering, Rejected, Cancelled}
	case Taken:
		return []Status{New, Delivering, Rejected, Cancelled}
	case Delivering:
		return []Status{Done, Undelivered, Taken}
	case Undelivered:
		return []Status{Delivering, Rejected, Cancelled}
	case Done:
		return []Status{Done, New}
	case Rejected, Cancelled:
		return []Status{New}
	}
	return nil
}

// May reports whether a ticket in this status may become next.
func (s Status) May(next Status) bool { return slices.Contains(s.Next(), next) }

// Open reports whether somebody still has work to do on the ticket.
func (s Status) Open() bool {
	switch s {
	case New, Taken, Delivering, Undelivered:
		return true
	case Done, Rejected, Cancelled:
		return false
	}
	return false
}

// Statuses lists every status in the order of a ticket's life.
func Statuses() []Status {
	return []Status{New, Taken, Delivering, Undelivered, Done, Rejected, Cancelled}
}

// ReportStatus is where one report (a PDF that a manager sent) stands.
type ReportStatus string

// The life of a report.
const (
	// ReportReceived waits for an earlier report of the same ticket.
	ReportReceived ReportStatus = "received"
	// ReportChecking is being downloaded and looked at.
	ReportChecking ReportStatus = "checking"
	// ReportRefused is not sent, for its Reason.
	ReportRefused ReportStatus = "refused"
	// ReportNeedsConfirmation waits for a manager's yes or no.
	ReportNeedsConfirmation ReportStatus = "needs_confirmation"
	// ReportAccepted will be sent to the owner.
	ReportAccepted ReportStatus = "accepted"
	// ReportDelivering is in the owner's queue.
	ReportDelivering ReportStatus = "delivering"
	// ReportDelivered was accepted by Telegram for the owner.
	ReportDelivered ReportStatus = "delivered"
	// ReportUndelivered could not reach the owner; it goes out on their return.
	ReportUndelivered ReportStatus = "undelivered"
)

// Next lists what a report in this status may become.
func (s ReportStatus) Next() []ReportStatus {
	switch s {
	case ReportReceived:
		return []ReportStatus{ReportChecking, ReportNeedsConfirmation, ReportRefused}
	case ReportChecking:
		return []ReportStatus{ReportRefused, ReportNeedsConfirmation, ReportAccepted}
	case ReportNeedsConfirmation:
		return []ReportStatus{ReportRefused, ReportChecking, ReportAccepted}
	case ReportAccepted:
		return []ReportStatus{ReportDelivering, ReportRefused}
	case ReportDelivering:
		return []ReportStatus{ReportDelivered, ReportUndelivered, ReportRefused}
	case ReportUndelivered:
		return []ReportStatus{ReportDelivering, ReportRefused}
	case ReportRefused, ReportDelivered:
		return nil
	}
	return nil
}

// May reports whether a report in this status may become next.
func (s ReportStatus) May(next ReportStatus) bool { return slices.Contains(s.Next(), next) }

// Live reports whether the report is the one that its ticket is busy with.
// A ticket has at most one; others wait as received.
func (s ReportStatus) Live() bool {
	return slices.Contains(LiveReportStatuses(), s)
}

// LiveReportStatuses lists the statuses of a live report.
func LiveReportStatuses() []ReportStatus {
	return []ReportStatus{
		ReportChecking, ReportNeedsConfirmation, ReportAccepted, ReportDelivering, ReportUndelivered,
	}
}
