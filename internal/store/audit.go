package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// audit keeps what was done in the panel.
type audit struct{ s *Store }

var _ account.Audit = audit{}

// Audit gives what was done in the panel.
func (s *Store) Audit() account.Audit { return audit{s} }

// deedRow is a row of audit.
type deedRow struct {
	ID        int64
	At        instant
	UserID    int64
	Action    string
	TicketID  int64
	PersonID  int64
	Target    string
	Details   string
	RequestID string
}

// TableName names the table.
func (deedRow) TableName() string { return "audit" }

func (r deedRow) domain() account.Deed {
	d := account.Deed{
		ID: r.ID, At: time.Time(r.At), User: r.UserID, Action: r.Action, Ticket: r.TicketID, Person: r.PersonID,
		Target: r.Target, RequestID: r.RequestID,
	}
	if json.Unmarshal([]byte(r.Details), &d.Details) != nil { // written by hand, then: shown as it is
		d.Details = map[string]string{"": r.Details}
	}
	return d
}

// Add notes a deed.
func (a audit) Add(ctx context.Context, d account.Deed) error {
	details, err := json.Marshal(d.Details)
	if err != nil {
		return fmt.Errorf("note a deed: %w", err)
	}
	return a.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "note a deed", `
			INSERT INTO audit (at, user_id, action, ticket_id, person_id, target, details, request_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			instant(t.now), d.User, d.Action, d.Ticket, d.Person, d.Target, string(details), ticket.RequestID(ctx))
		return err
	})
}

// Deeds lists deeds, the newest first. Whatever they are chosen by, it is a walk
// along an index.
func (a audit) Deeds(ctx context.Context, by account.DeedFilter) ([]account.Deed, error) {
	where, values := deedsBy(by)
	page, err := all[deedRow](ctx, a.s.queries, "list deeds", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT * FROM audit WHERE `+where+` ORDER BY at DESC, id DESC LIMIT `+pageOf(by.Limit), values...)
	})
	return page[:min(len(page), by.Limit)], err
}

// deedsBy is what a filter chooses by. Several processes number their deeds out
// of order, so that what counts is the time.
func deedsBy(by account.DeedFilter) (where string, values []any) {
	where, values = `at >= ?`, []any{instant(beginning)}
	if !by.From.IsZero() {
		values[0] = instant(by.From)
	}
	if !by.To.IsZero() {
		where, values = where+` AND at < ?`, append(values, instant(by.To))
	}
	if by.Before != 0 {
		where, values = where+` AND (at, id) < (SELECT at, id FROM audit WHERE id = ?)`, append(values, by.Before)
	}
	if by.User != 0 {
		where, values = where+` AND user_id = ?`, append(values, by.User)
	}
	if by.Person != 0 {
		where, values = where+` AND person_id = ? AND person_id <> 0`, append(values, by.Person)
	}
	if by.Ticket != 0 {
		where, values = where+` AND ticket_id = ? AND ticket_id <> 0`, append(values, by.Ticket)
	}
	if by.Action != "" {
		where, values = where+` AND action = ?`, append(values, by.Action)
	}
	return where, values
}
