package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/crm"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// crmJobRow is a row of crm_jobs.
type crmJobRow struct {
	ID         int64
	What       string
	TicketID   *int64
	Subject    int64
	ExternalID string
	Status     string
	RequestID  string
	Attempt    int
	CreatedAt  instant
	RunAt      instant
}

// crmJobColumns are those of crmJobRow.
const crmJobColumns = `id, what, ticket_id, subject, external_id, status, request_id, attempt, created_at, run_at`

func (r crmJobRow) domain() crm.Job {
	j := crm.Job{
		ID: r.ID, What: r.What, Subject: r.Subject, External: r.ExternalID, Status: ticket.Status(r.Status), CreatedAt: time.Time(r.CreatedAt),
	}
	if r.TicketID != nil {
		j.Ticket = *r.TicketID
	}
	return j
}

func (r crmJobRow) head() outbox.Head { return r.domain().Head(time.Time(r.RunAt)) }

func (r crmJobRow) job() outbox.Job {
	return outbox.Job{
		Head: r.head(), Attempt: r.Attempt, RequestID: r.RequestID, TicketID: r.domain().Ticket, CreatedAt: time.Time(r.CreatedAt),
	}
}

// Ask queues a job for a ticket, unless one waits.
func (c crmStore) Ask(ctx context.Context, id int64, requestID string) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		db, err := t.on(ctx)
		if err != nil {
			return err
		}
		var rows []crmJobRow
		err = db.Raw(`INSERT INTO crm_jobs (what, ticket_id, request_id, created_at, run_at)
			SELECT 'ticket', ?, ?, ?, ?
			WHERE NOT EXISTS (SELECT 1 FROM crm_jobs WHERE ticket_id = ? AND state = 'waiting')
			RETURNING `+crmJobColumns, id, requestID, instant(t.now), instant(t.now), id).Scan(&rows).Error
		for _, r := range rows {
			t.left.queue(CRMJobs, r.head())
		}
		return t.fault("queue a job for the CRM", err)
	})
}

// Again queues a job for a ticket, too, and forgets that its deal was deleted.
func (c crmStore) Again(ctx context.Context, id int64) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		if _, err := t.exec(ctx, "forget a deal that was deleted", `DELETE FROM crm_deals WHERE ticket_id = ? AND gone`, id); err != nil {
			return err
		}
		return c.Ask(ctx, id, ticket.RequestID(ctx))
	})
}

// Job finds a job.
func (c crmStore) Job(ctx context.Context, id int64) (crm.Job, error) {
	return one[crmJobRow](ctx, c.s.queries, "find a job of the CRM", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+crmJobColumns+` FROM crm_jobs WHERE id = ?`, id)
	})
}

// Done forgets whom a job was about.
func (c crmStore) Done(ctx context.Context, id int64) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "forget whom a job was about", `UPDATE crm_jobs SET subject = 0, external_id = '' WHERE id = ?`, id)
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
