package store_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// rowsOf holds a row for each of the tables that asking everything leaves
// empty, in the words of both databases.
var rowsOf = map[string]string{
	"leader":           `INSERT INTO leader (id, epoch, taken_at) VALUES (1, 7, '2026-11-24 10:00:00+00:00')`,
	"leader_beat":      `INSERT INTO leader_beat (id, epoch, at) VALUES (1, 7, '2026-11-24 10:00:00+00:00')`,
	"bans":             `INSERT INTO bans (person, reason, by_id, banned_at) VALUES ('ab', 'Шум', 7, '2026-11-24 10:00:00.5+00:00')`,
	"erasures":         `INSERT INTO erasures (owner_id, message_id, language, confirmed_at, request_id) VALUES (9, 1, 'ru', '2026-11-24 10:00:00+00:00', 'r')`,
	"prompts":          `INSERT INTO prompts (chat_id, message_id, ticket_id, kind, asked_at) SELECT -100, 9, min(id), 'reject', '2026-11-24 10:00:00+00:00' FROM tickets`,
	"copies":           `INSERT INTO copies (chat_id, message_id, conversation_id) SELECT -100, 8, min(id) FROM conversations`,
	"api_tokens":       `INSERT INTO api_tokens (name, hash, scopes, per_minute, created_at) VALUES ('Сайт', X'01ff', 'manage', 60, '2026-11-24 10:00:00+00:00')`,
	"api_sessions":     `INSERT INTO api_sessions (owner_id, hash, access_until, expires_at, created_at) VALUES (7, X'02ff', '2026-11-24 11:00:00+00:00', '2026-12-24 10:00:00+00:00', '2026-11-24 10:00:00+00:00')`,
	"api_usage":        `INSERT INTO api_usage (caller, minute, granted) VALUES ('token:1', 29000000, 40)`,
	"idempotency_keys": `INSERT INTO idempotency_keys (caller, name, request, status, headers, answer, ticket_id, created_at) VALUES ('token:1', 'k', X'03', 201, '{}', X'7b7d', 1, '2026-11-24 10:00:00+00:00')`,
	"refresh_tokens":   `INSERT INTO refresh_tokens (hash, session_id) SELECT X'04', min(id) FROM api_sessions`,
	"keys":             `INSERT INTO keys (name, value) VALUES ('another', X'00ff')`,
}

// full fills every table.
func full(t *testing.T, f *fixture) {
	t.Helper()
	askEverything(t, f)
	f.private(t, start())
	k := f.ticket(t, 77, vinA)
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		require.NoError(t, tx.SetRating(ctx, ticket.Rating{Ticket: k.ID, Stars: 3, RatedAt: start(), ChangedAt: start()}))
		for i := range 450 { // more than two batches
			place := ticket.Place{Chat: -100, Topic: 3, Message: 1000 + i}
			if err := tx.AddCard(ctx, ticket.Card{TicketID: k.ID, Kind: ticket.CardMain, Place: place}); err != nil {
				return err
			}
		}
		return nil
	})
	gone := f.ticket(t, 78, vinA) // its number must not come again
	f.Exec(t, `DELETE FROM tickets WHERE id = ?`, gone.ID)
	for _, table := range f.Tables(t) {
		var n int
		f.Query(t, `SELECT count(*) FROM `+table, &n)
		if statement, ok := rowsOf[table]; ok && n == 0 {
			f.Exec(t, statement)
			f.Query(t, `SELECT count(*) FROM `+table, &n)
		}
		require.Positive(t, n, "table %s: have a row of it in this test, so that its copy is tried", table)
	}
}

