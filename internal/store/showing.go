package store

import (
	"context"

	"vinbot/internal/account"
)

// showing is a ticket, its owner, whether it has cards, and whether a report was
// ever delivered for its VIN.
const showing = `SELECT ` + ticketColumns + `, coalesce(name, ''), coalesce(username, ''), coalesce(language, ''),
		EXISTS (SELECT 1 FROM cards WHERE cards.ticket_id = shown.id),
		EXISTS (SELECT 1 FROM tickets AS served JOIN reports ON reports.ticket_id = served.id AND reports.status = 'delivered'
			WHERE substr(served.vin, 12) = substr(shown.vin, 12) AND served.erased_at IS NULL AND served.vin = shown.vin
				AND served.status = 'done' AND served.` + visible + `)
	FROM tickets AS shown LEFT JOIN (SELECT id AS person, name, username, language FROM users) AS owner ON person = owner_id
	WHERE id = ? AND ` + visible

// Showing finds a ticket with what its card and the messages about it tell
// besides, in one question: each message that is sent asks it.
func (s *Store) Showing(ctx context.Context, id int64) (account.Showing, error) {
	var r ticketRow
	var found account.Showing
	err := s.scan(ctx, "find a ticket to be shown", sqlf(showing, id), append(r.columns(),
		&found.Owner.Name, &found.Owner.Username, &found.Owner.Language, &found.Posted, &found.Served)...)
	if err != nil {
		return account.Showing{}, err
	}
	found.Ticket = r.domain()
	found.Owner.ID = r.OwnerID
	return found, nil
}
