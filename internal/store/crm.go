package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/crm"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// crmStore keeps what is known of the CRM, and the jobs for it.
type crmStore struct{ s *Store }

var _ crm.Store = crmStore{}

// CRM gives what is known of the CRM.
func (s *Store) CRM() crm.Store { return crmStore{s} }

// Begin notes which account is kept up to date. Where it is another than before,
// or the first, what was known by ids is forgotten, and all that happened so far
// is taken as seen.
func (c crmStore) Begin(ctx context.Context, account string) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		const doing = "note the CRM's account"
		n, err := t.exec(ctx, doing, `INSERT INTO crm_state (id, account, seen) VALUES (1, ?, `+lastEvent+`)
			ON CONFLICT (id) DO UPDATE SET account = excluded.account, seen = excluded.seen, refused_at = NULL, reason = '', alarmed_at = NULL, elsewhere_at = NULL
			WHERE crm_state.account <> excluded.account`, account)
		if err != nil || n == 0 {
			return err
		}
		for _, statement := range []string{`DELETE FROM crm_deals`, `DELETE FROM crm_contacts`} {
			if _, err := t.exec(ctx, doing, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// State tells how the CRM behaves; of none, that it takes what it is sent.
func (c crmStore) State(ctx context.Context) (state crm.State, err error) {
	var refused instant
	err = c.s.scan(ctx, "read how the CRM behaves", sqlf(`SELECT seen, refused_at, reason FROM crm_state WHERE id = 1`),
		&state.Seen, &refused, &state.Reason)
	if ticket.IsNotFound(err) {
		return crm.State{}, nil
	}
	state.RefusedAt = time.Time(refused)
	return state, err
}

// Advance notes that events were looked at up to a number, and reports whether
// those up to another were before.
func (c crmStore) Advance(ctx context.Context, from, to int64) (bool, error) {
	var n int64
	err := c.s.do(ctx, func(ctx context.Context, t *tx) (err error) {
		n, err = t.exec(ctx, "note what the CRM has seen", `UPDATE crm_state SET seen = ? WHERE id = 1 AND seen = ?`, to, from)
		return err
	})
	return n == 1 && err == nil, err
}

// Refused notes since when and why the CRM refuses us, and reports whether
// somebody is to be told.
func (c crmStore) Refused(ctx context.Context, at time.Time, reason string, within time.Duration) (bool, error) {
	var n int64
	err := c.s.do(ctx, func(ctx context.Context, t *tx) (err error) {
		const doing = "note that the CRM refuses us"
		n, err = t.exec(ctx, doing, `UPDATE crm_state SET alarmed_at = ?
			WHERE id = 1 AND refused_at IS NULL AND (alarmed_at IS NULL OR alarmed_at < ?)`, instant(at), instant(at.Add(-within)))
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, doing, `UPDATE crm_state SET refused_at = coalesce(refused_at, ?), reason = ? WHERE id = 1`, instant(at), reason)
		return err
	})
	return n == 1 && err == nil, err
}

// Elsewhere notes that somebody is told of a deal in another pipeline, and reports
// whether nobody was within a time.
func (c crmStore) Elsewhere(ctx context.Context, at time.Time, within time.Duration) (bool, error) {
	var n int64
	err := c.s.do(ctx, func(ctx context.Context, t *tx) (err error) {
		n, err = t.exec(ctx, "note that a deal is in another pipeline", `UPDATE crm_state SET elsewhere_at = ?
			WHERE id = 1 AND (elsewhere_at IS NULL OR elsewhere_at < ?)`, instant(at), instant(at.Add(-within)))
		return err
	})
	return n == 1 && err == nil, err
}

// Accepted notes that the CRM takes us.
func (c crmStore) Accepted(ctx context.Context) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "note that the CRM takes us",
			`UPDATE crm_state SET refused_at = NULL, reason = '' WHERE id = 1 AND refused_at IS NOT NULL`)
		return err
	})
}

// Deal gives what is known of a ticket's deal; nothing known is no error.
func (c crmStore) Deal(ctx context.Context, id int64) (l crm.Link, err error) {
	var tried instant
	err = c.s.scan(ctx, "find a deal", sqlf(`SELECT deal_id, tried_at, sent, status, told, elsewhere, gone FROM crm_deals WHERE ticket_id = ?`, id),
		&l.ID, &tried, &l.Sent, &l.Status, &l.Told, &l.Elsewhere, &l.Gone)
	return known(l, tried, err)
}

