package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// EraseTicket removes what a ticket tells about people and their car, in the
// bin or not, and gives the reports' files, which the caller has erased. One
// that is erased already has none.
//
// A table that comes to hold such things of a ticket is erased here; a test
// asks of every table what becomes of it.
func (t *tx) EraseTicket(ctx context.Context, id int64) ([]ticket.ReportFile, error) {
	const doing = "erase a ticket's data"
	files, err := t.reportFiles(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := t.cleanDeal(ctx, id); err != nil {
		return nil, err
	}
	for _, s := range []statement{
		sqlf(`UPDATE events SET actor_id = 0 WHERE ticket_id = ? AND actor_id <> 0
			AND actor_id = (SELECT owner_id FROM tickets WHERE tickets.id = ticket_id AND erased_at IS NULL)`, id),
		sqlf(`UPDATE reports SET file_id = '', unique_id = '', sender_name = '', found_vin = '', sha256 = '', blob_key = '',
				source_chat = 0, source_topic = 0, source_message = 0, owner_message = 0,
				reason = CASE WHEN status = 'refused' OR status = 'delivered' THEN reason ELSE ? END,
				status = CASE WHEN status = 'delivered' THEN status ELSE 'refused' END
			WHERE ticket_id = ?`, ticket.ReasonErased, id),
		sqlf(`UPDATE report_files SET file_id = '', unique_id = '', found_vin = '', sha256 = '', blob_key = '', owner_message = 0
			WHERE report_id IN (SELECT id FROM reports WHERE ticket_id = ?)`, id),
		sqlf(`DELETE FROM parcels WHERE ticket_id = ? AND ticket_id <> 0`, id), // with their files
		sqlf(`DELETE FROM conversations WHERE ticket_id = ?`, id),
		sqlf(`DELETE FROM prompts WHERE ticket_id = ?`, id),
		sqlf(`DELETE FROM outbox WHERE ticket_id = ? AND state = 'dead'`, id),
		sqlf(forgetAnswers, id),
		sqlf(`UPDATE delivery_attempts SET answer = '' WHERE answer <> '' AND delivery_id IN (
			SELECT id FROM deliveries WHERE ticket_id = ?)`, id),
		sqlf(`UPDATE tickets SET vin = ?, owner_id = 0, assignee_name = '', rejection_text = '', rejected_by = '', erased_at = ?, version = version + 1
			WHERE id = ? AND erased_at IS NULL`, ticket.ErasedVIN, instant(t.now), id),
	} {
		if _, err := t.exec(ctx, doing, s.text, s.args...); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// forgetAnswers forgets the answers about a ticket that are kept in case their
// request comes again.
const forgetAnswers = `DELETE FROM idempotency_keys WHERE ticket_id = ? AND ticket_id > 0`

// PurgeTicket removes a ticket of the bin with all that belongs to it, and
// gives the reports' files, which the caller has erased.
func (t *tx) PurgeTicket(ctx context.Context, id int64) ([]ticket.ReportFile, error) {
	const doing = "purge a ticket"
	files, err := t.reportFiles(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := t.cleanDeal(ctx, id); err != nil {
		return nil, err
	}
	for _, statement := range []string{`DELETE FROM outbox WHERE ticket_id = ? AND state = 'dead'`, forgetAnswers} {
		if _, err := t.exec(ctx, doing, statement, id); err != nil {
			return nil, err
		}
	}
	n, err := t.exec(ctx, doing, `DELETE FROM tickets WHERE id = ? AND `+inBin, id) // the rest goes with it
	if err == nil && n == 0 {
		err = ticket.NewError(ticket.CodeNotFound, doing+": it is not in the bin", nil)
	}
	return files, err
}

// Expired lists tickets, limit at most in all: of those that were closed before
// a time which are not erased, in the bin or not, and of those that were put
// into the bin before it.
func (t *tx) Expired(ctx context.Context, before time.Time, limit int) (ticket.Expired, error) {
	purge, err := t.ids(ctx, "find what is to be purged", `SELECT id FROM tickets
		WHERE `+inBin+` AND deleted_at < ? ORDER BY deleted_at, id LIMIT ?`, instant(before), limit)
	if err != nil {
		return ticket.Expired{}, err
	}
	erase, err := all[ticketRow](ctx, t.queries, "find what is to be erased", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets
			WHERE closed_at IS NOT NULL AND erased_at IS NULL AND closed_at < ? AND NOT `+openStatuses+`
			ORDER BY closed_at, id LIMIT ?`, instant(before), limit-len(purge))
	})
	return ticket.Expired{Erase: erase, Purge: purge}, err
}

// ids runs a question for ids.
func (t *tx) ids(ctx context.Context, doing, question string, args ...any) (ids []int64, err error) {
	db, err := t.on(ctx)
	if err != nil {
		return nil, err
	}
	return ids, t.fault(doing, db.Raw(question, args...).Scan(&ids).Error)
}
