package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/outbox"
	"vinbot/internal/webhook"
)

// deliveryRow is a row of deliveries.
type deliveryRow struct {
	ID         int64
	WebhookID  int64
	State      string
	MessageID  string
	Type       string
	TicketID   *int64
	EventID    int64
	RequestID  string
	Attempt    int
	Failures   int
	CreatedAt  instant
	QueuedAt   instant
	RunAt      instant
	FinishedAt instant
	LastError  string
}

// deliveryColumns are those of deliveryRow.
const deliveryColumns = `id, webhook_id, state, message_id, type, ticket_id, event_id, request_id, attempt, failures,
	created_at, queued_at, run_at, finished_at, last_error`

// TableName names the table.
func (deliveryRow) TableName() string { return "deliveries" }

func (r deliveryRow) domain() webhook.Delivery {
	d := webhook.Delivery{
		ID:        r.ID,
		Endpoint:  r.WebhookID,
		State:     webhook.State(r.State),
		MessageID: r.MessageID,
		Type:      webhook.Type(r.Type),
		Event:     r.EventID,
		RequestID: r.RequestID,
		Failures:  r.Failures,
		CreatedAt: time.Time(r.CreatedAt),
		QueuedAt:  time.Time(r.QueuedAt),
		EndedAt:   time.Time(r.FinishedAt),
		LastError: r.LastError,
	}
	if r.TicketID != nil {
		d.Ticket = *r.TicketID
	}
	if d.State == webhook.Waiting {
		d.NextAt = time.Time(r.RunAt)
	}
	return d
}

// deliveryHead is what the relay plans a delivery by.
func deliveryHead(r workRow) outbox.Head {
	h := outbox.Head{ID: r.ID, Kind: webhook.Kind, Lane: "test", Chat: r.WebhookID, RunAt: time.Time(r.RunAt)}
	if r.TicketID != nil {
		h.Lane = webhook.Lane(*r.TicketID)
	}
	return h
}

// announceDelivery has the relay told of a row after the commit.
func (t *tx) announceDelivery(r deliveryRow) {
	t.left.queue(Deliveries, deliveryHead(workRow{ID: r.ID, WebhookID: r.WebhookID, TicketID: r.TicketID, RunAt: r.RunAt}))
}

