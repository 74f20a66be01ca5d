package webhook

import (
	"time"

	"vinbot/internal/ticket"
)

// Shown is a ticket as messages tell it.
type Shown struct {
	ID         int64           `json:"id"`
	VIN        string          `json:"vin,omitempty"` // none: it was erased
	Status     ticket.Status   `json:"status"`
	Priority   ticket.Priority `json:"priority"`
	OwnerID    int64           `json:"owner_id,omitempty"` // Telegram's id; none: it came by the API, or was erased
	AssigneeID int64           `json:"assignee_id,omitempty"`
	// Rejection and Undeliverable are codes: why it was rejected, or could not be
	// delivered.
	Rejection     string     `json:"rejection,omitempty"`
	Undeliverable string     `json:"undeliverable,omitempty"`
	Version       int64      `json:"version"`
	OpenedAt      time.Time  `json:"opened_at"`
	TakenAt       *time.Time `json:"taken_at,omitempty"`
	ClosedAt      *time.Time `json:"closed_at,omitempty"`
}

// Show is how messages tell a ticket where the API has no other way.
func Show(t ticket.Ticket) any {
	s := Shown{
		ID: t.ID, VIN: t.VIN, Status: t.Status, Priority: t.Priority, OwnerID: t.OwnerID, AssigneeID: t.AssigneeID,
		Rejection: t.Rejection, Undeliverable: t.Undeliverable, Version: t.Version,
		OpenedAt: t.OpenedAt, TakenAt: timeOrNil(t.TakenAt), ClosedAt: timeOrNil(t.ClosedAt),
	}
	if t.Erased() {
		s.VIN = ""
	}
	return s
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
