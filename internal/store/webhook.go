package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

// webhooks keeps the endpoints that other systems listen at, and what they are
// sent.
type webhooks struct{ s *Store }

var _ webhook.Store = webhooks{}

// Webhooks gives the endpoints and their deliveries.
func (s *Store) Webhooks() webhook.Store { return webhooks{s} }

// endpointRow is a row of webhooks.
type endpointRow struct {
	ID           int64
	URL          string `gorm:"column:url"`
	Description  string
	Events       string
	Secret       string
	OldSecret    string
	OldUntil     instant
	Active       bool
	Stopped      string
	Seen         int64
	FailingSince instant
	FailedAt     instant
	PausedUntil  instant
	Version      int64
	CreatedAt    instant
	UpdatedAt    instant
}

// TableName names the table.
func (endpointRow) TableName() string { return "webhooks" }

func (r endpointRow) domain() webhook.Endpoint {
	e := webhook.Endpoint{
		ID:           r.ID,
		URL:          r.URL,
		Description:  r.Description,
		Secret:       r.Secret,
		OldSecret:    r.OldSecret,
		OldUntil:     time.Time(r.OldUntil),
		Active:       r.Active,
		Stopped:      r.Stopped,
		Seen:         r.Seen,
		FailingSince: time.Time(r.FailingSince),
		FailedAt:     time.Time(r.FailedAt),
		PausedUntil:  time.Time(r.PausedUntil),
		Version:      r.Version,
		CreatedAt:    time.Time(r.CreatedAt),
		UpdatedAt:    time.Time(r.UpdatedAt),
	}
	for t := range strings.FieldsSeq(r.Events) {
		e.Events = append(e.Events, webhook.Type(t))
	}
	return e
}

// typesText is how the types of an endpoint are stored.
func typesText(types []webhook.Type) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = string(t)
	}
	return strings.Join(words, " ")
}

// lastEvent is the number of the last event that there is, of a ticket in the
// bin or not.
const lastEvent = `(SELECT coalesce(max(id), 0) FROM events)`

// Endpoints lists all endpoints, by id.
func (w webhooks) Endpoints(ctx context.Context) ([]webhook.Endpoint, error) {
	return all[endpointRow](ctx, w.s.queries, "list the webhooks", func(db *gorm.DB) *gorm.DB { return db.Order("id") })
}

// Endpoint finds an endpoint.
func (w webhooks) Endpoint(ctx context.Context, id int64) (webhook.Endpoint, error) {
	return one[endpointRow](ctx, w.s.queries, "find a webhook", func(db *gorm.DB) *gorm.DB { return db.Where("id = ?", id) })
}

// InsertEndpoint stores a new endpoint and sets its ID. It has seen all that
// has happened.
func (w webhooks) InsertEndpoint(ctx context.Context, e *webhook.Endpoint) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		return t.scan(ctx, "store a webhook", sqlf(`
			INSERT INTO webhooks (url, description, events, secret, active, seen, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, `+lastEvent+`, ?, ?) RETURNING id, seen`,
			e.URL, e.Description, typesText(e.Events), e.Secret, e.Active, instant(e.CreatedAt), instant(e.UpdatedAt)),
			&e.ID, &e.Seen)
	})
}

// UpdateEndpoint writes what may change of an endpoint, of the version that was
// read. One that is switched on has seen all that happened meanwhile, and fails
// no more.
func (w webhooks) UpdateEndpoint(ctx context.Context, e *webhook.Endpoint) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		var failing, failed instant
		err := t.scan(ctx, "change a webhook", sqlf(`
			UPDATE webhooks SET url = ?, description = ?, events = ?, secret = ?, old_secret = ?, old_until = ?,
				seen = CASE WHEN active THEN seen ELSE `+lastEvent+` END,
				failing_since = CASE WHEN active THEN failing_since ELSE NULL END,
				failed_at = CASE WHEN active THEN failed_at ELSE NULL END,
				paused_until = CASE WHEN active THEN paused_until ELSE NULL END,
				active = ?, stopped = ?, version = version + 1, updated_at = ?
			WHERE id = ? AND version = ? RETURNING seen, failing_since, failed_at, version, updated_at`,
			e.URL, e.Description, typesText(e.Events), e.Secret, e.OldSecret, instant(e.OldUntil),
			e.Active, e.Stopped, instant(t.now), e.ID, e.Version),
			&e.Seen, &failing, &failed, &e.Version, (*instant)(&e.UpdatedAt))
		if ticket.IsNotFound(err) {
			return ticket.NewError(ticket.CodeConflict, "change a webhook: it was changed meanwhile", nil)
		}
		e.FailingSince, e.FailedAt = time.Time(failing), time.Time(failed)
		return err
	})
}

// DeleteEndpoint removes an endpoint with its deliveries.
func (w webhooks) DeleteEndpoint(ctx context.Context, id, version int64) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, "delete a webhook", `DELETE FROM webhooks WHERE id = ? AND version = ?`, id, version)
		if err == nil && n == 0 {
			err = ticket.NewError(ticket.CodeConflict, "delete a webhook: it was changed meanwhile", nil)
		}
		return err
	})
}

// NoteFailure notes that a delivery to an endpoint failed at a time. It fails
// since then, unless another failed within a time before, and none succeeded
// meanwhile.
func (w webhooks) NoteFailure(ctx context.Context, id int64, at time.Time, within time.Duration) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "note that a webhook fails", `
			UPDATE webhooks SET failing_since = CASE WHEN failed_at >= ? THEN failing_since ELSE ? END, failed_at = ?
			WHERE id = ? AND active`, instant(at.Add(-within)), instant(at), instant(at), id)
		return err
	})
}

// NotePause notes until when an endpoint wants to be left alone.
func (w webhooks) NotePause(ctx context.Context, id int64, until time.Time) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "note that a webhook wants a pause", `UPDATE webhooks SET paused_until = ? WHERE id = ?`, instant(until), id)
		return err
	})
}

// NoteSuccess notes that an endpoint takes what it is sent.
func (w webhooks) NoteSuccess(ctx context.Context, id int64) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "note that a webhook succeeds", `
			UPDATE webhooks SET failing_since = NULL, failed_at = NULL, paused_until = NULL WHERE id = ?`, id)
		return err
	})
}

// Advance notes that an endpoint has seen events up to a number, and reports
// whether it is on and had seen those up to another.
func (w webhooks) Advance(ctx context.Context, id, from, to int64) (bool, error) {
	var n int64
	err := w.s.do(ctx, func(ctx context.Context, t *tx) (err error) {
		n, err = t.exec(ctx, "note what a webhook has seen",
			`UPDATE webhooks SET seen = ? WHERE id = ? AND seen = ? AND active`, to, id, from)
		return err
	})
	return n == 1 && err == nil, err
}

// Event finds an event of a ticket that is not in the bin.
func (w webhooks) Event(ctx context.Context, id int64) (ticket.Event, error) {
	return one[eventRow](ctx, w.s.queries, "find an event", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT id, ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id FROM events
			WHERE id = ? AND `+ofVisible, id)
	})
}

// Queue gives the deliveries as a relay takes them.
func (w webhooks) Queue() outbox.Store {
	return workQueue{s: w.s, table: "deliveries", plan: "id, webhook_id, ticket_id, run_at", since: "queued_at", head: deliveryHead}
}