// InsertDelivery stores a delivery, sets its ID, and has the relay told after
// the commit.
func (w webhooks) InsertDelivery(ctx context.Context, d *webhook.Delivery) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		r := deliveryRow{WebhookID: d.Endpoint, RunAt: instant(d.NextAt.Truncate(time.Microsecond))}
		if d.Ticket != 0 {
			r.TicketID = &d.Ticket
		}
		err := t.scan(ctx, "store a delivery", sqlf(`
			INSERT INTO deliveries (webhook_id, message_id, type, ticket_id, event_id, request_id, created_at, queued_at, run_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			d.Endpoint, d.MessageID, d.Type, r.TicketID, d.Event, d.RequestID,
			instant(d.CreatedAt), instant(d.QueuedAt), r.RunAt), &r.ID)
		if err != nil {
			return err
		}
		d.ID = r.ID
		t.announceDelivery(r)
		return nil
	})
}

// Delivery finds a delivery.
func (w webhooks) Delivery(ctx context.Context, id int64) (webhook.Delivery, error) {
	return one[deliveryRow](ctx, w.s.queries, "find a delivery", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+deliveryColumns+` FROM deliveries WHERE id = ?`, id)
	})
}

// Deliveries lists what an endpoint was sent, the newest first.
func (w webhooks) Deliveries(ctx context.Context, endpoint int64, p webhook.Page) ([]webhook.Delivery, error) {
	return all[deliveryRow](ctx, w.s.queries, "list deliveries", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+deliveryColumns+` FROM deliveries
			WHERE webhook_id = ? AND (? = 0 OR id < ?) AND (? = '' OR state = ?) ORDER BY id DESC LIMIT ?`,
			endpoint, p.Before, p.Before, p.State, p.State, p.Limit)
	})
}

// Requeue has a delivery that ended sent again; false where it has not ended.
func (w webhooks) Requeue(ctx context.Context, id int64) (queued bool, err error) {
	err = w.s.do(ctx, func(ctx context.Context, t *tx) error {
		db, err := t.on(ctx)
		if err != nil {
			return err
		}
		var rows []deliveryRow
		err = db.Raw(`UPDATE deliveries SET state = 'waiting', failures = 0, last_error = '', queued_at = ?, run_at = ?, finished_at = NULL
			WHERE id = ? AND (state = 'done' OR state = 'dead') RETURNING `+deliveryColumns, instant(t.now), instant(t.now), id).Scan(&rows).Error
		for _, r := range rows {
			queued = true
			t.announceDelivery(r)
		}
		return t.fault("send a delivery again", err)
	})
	return queued && err == nil, err
}

// DeadBetween lists what an endpoint was sent that was given up within a time.
func (w webhooks) DeadBetween(ctx context.Context, endpoint int64, from, to time.Time, limit int) (ids []int64, err error) {
	db, err := w.s.on(ctx)
	if err != nil {
		return nil, err
	}
	err = db.Raw(`SELECT id FROM deliveries WHERE state = 'dead' AND finished_at >= ? AND finished_at < ? AND webhook_id = ?
		ORDER BY finished_at, id LIMIT ?`, instant(from), instant(to), endpoint, limit).Scan(&ids).Error
	return ids, w.s.fault("list deliveries that were given up", err)
}

// succeededRow is when an endpoint took something last.
type succeededRow struct {
	ID int64
	At instant
}

// Succeeded tells when each endpoint took something last.
func (w webhooks) Succeeded(ctx context.Context) (map[int64]time.Time, error) {
	db, err := w.s.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []succeededRow
	err = db.Raw(`SELECT id, (SELECT max(finished_at) FROM deliveries WHERE webhook_id = webhooks.id AND state = 'done') AS at FROM webhooks`).
		Scan(&rows).Error
	last := make(map[int64]time.Time, len(rows))
	for _, r := range rows {
		if at := time.Time(r.At); !at.IsZero() {
			last[r.ID] = at
		}
	}
	return last, w.s.fault("look when webhooks took something", err)
}

// GiveUp ends what waits for an endpoint.
func (w webhooks) GiveUp(ctx context.Context, endpoint int64, why string) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "give deliveries up", `UPDATE deliveries SET state = 'dead', last_error = ?, finished_at = ?
			WHERE webhook_id = ? AND id > 0 AND state = 'waiting'`, why, instant(t.now), endpoint)
		return err
	})
}

// attemptRow is a row of delivery_attempts.
type attemptRow struct {
	ID         int64
	DeliveryID int64
	At         instant
	Millis     int64
	Status     int
	Error      string
	Answer     string
}

// TableName names the table.
func (attemptRow) TableName() string { return "delivery_attempts" }

func (r attemptRow) domain() webhook.Attempt {
	return webhook.Attempt{
		ID: r.ID, Delivery: r.DeliveryID, At: time.Time(r.At), Took: time.Duration(r.Millis) * time.Millisecond,
		Status: r.Status, Error: r.Error, Answer: r.Answer,
	}
}

// AddAttempt notes a try at a delivery. One that failed counts. Of an answer
// about a ticket that was erased meanwhile nothing is kept.
func (w webhooks) AddAttempt(ctx context.Context, a webhook.Attempt) error {
	return w.s.do(ctx, func(ctx context.Context, t *tx) error {
		const doing = "note a try at a delivery"
		n, err := t.exec(ctx, doing, `
			INSERT INTO delivery_attempts (delivery_id, at, millis, status, error, answer)
			SELECT id, ?, ?, ?, ?, CASE WHEN EXISTS (
				SELECT 1 FROM tickets WHERE tickets.id = ticket_id AND erased_at IS NOT NULL) THEN '' ELSE ? END
			FROM deliveries WHERE id = ?`,
			instant(a.At), a.Took.Milliseconds(), a.Status, a.Error, a.Answer, a.Delivery)
		if err != nil || n == 0 || a.Error == "" { // n is 0: it was deleted with its endpoint
			return err
		}
		_, err = t.exec(ctx, doing, `UPDATE deliveries SET failures = failures + 1 WHERE id = ?`, a.Delivery)
		return err
	})
}

// Attempts lists the tries at a delivery, the oldest first.
func (w webhooks) Attempts(ctx context.Context, delivery int64) ([]webhook.Attempt, error) {
	return all[attemptRow](ctx, w.s.queries, "list the tries at a delivery", func(db *gorm.DB) *gorm.DB {
		return db.Where("delivery_id = ?", delivery).Order("id")
	})
}

// backlogRow is what is due at an endpoint.
type backlogRow struct {
	WebhookID int64
	Waiting   int
	Oldest    instant
}

func (r backlogRow) domain() webhook.Backlog {
	return webhook.Backlog{Endpoint: r.WebhookID, Waiting: r.Waiting, Oldest: time.Time(r.Oldest)}
}

// Backlogs tells how much waits for each endpoint, and since when.
func (w webhooks) Backlogs(ctx context.Context) ([]webhook.Backlog, error) {
	return all[backlogRow](ctx, w.s.queries, "count the deliveries that wait", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT +webhook_id AS webhook_id, count(*) AS waiting, min(queued_at) AS oldest FROM deliveries
			WHERE state = 'waiting' AND id > 0 GROUP BY 1 ORDER BY 1`)
	})
}
