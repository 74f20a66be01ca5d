package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// Work lists open tickets in the order in which they are worked off. Each
// priority of each status is a walk along the index; what one person has is
// little, and sorted.
func (q queries) Work(ctx context.Context, by ticket.Work) ([]ticket.Ticket, error) {
	if by.Assignee != 0 {
		return q.workOf(ctx, by)
	}
	var page []ticket.Ticket
	for _, p := range slices.Backward(ticket.Priorities()) {
		if by.Priority != "" && p != by.Priority || by.After.ID != 0 && slices.Contains(by.After.Priority.Higher(), p) {
			continue
		}
		var some []ticket.Ticket
		for _, s := range ticket.Statuses() {
			if !s.Open() || by.Status != "" && s != by.Status {
				continue
			}
			found, err := q.workIn(ctx, by, s, p)
			if err != nil {
				return nil, err
			}
			some = append(some, found...)
		}
		slices.SortFunc(some, byAge)
		page = append(page, some[:min(len(some), by.Limit-len(page))]...)
		if len(page) == by.Limit {
			break
		}
	}
	return page, nil
}

func byAge(a, b ticket.Ticket) int {
	if c := a.OpenedAt.Compare(b.OpenedAt); c != 0 {
		return c
	}
	return int(a.ID - b.ID)
}

// workIn is one walk. The status stands in the text, in the words of the index.
func (q queries) workIn(ctx context.Context, by ticket.Work, s ticket.Status, p ticket.Priority) ([]ticket.Ticket, error) {
	where, values := ``, []any{p}
	if !by.OpenedUntil.IsZero() {
		where, values = where+` AND opened_at <= ?`, append(values, instant(by.OpenedUntil))
	}
	if by.After.ID != 0 && by.After.Priority == p {
		at := instant(by.After.OpenedAt)
		where, values = where+` AND opened_at >= ? AND (opened_at > ? OR id > ?)`, append(values, at, at, by.After.ID)
	}
	return all[ticketRow](ctx, q, "list what is to be done", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets WHERE status = '`+string(s)+`' AND `+openStatuses+` AND `+visible+`
			AND priority = ?`+where+` ORDER BY opened_at, id LIMIT `+pageOf(by.Limit), values...)
	})
}

// rank orders the priorities, the most urgent first.
const rank = `CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END`

// workOf lists what somebody has.
func (q queries) workOf(ctx context.Context, by ticket.Work) ([]ticket.Ticket, error) {
	where, values := ``, []any{by.Assignee}
	if by.Status != "" {
		where, values = where+` AND status = ?`, append(values, by.Status)
	}
	if by.Priority != "" {
		where, values = where+` AND priority = ?`, append(values, by.Priority)
	}
	if !by.OpenedUntil.IsZero() {
		where, values = where+` AND opened_at <= ?`, append(values, instant(by.OpenedUntil))
	}
	if by.After.ID != 0 {
		at, over := instant(by.After.OpenedAt), len(by.After.Priority.Higher())
		where += ` AND (` + rank + ` > ? OR ` + rank + ` = ? AND (opened_at > ? OR opened_at = ? AND id > ?))`
		values = append(values, over, over, at, at, by.After.ID)
	}
	page, err := all[ticketRow](ctx, q, "list what somebody has to do", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+` FROM tickets WHERE assignee_id = ? AND `+openStatuses+` AND `+visible+where+`
			ORDER BY `+rank+`, opened_at, id LIMIT `+pageOf(by.Limit), values...)
	})
	return page[:min(len(page), by.Limit)], err
}

// OpenByStatus counts the open tickets by where they stand, in the index alone.
func (q queries) OpenByStatus(ctx context.Context) (map[ticket.Status]int, error) {
	db, err := q.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Status ticket.Status
		Number int
	}
	err = db.Raw(`SELECT status, count(*) AS number FROM tickets WHERE status >= '' AND ` + openStatuses + ` AND ` + visible + ` GROUP BY status`).
		Scan(&rows).Error
	counts := map[ticket.Status]int{}
	for _, r := range rows {
		counts[r.Status] = r.Number
	}
	return counts, q.fault("count the open tickets", err)
}

// OpenCounts counts the open tickets by where they stand and how urgent they are,
// in the index alone.
func (q queries) OpenCounts(ctx context.Context) (map[ticket.Pile]int, error) {
	db, err := q.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ticket.Pile `gorm:"embedded"`

		Number int
	}
	err = db.Raw(`SELECT status, priority, count(*) AS number FROM tickets
		WHERE status >= '' AND ` + openStatuses + ` AND ` + visible + ` GROUP BY status, priority`).Scan(&rows).Error
	counts := map[ticket.Pile]int{}
	for _, r := range rows {
		counts[r.Pile] = r.Number
	}
	return counts, q.fault("count the open tickets", err)
}

// OpenedUntil gives the number of the newest ticket that was opened at a time or
// before it; 0 where there is none.
func (q queries) OpenedUntil(ctx context.Context, at time.Time) (id int64, err error) {
	err = q.scan(ctx, "find the newest ticket of a time", sqlf(`SELECT id FROM tickets
		WHERE opened_at <= ? AND `+visible+` ORDER BY opened_at DESC LIMIT 1`, instant(at)), &id)
	if ticket.IsNotFound(err) {
		return 0, nil
	}
	return id, err
}

// missRow is a row of sla_steps with its ticket.
type missRow struct {
	Ticket ticketRow `gorm:"embedded"`
	Step   string
	At     instant
}

func (r missRow) domain() ticket.Miss {
	return ticket.Miss{Ticket: r.Ticket.domain(), Step: ticket.Step(r.Step), At: time.Time(r.At)}
}

// missed chooses the steps that say that a deadline was missed, in the words of
// the index.
const missed = `(step = 'take' OR step = 'done')`

// Missed lists the deadlines that were missed since a time, the newest first.
func (l SLA) Missed(ctx context.Context, since time.Time, limit int) ([]ticket.Miss, error) {
	return all[missRow](ctx, l.s.queries, "list missed deadlines", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+ticketColumns+`, step, at
			FROM (SELECT ticket_id, step, at FROM sla_steps WHERE at >= ? AND `+missed+`) AS misses
			JOIN tickets ON tickets.id = ticket_id AND `+visible+` ORDER BY at DESC, ticket_id DESC LIMIT ?`, instant(since), limit)
	})
}

// CountMissed counts the deadlines that were missed since a time.
func (l SLA) CountMissed(ctx context.Context, since time.Time) (n int, err error) {
	return n, l.s.scan(ctx, "count missed deadlines", sqlf(`SELECT count(*) FROM sla_steps
		WHERE at >= ? AND `+missed+` AND `+ofVisible, instant(since)), &n)
}

// Reports lists all reports of a ticket, the newest first.
func (q queries) Reports(ctx context.Context, id int64, limit int) ([]ticket.Report, error) {
	found, err := all[reportRow](ctx, q, "list a ticket's reports", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT * FROM reports WHERE ticket_id = ? AND `+ofVisible+` ORDER BY id DESC LIMIT ?`, id, limit)
	})
	for i := range found {
		if err == nil {
			err = q.readFiles(ctx, &found[i])
		}
	}
	return found, err
}

