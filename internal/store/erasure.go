package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// beginning is before every time that is stored: a question about all rows of
// an index that is ordered by time names it.
var beginning = time.Unix(0, 0) //nolint:gochecknoglobals // a constant that the language has no literal for

// erasures forgets people.
type erasures struct{ s *Store }

var _ ticket.Erasures = erasures{}

// Erasures gives what is forgotten of people.
func (s *Store) Erasures() ticket.Erasures { return erasures{s} }

// AddErasure stores a wish and sets its ID, and reports whether it is the
// person's first one.
func (p erasures) AddErasure(ctx context.Context, e *ticket.Erasure) (fresh bool, err error) {
	err = p.s.do(ctx, func(ctx context.Context, t *tx) error {
		if id := ticket.RequestID(ctx); id != "" {
			e.RequestID = id
		}
		err := t.scan(ctx, "store whom to forget", sqlf(`
			INSERT INTO erasures (owner_id, message_id, language, confirmed_at, request_id) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING RETURNING id`, e.Owner, e.Message, e.Language, instant(e.ConfirmedAt), e.RequestID), &e.ID)
		if ticket.IsNotFound(err) {
			return nil
		}
		fresh = err == nil
		return err
	})
	return fresh && err == nil, err
}

// Erasure finds a wish.
func (p erasures) Erasure(ctx context.Context, id int64) (ticket.Erasure, error) {
	e := ticket.Erasure{ID: id}
	var at instant
	err := p.s.scan(ctx, "find whom to forget", sqlf(`
		SELECT owner_id, message_id, language, erased, confirmed_at, request_id FROM erasures WHERE id = ?`, id),
		&e.Owner, &e.Message, &e.Language, &e.Erased, &at, &e.RequestID)
	e.ConfirmedAt = time.Time(at)
	return e, err
}