func TestCopyingThereAndBackLosesNothing(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	full(t, f)
	f.Exec(t, `UPDATE users SET name = ?`, "Ёжик «в тумане»\n\t'\"\\ 🦔")
	tables := f.Tables(t)
	next := func(f *fixture) int64 { return f.ticket(t, 79, vinB).ID }
	before := f.Everything(t)
	require.NoError(t, f.Close())

	server := store.Postgres(pgtest.Empty(t))
	there := copied(t, store.SQLite(f.path), server)
	var names []string
	for _, c := range there {
		names = append(names, c.Name)
		assert.Positive(t, c.Rows, c.Name)
	}
	assert.ElementsMatch(t, tables, names, "every table")
	path := filepath.Join(t.TempDir(), "back", "vinbot.db")
	assert.Equal(t, there, copied(t, server, store.SQLite(path)), "the same counts and checksums")

	back := openFixtureAt(t, path)
	assert.Equal(t, before, back.Everything(t))
	again := openFixtureAt(t, f.path)
	want := next(again)
	assert.Equal(t, want, next(back), "numbers go on where they were")
	assert.Equal(t, want, next(openOn(t, server)))
	require.NoError(t, back.Writable(t.Context()))
}

func copied(t *testing.T, from, to store.Database) (tables []store.CopiedTable) {
	t.Helper()
	require.NoError(t, store.Copy(t.Context(), from, to, func(c store.CopiedTable) { tables = append(tables, c) }))
	return tables
}

// Everything gives all rows of all tables, as text, in an order of its own.
func (f *fixture) Everything(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, table := range f.Tables(t) {
		for _, row := range f.Rows(t, "SELECT * FROM "+table) {
			lines = append(lines, table+" "+row)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestACopyThatDiffersIsNotKept(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	full(t, f)
	require.NoError(t, f.Close())
	for name, spoil := range map[string]string{
		"a value": `CREATE TRIGGER spoil AFTER INSERT ON events BEGIN UPDATE events SET detail = 'x' WHERE id = NEW.id; END`,
		"a row":   `CREATE TRIGGER spoil AFTER INSERT ON events WHEN NEW.id = 2 BEGIN DELETE FROM events WHERE id = NEW.id; END`,
	} {
		to := openFixture(t)
		to.Exec(t, spoil)
		require.NoError(t, to.Close())
		err := store.Copy(t.Context(), store.SQLite(f.path), store.SQLite(to.path), func(store.CopiedTable) {})
		require.ErrorContains(t, err, "nothing is copied", name)
		to = openFixtureAt(t, to.path)
		assert.Empty(t, to.Everything(t), name)
	}
}

func TestWhereNothingIsCopied(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	f.ticket(t, 1, vinA)
	require.NoError(t, f.Close())
	dir := t.TempDir()
	fresh := func(name string) store.Database { return store.SQLite(filepath.Join(dir, name)) }
	refused := func(from, to store.Database, why string) {
		t.Helper()
		err := store.Copy(t.Context(), from, to, func(store.CopiedTable) { t.Error("something is copied") })
		require.ErrorContains(t, err, why)
	}
	source := store.SQLite(f.path)
	refused(source, source, "the same database")
	refused(fresh("none.db"), fresh("a.db"), "there is no such database")
	assert.NoFileExists(t, filepath.Join(dir, "none.db"))

	occupied := openFixture(t)
	occupied.ticket(t, 1, vinB)
	require.NoError(t, occupied.Close())
	before := openFixtureAt(t, occupied.path)
	held := before.Everything(t)
	require.NoError(t, before.Close())
	refused(source, store.SQLite(occupied.path), "table tickets has rows")
	after := openFixtureAt(t, occupied.path)
	assert.Equal(t, held, after.Everything(t))

	for _, path := range []string{f.path, filepath.Join(dir, "b.db")} {
		lock, err := store.LockFile(path)
		require.NoError(t, err)
		refused(source, fresh("b.db"), store.ErrLocked.Error())
		require.NoError(t, lock.Release())
	}
	_, err := store.MigrateDown(t.Context(), source)
	require.NoError(t, err)
	refused(source, fresh("c.db"), "run vinbot migrate up on it first")

	ended, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	require.Error(t, store.Copy(ended, source, fresh("d.db"), func(store.CopiedTable) {}))
}
