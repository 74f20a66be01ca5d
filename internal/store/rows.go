package store

import (
	"time"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// openStatuses chooses open tickets, in the very words of the partial indexes,
// which serve no others.
const openStatuses = `(status = 'new' OR status = 'taken' OR status = 'delivering' OR status = 'undelivered')`

// ticketColumns are those of ticketRow.
const ticketColumns = `id, vin, status, priority, owner_id, confirmed, assignee_id, assignee_name, undeliverable,
	rejection, rejection_text, rejected_by, version, opened_at, taken_at, closed_at, request_id, cycle, began_at, queued_at, take_seconds, done_seconds, late, deleted_at, erased_at, fetched`

// ticketRow is a row of tickets. DeletedAt hides the deleted ones from every
// question that GORM builds through this type; one in SQL says so itself.
type ticketRow struct {
	ID            int64
	VIN           string `gorm:"column:vin"`
	Status        string
	Priority      string
	OwnerID       int64
	Confirmed     bool
	AssigneeID    int64
	AssigneeName  string
	Undeliverable string
	Rejection     string
	RejectionText string
	RejectedBy    string
	Version       int64
	OpenedAt      instant
	TakenAt       instant
	ClosedAt      instant
	RequestID     string
	Cycle         int
	BeganAt       instant
	QueuedAt      instant
	TakeSeconds   int64
	DoneSeconds   int64
	Late          bool
	DeletedAt     gorm.DeletedAt
	ErasedAt      instant
	Fetched       bool
}

// TableName names the table.
func (ticketRow) TableName() string { return "tickets" }

// columns gives the places of ticketColumns. A ticket is asked for several times
// for each message, and read by hand in half the time.
func (r *ticketRow) columns() []any {
	return []any{
		&r.ID, &r.VIN, &r.Status, &r.Priority, &r.OwnerID, &r.Confirmed, &r.AssigneeID, &r.AssigneeName,
		&r.Undeliverable, &r.Rejection, &r.RejectionText, &r.RejectedBy, &r.Version, &r.OpenedAt, &r.TakenAt, &r.ClosedAt, &r.RequestID,
		&r.Cycle, &r.BeganAt, &r.QueuedAt, &r.TakeSeconds, &r.DoneSeconds, &r.Late, &r.DeletedAt, &r.ErasedAt, &r.Fetched,
	}
}

func (r ticketRow) domain() ticket.Ticket {
	return ticket.Ticket{
		ID:            r.ID,
		VIN:           r.VIN,
		Status:        ticket.Status(r.Status),
		Priority:      ticket.Priority(r.Priority),
		OwnerID:       r.OwnerID,
		Confirmed:     r.Confirmed,
		AssigneeID:    r.AssigneeID,
		AssigneeName:  r.AssigneeName,
		Undeliverable: r.Undeliverable,
		Rejection:     r.Rejection,
		RejectionText: r.RejectionText,
		RejectedBy:    r.RejectedBy,
		Version:       r.Version,
		OpenedAt:      time.Time(r.OpenedAt),
		TakenAt:       time.Time(r.TakenAt),
		ClosedAt:      time.Time(r.ClosedAt),
		RequestID:     r.RequestID,
		Cycle:         r.Cycle,
		BeganAt:       time.Time(r.BeganAt),
		QueuedAt:      time.Time(r.QueuedAt),
		ToTake:        time.Duration(r.TakeSeconds) * time.Second,
		ToDone:        time.Duration(r.DoneSeconds) * time.Second,
		Late:          r.Late,
		DeletedAt:     r.DeletedAt.Time.UTC(),
		ErasedAt:      time.Time(r.ErasedAt),
		Fetched:       r.Fetched,
	}
}

// eventRow is a row of events.
type eventRow struct {
	ID         int64
	TicketID   int64
	Kind       string
	FromStatus string
	ToStatus   string
	ActorID    int64
	ReportID   int64
	Detail     string
	At         instant
	RequestID  string
}

// TableName names the table.
func (eventRow) TableName() string { return "events" }

func (r eventRow) domain() ticket.Event {
	return ticket.Event{
		ID:        r.ID,
		TicketID:  r.TicketID,
		Kind:      ticket.EventKind(r.Kind),
		From:      ticket.Status(r.FromStatus),
		To:        ticket.Status(r.ToStatus),
		ActorID:   r.ActorID,
		ReportID:  r.ReportID,
		Detail:    r.Detail,
		At:        time.Time(r.At),
		RequestID: r.RequestID,
	}
}

// cardRow is a row of cards.
type cardRow struct {
	ChatID    int64
	MessageID int
	TopicID   int
	TicketID  int64
	Kind      string
	Rendered  int64
	PostedAt  instant
}

// TableName names the table.
func (cardRow) TableName() string { return "cards" }

func (r cardRow) domain() ticket.Card {
	return ticket.Card{
		TicketID: r.TicketID,
		Place:    ticket.Place{Chat: r.ChatID, Topic: r.TopicID, Message: r.MessageID},
		Kind:     ticket.CardKind(r.Kind),
		Rendered: r.Rendered,
		PostedAt: time.Time(r.PostedAt),
	}
}

// promptRow is a row of prompts.
type promptRow struct {
	ChatID    int64
	MessageID int
	TicketID  int64
	Kind      string
	AskedAt   instant
}

// TableName names the table.
func (promptRow) TableName() string { return "prompts" }

func (r promptRow) domain() ticket.Prompt {
	return ticket.Prompt{
		TicketID: r.TicketID,
		Place:    ticket.Place{Chat: r.ChatID, Message: r.MessageID},
		Kind:     ticket.PromptKind(r.Kind),
		AskedAt:  time.Time(r.AskedAt),
	}
}

// reportRow is a row of reports.
type reportRow struct {
	ID            int64
	TicketID      int64
	Status        string
	FileID        string
	UniqueID      string
	Size          int64
	SourceChat    int64
	SourceTopic   int
	SourceMessage int
	SenderID      int64
	SenderName    string
	Reason        string
	ReasonFile    int
	Correction    bool
	Unchecked     bool
	NoText        bool
	FoundVIN      string `gorm:"column:found_vin"`
	SHA256        string `gorm:"column:sha256"`
	BlobKey       string
	OwnerMessage  int
	ReceivedAt    instant
	DeliveredAt   instant
	RequestID     string
	Files         int
}

// TableName names the table.
func (reportRow) TableName() string { return "reports" }

func (r reportRow) domain() ticket.Report {
	return ticket.Report{
		ID:           r.ID,
		TicketID:     r.TicketID,
		Status:       ticket.ReportStatus(r.Status),
		FileID:       r.FileID,
		UniqueID:     r.UniqueID,
		Size:         r.Size,
		Source:       ticket.Place{Chat: r.SourceChat, Topic: r.SourceTopic, Message: r.SourceMessage},
		SenderID:     r.SenderID,
		SenderName:   r.SenderName,
		Reason:       r.Reason,
		ReasonFile:   r.ReasonFile,
		More:         make([]ticket.File, r.Files-1), // what they are stands in a table of their own
		Correction:   r.Correction,
		Unchecked:    r.Unchecked,
		NoText:       r.NoText,
		FoundVIN:     r.FoundVIN,
		SHA256:       r.SHA256,
		BlobKey:      r.BlobKey,
		OwnerMessage: r.OwnerMessage,
		ReceivedAt:   time.Time(r.ReceivedAt),
		DeliveredAt:  time.Time(r.DeliveredAt),
		RequestID:    r.RequestID,
	}
}
