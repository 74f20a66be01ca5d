package api

import (
	"strconv"
	"time"

	"vinbot/internal/ticket"
)

// Ticket is a ticket as callers see it.
type Ticket struct {
	ID       int64  `json:"id"`
	VIN      string `json:"vin" doc:"Empty once its data were erased."`
	Status   string `json:"status" enum:"new,taken,delivering,undelivered,done,rejected,cancelled"`
	Priority string `json:"priority" enum:"low,normal,high,urgent"`
	// OwnerID and the managers' part are for programs.
	OwnerID       int64      `json:"owner_id,omitempty" doc:"The Telegram user who wants the report; none of a ticket that a program opened for itself."`
	Fetched       bool       `json:"fetched" doc:"The report is not sent by Telegram: it is done when it can be fetched."`
	Confirmed     bool       `json:"confirmed" doc:"The check digit is wrong, and the owner said that the VIN is right all the same."`
	Assignee      *Assignee  `json:"assignee,omitempty" doc:"Who has it. Owners are not told."`
	Undeliverable string     `json:"undeliverable,omitempty" doc:"Why the report did not arrive." enum:"blocked,deactivated,no_chat"`
	Rejection     *Rejection `json:"rejection,omitempty"`
	Late          bool       `json:"late" doc:"A deadline was missed."`
	OpenedAt      time.Time  `json:"opened_at"`
	TakenAt       *time.Time `json:"taken_at,omitempty"`
	ClosedAt      *time.Time `json:"closed_at,omitempty"`
	DeletedAt     *time.Time `json:"deleted_at,omitempty" doc:"When it was put into the bin."`
	ErasedAt      *time.Time `json:"erased_at,omitempty" doc:"When its owner, its VIN and its reports were erased."`
	Version       int64      `json:"version" doc:"Grows with every change; also the ETag."`
}

// Assignee is who has a ticket.
type Assignee struct {
	ID   int64  `json:"id" doc:"A Telegram user; of a program, minus the number of its token."`
	Name string `json:"name,omitempty" doc:"None of an anonymous admin."`
}

// Rejection is why a ticket was closed without a report.
type Rejection struct {
	Reason string `json:"reason" enum:"no_data,wrong_vin,not_served,duplicate,other"`
	Text   string `json:"text,omitempty" maxLength:"1000" doc:"With other: what the owner is told."`
}

// view shows a ticket to a caller. An owner is not told who works on it.
func (c caller) view(t ticket.Ticket) Ticket {
	v := Ticket{
		ID: t.ID, VIN: t.VIN, Status: string(t.Status), Priority: string(t.Priority), OwnerID: t.OwnerID, Fetched: t.Fetched,
		Confirmed: t.Confirmed, Undeliverable: t.Undeliverable, Late: t.Late, OpenedAt: t.OpenedAt,
		TakenAt: moment(t.TakenAt), ClosedAt: moment(t.ClosedAt), DeletedAt: moment(t.DeletedAt), ErasedAt: moment(t.ErasedAt), Version: t.Version,
	}
	if t.Erased() {
		v.VIN = ""
	}
	if t.Rejection != "" {
		v.Rejection = &Rejection{Reason: t.Rejection, Text: t.RejectionText}
	}
	if t.AssigneeID != 0 && c.owner == 0 {
		v.Assignee = &Assignee{ID: t.AssigneeID, Name: t.AssigneeName}
		if t.AssigneeName == "" { // nothing unmasks an admin who hides
			v.Assignee.ID = 0
		}
	}
	return v
}

// moment is a time, or nothing.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// etag is the version of a ticket as HTTP writes it.
func etag(t ticket.Ticket) string { return `"` + strconv.FormatInt(t.Version, 10) + `"` }

// ticketOutput is an answer with a ticket.
type ticketOutput struct {
	Status   int
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Ticket
}

func (o *ticketOutput) about() int64 { return o.Body.ID }

func (c caller) shows(t ticket.Ticket) *ticketOutput {
	return &ticketOutput{ETag: etag(t), Body: c.view(t)}
}

// ShowTicket is how other systems are told of a ticket: as a program sees it.
func ShowTicket(t ticket.Ticket) any { return caller{}.view(t) }