// Conversation lists a ticket's, the newest limit messages of it, oldest first.
func (c lines) Conversation(ctx context.Context, id int64, limit int) ([]ticket.Spoken, error) {
	found, err := c.list(ctx, "list a conversation", sqlf(`SELECT `+lineColumns+` FROM conversations
		WHERE ticket_id = ? AND `+ofVisible+` ORDER BY conversations.id DESC LIMIT ?`, id, limit))
	if err != nil {
		return nil, err
	}
	slices.Reverse(found)
	said := make([]ticket.Spoken, len(found))
	for i, l := range found {
		said[i].Line = l
		if said[i].Copies, err = c.copiesOf(ctx, l.ID); err != nil {
			return nil, err
		}
	}
	return said, nil
}

func (c lines) copiesOf(ctx context.Context, id int64) (places []ticket.Place, err error) {
	db, err := c.s.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ChatID    int64
		MessageID int
	}
	err = db.Raw(`SELECT chat_id, message_id FROM copies WHERE conversation_id = ?`, id).Scan(&rows).Error
	for _, r := range rows {
		places = append(places, ticket.Place{Chat: r.ChatID, Message: r.MessageID})
	}
	return places, c.s.fault("list the copies of an answer", err)
}

// Holders lists who has open tickets, under the name that their cards show; none
// who hides.
func (q queries) Holders(ctx context.Context) ([]account.User, error) {
	return all[holderRow](ctx, q, "list who has open tickets", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT assignee_id, max(assignee_name) AS name FROM tickets
			WHERE assignee_id > 0 AND assignee_name <> '' AND ` + openStatuses + ` AND ` + visible + ` GROUP BY assignee_id`)
	})
}

type holderRow struct {
	AssigneeID int64
	Name       string
}

func (r holderRow) domain() account.User { return account.User{ID: r.AssigneeID, Name: r.Name} }

// Colleagues lists the people who were in a managers' group since a time.
func (s *Store) Colleagues(ctx context.Context, since time.Time) ([]account.User, error) {
	return all[userRow](ctx, s.queries, "list who is in the groups", func(db *gorm.DB) *gorm.DB {
		return db.Raw(`SELECT `+userColumns+` FROM users WHERE id IN (
			SELECT user_id FROM members WHERE checked_at >= ? AND inside)`, instant(since))
	})
}
