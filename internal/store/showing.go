package store

import (
	"context"

	"vinbot/internal/account"
)

// addressed is a ticket and its owner; showing, besides, whether it has cards, and
// whether a report was ever delivered for its VIN.
const (
	addressed = `SELECT ` + withOwner + whose
	showing   = `SELECT ` + withOwner + `,
		EXISTS (SELECT 1 FROM cards WHERE cards.ticket_id = shown.id),
		EXISTS (SELECT 1 FROM tickets AS served JOIN reports ON reports.ticket_id = served.id AND reports.status = 'delivered'
			WHERE substr(served.vin, 12) = substr(shown.vin, 12) AND served.erased_at IS NULL AND served.vin = shown.vin
				AND served.status = 'done' AND served.` + visible + `)` + whose

	withOwner = ticketColumns + `, coalesce(name, ''), coalesce(username, ''), coalesce(language, '')`
	whose     = `
	FROM tickets AS shown LEFT JOIN (SELECT id AS person, name, username, language FROM users) AS owner ON person = owner_id
	WHERE id = ? AND ` + visible
)

// Showing finds a ticket with what its card tells besides, in one question: each
// card that is sent asks it.
func (s *Store) Showing(ctx context.Context, id int64) (account.Showing, error) {
	return s.shown(ctx, showing, id, func(found *account.Showing) []any { return []any{&found.Posted, &found.Served} })
}

// Addressed finds a ticket with who it is for, as each message about it asks. Posted
// and Served are not looked up.
func (s *Store) Addressed(ctx context.Context, id int64) (account.Showing, error) {
	return s.shown(ctx, addressed, id, func(*account.Showing) []any { return nil })
}

func (s *Store) shown(ctx context.Context, question string, id int64, more func(*account.Showing) []any) (account.Showing, error) {
	var r ticketRow
	var found account.Showing
	columns := append(r.columns(), &found.Owner.Name, &found.Owner.Username, &found.Owner.Language)
	err := s.scan(ctx, "find a ticket to be shown", sqlf(question, id), append(columns, more(&found)...)...)
	if err != nil {
		return account.Showing{}, err
	}
	found.Ticket = r.domain()
	found.Owner.ID = r.OwnerID
	return found, nil
}
