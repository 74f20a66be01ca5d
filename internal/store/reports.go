package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// report finds one report, with all its files.
func (q queries) report(ctx context.Context, doing string, chosen choice) (ticket.Report, error) {
	r, err := one[reportRow](ctx, q, doing, chosen)
	if err != nil {
		return ticket.Report{}, err
	}
	return r, q.readFiles(ctx, &r)
}

// Report finds a report.
func (q queries) Report(ctx context.Context, id int64) (ticket.Report, error) {
	return q.report(ctx, "find a report", func(db *gorm.DB) *gorm.DB {
		return db.Where("id = ?", id).Where(ofVisible)
	})
}

// ReportAt finds the newest report that came with a message.
func (q queries) ReportAt(ctx context.Context, chat int64, message int) (ticket.Report, error) {
	return q.report(ctx, "find a message's report", func(db *gorm.DB) *gorm.DB {
		return db.Where("source_chat = ? AND source_message = ?", chat, message).Where(ofVisible).Order("id DESC")
	})
}

// liveReports chooses live reports, in the words of the partial index.
const liveReports = `(status = 'checking' OR status = 'needs_confirmation' OR status = 'accepted' OR status = 'delivering' OR status = 'undelivered')`

// LiveReport finds the ticket's one live report.
func (q queries) LiveReport(ctx context.Context, id int64) (ticket.Report, error) {
	return q.report(ctx, "find a live report", func(db *gorm.DB) *gorm.DB {
		return db.Where("ticket_id = ? AND "+liveReports, id).Where(ofVisible)
	})
}

// WaitingReport finds the ticket's oldest report in [ticket.ReportReceived].
func (q queries) WaitingReport(ctx context.Context, id int64) (ticket.Report, error) {
	return q.report(ctx, "find a waiting report", func(db *gorm.DB) *gorm.DB {
		return db.Where("ticket_id = ? AND status = 'received'", id).Where(ofVisible).Order("id")
	})
}

// UndeliveredReports lists the reports that wait for their owner's return,
// oldest first.
func (q queries) UndeliveredReports(ctx context.Context, owner int64) ([]ticket.Report, error) {
	reports, err := all[reportRow](ctx, q, "list undelivered reports", func(db *gorm.DB) *gorm.DB {
		tickets := db.Model(&ticketRow{}).Select("id").Where("owner_id = ?", owner)
		return db.Where("status = 'undelivered' AND ticket_id IN (?)", tickets).Order("id")
	})
	for i := range reports {
		if err == nil {
			err = q.readFiles(ctx, &reports[i])
		}
	}
	return reports, err
}

// LastReport finds the ticket's newest delivered report.
func (q queries) LastReport(ctx context.Context, id int64) (ticket.Report, error) {
	return q.report(ctx, "find a delivered report", func(db *gorm.DB) *gorm.DB {
		return db.Where("ticket_id = ? AND status = 'delivered'", id).Where(ofVisible).Order("id DESC")
	})
}

// Reusable finds the newest report that was delivered for a VIN since a time,
// of a ticket that is still done: one that was reopened was not good enough.
// Telegram must have its file.
func (q queries) Reusable(ctx context.Context, vin string, since time.Time) (ticket.Report, error) {
	var id int64
	err := q.scan(ctx, "find a report for the same VIN", sqlf(`SELECT id FROM reports
		WHERE status = 'delivered' AND delivered_at >= ? AND file_id <> '`+ticket.StoredFile+`'
			AND ticket_id IN (SELECT id FROM tickets WHERE `+ofVIN+` AND status = 'done' AND `+visible+`)
		ORDER BY delivered_at DESC, id DESC LIMIT 1`, instant(since), tail(vin), vin), &id)
	if err != nil { // of nearly every card there is none
		return ticket.Report{}, err
	}
	return q.Report(ctx, id)
}

// InsertReport stores a new report and sets its ID.
func (t *tx) InsertReport(ctx context.Context, r *ticket.Report) error {
	if id := ticket.RequestID(ctx); id != "" {
		r.RequestID = id
	}
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = t.now
	}
	err := t.scan(ctx, "insert a report", sqlf(`
		INSERT INTO reports (ticket_id, status, file_id, unique_id, size, source_chat, source_topic, source_message,
			sender_id, sender_name, reason, correction, unchecked, sha256, blob_key, owner_message,
			received_at, delivered_at, request_id, files)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.TicketID, r.Status, r.FileID, r.UniqueID, r.Size, r.Source.Chat, r.Source.Topic, r.Source.Message,
		r.SenderID, r.SenderName, r.Reason, r.Correction, r.Unchecked, r.SHA256, r.BlobKey, r.OwnerMessage,
		instant(r.ReceivedAt), instant(r.DeliveredAt), r.RequestID, len(r.More)+1,
	), &r.ID)
	if err != nil {
		return err
	}
	return t.insertFiles(ctx, *r)
}

// UpdateReport writes what may change of a report.
func (t *tx) UpdateReport(ctx context.Context, r *ticket.Report) error {
	n, err := t.exec(ctx, "update a report", `
		UPDATE reports SET ticket_id = ?, status = ?, file_id = ?, unique_id = ?, size = ?, reason = ?, reason_file = ?, correction = ?,
			unchecked = ?, no_text = ?, found_vin = ?, sha256 = ?, blob_key = ?, owner_message = ?, delivered_at = ?
		WHERE id = ?`,
		r.TicketID, r.Status, r.FileID, r.UniqueID, r.Size, r.Reason, r.ReasonFile, r.Correction,
		r.Unchecked, r.NoText, r.FoundVIN, r.SHA256, r.BlobKey, r.OwnerMessage, instant(r.DeliveredAt), r.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return ticket.NewError(ticket.CodeNotFound, "update a report: there is none", nil)
	}
	return t.updateFiles(ctx, *r)
}
