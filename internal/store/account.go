package store

import (
	"context"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// userRow is a row of users.
type userRow struct {
	ID          int64
	Name        string
	Username    string
	Language    string
	Chosen      bool
	Unreachable bool
	FirstSeen   instant
	LastSeen    instant
}

// userColumns are those of userRow, whose places columns gives.
const userColumns = `id, name, username, language, language_chosen, unreachable, first_seen, last_seen`

func (r *userRow) columns() []any {
	return []any{&r.ID, &r.Name, &r.Username, &r.Language, &r.Chosen, &r.Unreachable, &r.FirstSeen, &r.LastSeen}
}

func (r userRow) domain() account.User {
	return account.User{
		ID:             r.ID,
		Name:           r.Name,
		Username:       r.Username,
		Language:       r.Language,
		LanguageChosen: r.Chosen,
		Unreachable:    r.Unreachable,
		FirstSeen:      time.Time(r.FirstSeen),
		LastSeen:       time.Time(r.LastSeen),
	}
}

// chatRow is a row of chats: a group that became a supergroup.
type chatRow struct {
	ID         int64
	MigratedTo int64
}

// TableName names the table.
func (chatRow) TableName() string { return "chats" }

// accounts keeps people and chats.
type accounts struct{ s *Store }

var _ account.Store = accounts{}

// Seen stores what Telegram says of a person now, and clears Unreachable: who
// writes can be written to. It gives the record with Unreachable as it was
// before. An unknown language takes no known one away, and none takes away the one
// that the person chose.
func (a accounts) Seen(ctx context.Context, u account.User) (account.User, error) {
	var r userRow
	folded := account.FoldName(u.Name)
	err := a.s.do(ctx, func(ctx context.Context, t *tx) (err error) {
		values := []any{u.ID, u.Name, u.Username, u.Language, instant(t.now), instant(t.now), folded, account.LastWord(folded)}
		p, known := t.person(u.ID)
		if known && !p.Unreachable && (p.ID == 0 || p.folded == folded) { // nearly always
			r = p.seen(u, t.now)
			l := t.later()
			l.people[u.ID], l.personRows = person{r, folded}, append(l.personRows, values...)
			return nil
		}
		var before string
		row := newPeople()
		err = t.scan(ctx, row.doing, sqlf(row.text(1)+` RETURNING `+userColumns+`, folded`, values...), append(r.columns(), &before)...)
		if err == nil && before != folded { // seldom: the statement above leaves the indexes of names alone
			_, err = t.exec(ctx, "note a person's new name", `UPDATE users SET folded = ?, last_word = ? WHERE id = ?`,
				folded, account.LastWord(folded), u.ID)
		}
		if err != nil || !r.Unreachable {
			return err
		}
		return t.setUnreachable(ctx, u.ID, false)
	})
	if err != nil {
		return account.User{}, err
	}
	return r.domain(), nil
}

// User finds a person.
func (a accounts) User(ctx context.Context, id int64) (account.User, error) {
	var r userRow
	err := a.s.scan(ctx, "find a person", sqlf(`SELECT `+userColumns+` FROM users WHERE id = ?`, id), r.columns()...)
	if err != nil {
		return account.User{}, err
	}
	return r.domain(), nil
}

// ChooseLanguage stores the language that a person chose.
func (a accounts) ChooseLanguage(ctx context.Context, id int64, language string) error {
	return a.s.do(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, "choose a language",
			`UPDATE users SET language = ?, language_chosen = TRUE WHERE id = ?`, language, id)
		if err == nil && n == 0 {
			return ticket.NewError(ticket.CodeNotFound, "choose a language: there is no such person", nil)
		}
		return err
	})
}

// SetUnreachable notes whether messages to a person arrive.
func (a accounts) SetUnreachable(ctx context.Context, id int64, unreachable bool) error {
	return a.s.do(ctx, func(ctx context.Context, t *tx) error {
		return t.setUnreachable(ctx, id, unreachable)
	})
}

func (t *tx) setUnreachable(ctx context.Context, id int64, unreachable bool) error {
	n, err := t.exec(ctx, "note whether a person can be reached",
		`UPDATE users SET unreachable = ? WHERE id = ?`, unreachable, id)
	if err == nil && n == 0 {
		return ticket.NewError(ticket.CodeNotFound, "note whether a person can be reached: there is none", nil)
	}
	return err
}

// Successors maps the old id of each migrated group to its new one.
func (a accounts) Successors(ctx context.Context) (map[int64]int64, error) {
	db, err := a.s.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []chatRow
	if err := db.Find(&rows).Error; err != nil {
		return nil, a.s.fault("list the migrated groups", err)
	}
	next := make(map[int64]int64, len(rows))
	for _, r := range rows {
		next[r.ID] = r.MigratedTo
	}
	return next, nil
}

// Migrated remembers that a group became a supergroup, and reports whether
// this was news.
func (a accounts) Migrated(ctx context.Context, from, to int64) (bool, error) {
	var n int64
	err := a.s.do(ctx, func(ctx context.Context, t *tx) error {
		var err error
		n, err = t.exec(ctx, "remember a migrated group", `
			INSERT INTO chats (id, migrated_to, migrated_at) VALUES (?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET migrated_to = excluded.migrated_to, migrated_at = excluded.migrated_at
			WHERE chats.migrated_to <> excluded.migrated_to`,
			from, to, instant(t.now))
		return err
	})
	return err == nil && n > 0, err
}
