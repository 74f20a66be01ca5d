package store

import (
	"context"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// addressed asks for tickets and their owners; showing, besides, whether they have
// cards, whether a report was ever delivered for their VINs, and whether nobody is
// banned. For the CASE see [checked].
const (
	addressed = `SELECT ` + withOwner + whose
	showing   = `SELECT ` + withOwner + `,
		EXISTS (SELECT 1 FROM cards WHERE cards.ticket_id = shown.id),
		EXISTS (SELECT 1 FROM tickets AS served JOIN reports ON reports.ticket_id = served.id AND reports.status = 'delivered'
			WHERE substr(served.vin, 12) = substr(shown.vin, 12) AND served.erased_at IS NULL AND served.vin = shown.vin
				AND served.status = 'done' AND served.` + visible + `),
		NOT EXISTS (SELECT 1 FROM keys WHERE keys.name = '` + banKey + `')` + whose

	withOwner = ticketColumns + `, coalesce(owner.name, ''), coalesce(username, ''), coalesce(language, '')`
	whose     = `
	FROM tickets AS shown LEFT JOIN (SELECT id AS person, name, username, language FROM users) AS owner ON person = owner_id
	WHERE CASE WHEN ` + visible + ` THEN TRUE END AND id`
)

// Showing finds a ticket with what its card tells besides, in one question: each
// card that is sent asks it.
func (s *Store) Showing(ctx context.Context, id int64) (account.Showing, error) {
	return s.shown(ctx, &s.showings, id)
}

// Addressed finds a ticket with who it is for, as each message about it asks. Posted,
// Served and NoBans are not looked up.
func (s *Store) Addressed(ctx context.Context, id int64) (account.Showing, error) {
	return s.shown(ctx, &s.addressees, id)
}

func (s *Store) shown(ctx context.Context, all *gathered[account.Showing], id int64) (account.Showing, error) {
	const doing = "find a ticket to be shown"
	if s.lookers != nil && s.joined(ctx) == nil {
		return all.get(ctx, doing, id)
	}
	found, err := all.ask(ctx, []int64{id})
	if err != nil {
		return account.Showing{}, err
	}
	shown, ok := found[id]
	if !ok {
		return account.Showing{}, ticket.NewError(ticket.CodeNotFound, doing+": there is none", nil)
	}
	return shown, nil
}

// showAll is Showing for several tickets, addressAll Addressed.
func (s *Store) showAll(ctx context.Context, ids []int64) (map[int64]account.Showing, error) {
	return s.tellOf(ctx, showing, ids, func(found *account.Showing) []any {
		return []any{&found.Posted, &found.Served, &found.NoBans}
	})
}

func (s *Store) addressAll(ctx context.Context, ids []int64) (map[int64]account.Showing, error) {
	return s.tellOf(ctx, addressed, ids, func(*account.Showing) []any { return nil })
}

func (s *Store) tellOf(
	ctx context.Context, question string, ids []int64, more func(*account.Showing) []any,
) (map[int64]account.Showing, error) {
	in, values := within(ids)
	all := make(map[int64]account.Showing, len(ids))
	err := s.looking(ctx).each(ctx, "find tickets to be shown", sqlf(question+in, values...), func(scan func(into ...any) error) error {
		var r ticketRow
		var found account.Showing
		columns := append(r.columns(), &found.Owner.Name, &found.Owner.Username, &found.Owner.Language)
		err := scan(append(columns, more(&found)...)...)
		found.Ticket = r.domain()
		found.Owner.ID = r.OwnerID
		all[r.ID] = found
		return err
	})
	return all, err
}