// TicketsToErase lists a person's tickets that are not erased, in the bin or
// not, by id.
func (p erasures) TicketsToErase(ctx context.Context, owner int64) ([]ticket.Ticket, error) {
	return all[ticketRow](ctx, p.s.queries, "list the tickets to erase", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets WHERE owner_id = ? AND owner_id <> 0 AND `+visible+` AND erased_at IS NULL
			UNION ALL
			SELECT `+ticketColumns+` FROM tickets WHERE owner_id = ? AND owner_id <> 0 AND `+inBin+` AND erased_at IS NULL
			ORDER BY id`, owner, owner)
	})
}

// CancelDeleted closes a ticket in the bin.
func (p erasures) CancelDeleted(ctx context.Context, id int64) error {
	return p.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "cancel a deleted ticket", `UPDATE tickets SET status = 'cancelled', closed_at = ?, look_at = NULL, version = version + 1
			WHERE id = ? AND `+inBin+` AND `+openStatuses, instant(t.now), id)
		return err
	})
}

const (
	// aboutTheirs chooses rows about a ticket of a person, be it in the bin. It
	// takes the person twice.
	aboutTheirs = `ticket_id IN (
	SELECT id FROM tickets WHERE owner_id = ? AND owner_id <> 0 AND ` + visible + `
	UNION ALL SELECT id FROM tickets WHERE owner_id = ? AND owner_id <> 0 AND ` + inBin + `)`
	// theirs chooses rows of outbox that are for a person, or about one of their
	// tickets. It takes the person three times.
	theirs = `(chat_id = ? AND chat_id > 0 OR ` + aboutTheirs + `)`
)

// InFlight reports whether something is being done at this moment that is for
// a person, or about one of their tickets.
func (p erasures) InFlight(ctx context.Context, owner int64) (bool, error) {
	var n int
	err := p.s.scan(ctx, "look for what is in flight", sqlf(`SELECT count(*) FROM outbox
		WHERE state = 'leased' AND leased_until >= ? AND `+theirs, instant(beginning), owner, owner, owner), &n)
	if n > 0 || err != nil {
		return n > 0, err
	}
	err = p.s.scan(ctx, "look for what is in flight", sqlf(`SELECT count(*) FROM crm_jobs WHERE state = 'leased' AND leased_until >= ?
		AND `+aboutTheirs, instant(beginning), owner, owner), &n)
	return n > 0, err
}

// DropWaiting removes what waits to be sent to a person, or about one of their
// tickets, and what of it was set aside.
func (p erasures) DropWaiting(ctx context.Context, owner int64) error {
	return p.s.do(ctx, func(ctx context.Context, t *tx) error {
		const doing = "drop what waits"
		_, err := t.exec(ctx, doing, `DELETE FROM outbox WHERE state = 'waiting' AND id > 0 AND `+theirs, owner, owner, owner)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, doing, `DELETE FROM outbox WHERE state = 'dead' AND finished_at >= ? AND `+theirs,
			instant(beginning), owner, owner, owner)
		return err
	})
}

// CopiesOf lists where in the groups copies of a ticket's answers stand.
func (p erasures) CopiesOf(ctx context.Context, id int64) ([]ticket.Place, error) {
	const doing = "list the copies of answers"
	db, err := p.s.on(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := db.Raw(`SELECT chat_id, message_id FROM copies WHERE conversation_id IN (
		SELECT id FROM conversations WHERE ticket_id = ?) ORDER BY chat_id, message_id`, id).Rows()
	if err != nil {
		return nil, p.s.fault(doing, err)
	}
	defer rows.Close()
	var places []ticket.Place
	for rows.Next() {
		var at ticket.Place
		if err := rows.Scan(&at.Chat, &at.Message); err != nil {
			return nil, p.s.fault(doing, err)
		}
		places = append(places, at)
	}
	return places, p.s.fault(doing, rows.Err())
}

// ErasePerson removes what is known of a person, and what was set aside that
// tells of them or of one of their cars, and notes that it is done.
func (p erasures) ErasePerson(ctx context.Context, e ticket.Erasure, tickets []ticket.Ticket) error {
	return p.s.do(ctx, func(ctx context.Context, t *tx) error {
		if err := t.forgetUpdates(ctx, e.Owner, tickets); err != nil {
			return err
		}
		if err := (bans{p.s, &p.s.bans}).forgetReason(ctx, e.Owner); err != nil {
			return err
		}
		for _, s := range []statement{
			sqlf(`DELETE FROM users WHERE id = ?`, e.Owner),
			sqlf(`DELETE FROM api_sessions WHERE owner_id = ?`, e.Owner),
			sqlf(`DELETE FROM panel_sessions WHERE user_id = ?`, e.Owner),
			sqlf(`UPDATE audit SET person_id = 0 WHERE person_id = ? AND person_id <> 0`, e.Owner),
			sqlf(`DELETE FROM idempotency_keys WHERE caller = ?`, account.OwnerCaller(e.Owner)),
			sqlf(`DELETE FROM api_usage WHERE caller = ?`, account.OwnerCaller(e.Owner)), // a few minutes' worth
			sqlf(`UPDATE erasures SET erased = ? WHERE id = ?`, true, e.ID),
		} {
			if _, err := t.exec(ctx, "erase a person", s.text, s.args...); err != nil {
				return err
			}
		}
		return t.cleanContacts(ctx, e.Owner-1, e.Owner)
	})
}

// ForgetErasure removes the wish itself, and what was sent to the person.
func (p erasures) ForgetErasure(ctx context.Context, e ticket.Erasure) error {
	return p.s.do(ctx, func(ctx context.Context, t *tx) error {
		for _, s := range []statement{
			sqlf(`DELETE FROM outbox WHERE state = 'dead' AND finished_at >= ? AND chat_id = ? AND chat_id > 0`, instant(beginning), e.Owner),
			sqlf(`DELETE FROM erasures WHERE id = ?`, e.ID),
		} {
			if _, err := t.exec(ctx, "forget an erasure", s.text, s.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// forgetUpdates erases the updates that were set aside and tell of a person:
// theirs, and those of managers that quote a message of ours about a ticket of
// theirs.
func (t *tx) forgetUpdates(ctx context.Context, person int64, tickets []ticket.Ticket) error {
	const doing = "look through what was set aside"
	db, err := t.on(ctx)
	if err != nil {
		return err
	}
	var set []updateRow
	err = db.Raw(`SELECT seq, body FROM updates WHERE state = 'dead' AND handled_at >= ?`, instant(beginning)).Scan(&set).Error
	if err != nil {
		return t.fault(doing, err)
	}
	for _, u := range set {
		if !tellsOf(u.Body, person, tickets) {
			continue
		}
		if _, err := t.exec(ctx, "erase what was set aside", `UPDATE updates SET state = 'done', body = NULL WHERE seq = ?`, u.Seq); err != nil {
			return err
		}
	}
	return nil
}

// tellsOf reports whether an update names a person or one of their cars, or
// quotes a message with a button for one of their tickets. What cannot be read
// is searched as it is.
func tellsOf(body []byte, person int64, tickets []ticket.Ticket) bool {
	id := strconv.FormatInt(person, 10)
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return !errors.Is(err, io.EOF) && bytes.Contains(body, []byte(id))
		}
		switch v := token.(type) {
		case json.Number:
			if v.String() == id {
				return true
			}
		case string:
			if quotes(v, tickets) {
				return true
			}
		}
	}
}

// quotes reports whether a text names a car, or is the data of a button for a
// ticket, such as take:12 or prio:12:high.
func quotes(text string, tickets []ticket.Ticket) bool {
	for _, k := range tickets {
		if strings.Contains(text, k.VIN) {
			return true
		}
		if _, argument, ok := strings.Cut(text, ":"); ok {
			number, _, _ := strings.Cut(argument, ":")
			if number == strconv.FormatInt(k.ID, 10) {
				return true
			}
		}
	}
	return false
}