// Contact gives what is known of an owner's contact; nothing known is no error.
func (c crmStore) Contact(ctx context.Context, owner int64) (l crm.Link, err error) {
	var tried instant
	err = c.s.scan(ctx, "find a contact", sqlf(`SELECT contact_id, tried_at, sent FROM crm_contacts WHERE owner_id = ?`, owner),
		&l.ID, &tried, &l.Sent)
	return known(l, tried, err)
}

func known(l crm.Link, tried instant, err error) (crm.Link, error) {
	if ticket.IsNotFound(err) {
		return crm.Link{}, nil
	}
	l.TriedAt = time.Time(tried)
	return l, err
}

// unerased is where something may be kept of a ticket, in the bin or not.
const unerased = `FROM tickets WHERE id = ? AND erased_at IS NULL`

// SaveDeal stores what is known of a deal, unless its ticket was erased.
func (c crmStore) SaveDeal(ctx context.Context, id int64, l crm.Link) (bool, error) {
	return c.save(ctx, "store a deal", `INSERT INTO crm_deals (ticket_id, deal_id, tried_at, sent, status, told, elsewhere, gone)
		SELECT id, ?, ?, ?, ?, ?, ?, ? `+unerased+`
		ON CONFLICT (ticket_id) DO UPDATE SET deal_id = excluded.deal_id, tried_at = excluded.tried_at, sent = excluded.sent,
			status = excluded.status, told = excluded.told, elsewhere = excluded.elsewhere, gone = excluded.gone`,
		l.ID, instant(l.TriedAt), l.Sent, l.Status, l.Told, l.Elsewhere, l.Gone, id)
}

// SaveContact stores what is known of the contact of a ticket's owner, unless
// the ticket was erased.
func (c crmStore) SaveContact(ctx context.Context, id, owner int64, l crm.Link) (bool, error) {
	return c.save(ctx, "store a contact", `INSERT INTO crm_contacts (owner_id, contact_id, tried_at, sent)
		SELECT owner_id, ?, ?, ? `+unerased+` AND owner_id = ?
		ON CONFLICT (owner_id) DO UPDATE SET contact_id = excluded.contact_id, tried_at = excluded.tried_at, sent = excluded.sent`,
		l.ID, instant(l.TriedAt), l.Sent, id, owner)
}

func (c crmStore) save(ctx context.Context, doing, statement string, args ...any) (bool, error) {
	var n int64
	err := c.s.do(ctx, func(ctx context.Context, t *tx) (err error) {
		n, err = t.exec(ctx, doing, statement, args...)
		return err
	})
	return n == 1 && err == nil, err
}

// gapRow is how far a ticket's deal is.
type gapRow struct {
	TicketID int64
	DealID   string
	Told     int64
	Gone     bool
	Last     int64
	Queued   bool
}

func (r gapRow) domain() crm.Gap {
	return crm.Gap{Ticket: r.TicketID, Link: crm.Link{ID: r.DealID, Told: r.Told, Gone: r.Gone}, Last: r.Last, Queued: r.Queued}
}

// Gaps tells of the tickets opened since a time, after an id, by id, limit at
// most: none that is in the bin or erased.
func (c crmStore) Gaps(ctx context.Context, since time.Time, after int64, limit int) ([]crm.Gap, error) {
	return all[gapRow](ctx, c.s.queries, "look for gaps in the CRM", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT t.id AS ticket_id, coalesce(deal_id, '') AS deal_id, coalesce(told, 0) AS told, coalesce(gone, FALSE) AS gone,
				(SELECT coalesce(max(e.id), 0) FROM events AS e WHERE e.ticket_id = t.id) AS last,
				EXISTS (SELECT 1 FROM crm_jobs AS j WHERE j.ticket_id = t.id AND (j.state = 'waiting' OR j.state = 'leased')) AS queued
			FROM tickets AS t LEFT JOIN crm_deals AS d ON d.ticket_id = t.id
			WHERE t.id > ? AND t.opened_at >= ? AND t.`+visible+` AND t.erased_at IS NULL ORDER BY t.id LIMIT ?`,
			after, instant(since), limit)
	})
}

// Queue gives the jobs as a relay takes them.
func (c crmStore) Queue() outbox.Store {
	return workQueue{s: c.s, table: "crm_jobs", plan: crmJobPlan, since: "created_at", head: crmHead}
}
