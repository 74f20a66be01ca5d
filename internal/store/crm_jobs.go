package store

import (
	"context"
	"time"

	"vinbot/internal/crm"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// crmJobPlan are the columns that the head of a job is made of.
const crmJobPlan = `id, what, ticket_id, subject, run_at`

// crmHead is what the relay plans a job by.
func crmHead(r workRow) outbox.Head {
	return crm.Job{ID: r.ID, What: r.What, Ticket: r.ticket(), Subject: r.Subject}.Head(time.Time(r.RunAt))
}

// Ask queues a job for a ticket, unless one waits.
func (c crmStore) Ask(ctx context.Context, id int64, requestID string) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		r := workRow{What: "ticket", TicketID: &id, RunAt: instant(t.now)}
		err := t.scan(ctx, "queue a job for the CRM", sqlf(`INSERT INTO crm_jobs (what, ticket_id, request_id, created_at, run_at)
			SELECT 'ticket', ?, ?, ?, ?
			WHERE NOT EXISTS (SELECT 1 FROM crm_jobs WHERE ticket_id = ? AND state = 'waiting')
			RETURNING id`, id, requestID, instant(t.now), instant(t.now), id), &r.ID)
		if ticket.IsNotFound(err) { // one waits
			return nil
		}
		if err == nil {
			t.left.queue(CRMJobs, crmHead(r))
		}
		return err
	})
}

// Again queues a job for a ticket, too, and forgets that its deal was deleted.
func (c crmStore) Again(ctx context.Context, id int64, deleted bool) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		if _, err := t.exec(ctx, "forget a deal that was deleted", `DELETE FROM crm_deals WHERE ticket_id = ? AND (gone OR ?)`, id, deleted); err != nil {
			return err
		}
		return c.Ask(ctx, id, ticket.RequestID(ctx))
	})
}

// Job finds a job.
func (c crmStore) Job(ctx context.Context, id int64) (crm.Job, error) {
	j := crm.Job{ID: id}
	var made instant
	err := c.s.scan(ctx, "find a job of the CRM", sqlf(`SELECT what, coalesce(ticket_id, 0), subject, external_id, status, created_at
		FROM crm_jobs WHERE id = ?`, id), &j.What, &j.Ticket, &j.Subject, &j.External, &j.Status, &made)
	j.CreatedAt = time.Time(made)
	return j, err
}

// Done forgets whom a job was about, and what was given up of its ticket before.
func (c crmStore) Done(ctx context.Context, id int64) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "forget whom a job was about", `UPDATE crm_jobs SET subject = 0, external_id = ''
			WHERE id = ? AND (subject <> 0 OR external_id <> '')`, id)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, "forget what was given up before", `DELETE FROM crm_jobs
			WHERE ticket_id = (SELECT ticket_id FROM crm_jobs WHERE id = ?) AND state = 'dead'`, id)
		return err
	})
}

// cleanDeal has the deal of a ticket that is about to be erased, or removed,
// cleaned, and forgets which it is. The relay finds the job.
func (t *tx) cleanDeal(ctx context.Context, id int64) error {
	const doing = "have a deal cleaned"
	_, err := t.exec(ctx, doing, `INSERT INTO crm_jobs (what, subject, external_id, status, request_id, created_at, run_at)
		SELECT 'deal', ticket_id, deal_id, coalesce((SELECT status FROM tickets WHERE tickets.id = ticket_id AND erased_at IS NULL), ''), '', ?, ?
		FROM crm_deals WHERE ticket_id = ? AND NOT gone`, instant(t.now), instant(t.now), id)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, doing, `DELETE FROM crm_deals WHERE ticket_id = ?`, id)
	return err
}

// cleanContacts has the contacts of owners cleaned who are not known any more, nor
// have tickets, of those after an id up to another.
func (t *tx) cleanContacts(ctx context.Context, after, upTo int64) error {
	const (
		doing   = "have contacts cleaned"
		unknown = `FROM crm_contacts WHERE owner_id > ? AND owner_id <= ? AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = crm_contacts.owner_id)
			AND NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.owner_id = crm_contacts.owner_id AND ` + visible + `)
			AND NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.owner_id = crm_contacts.owner_id AND ` + inBin + `)`
	)
	_, err := t.exec(ctx, doing, `INSERT INTO crm_jobs (what, subject, external_id, request_id, created_at, run_at)
		SELECT 'contact', CASE contact_id WHEN '' THEN owner_id ELSE 0 END, contact_id, '', ?, ? `+unknown, instant(t.now), instant(t.now), after, upTo)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, doing, `DELETE `+unknown, after, upTo)
	return err
}
