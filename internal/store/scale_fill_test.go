package store_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
)

// filler fills a database with many tickets, beside the store and quicker: the
// indexes and foreign keys are taken away first, and made again afterwards.
type filler struct {
	database store.Database
	driver   string
	address  string
	moment   func(seconds string) string           // an SQL expression for a time, by one for the seconds of the year
	numbers  func(from, to int) string             // a table n(i) of the numbers
	apart    func(b *testing.B, db *sql.DB) func() // takes what slows the filling down away, and brings it back
	settle   []string                              // what the server would have done with the rows since long
}

func fillerSQLite(b *testing.B) filler {
	b.Helper()
	path := filepath.Join(b.TempDir(), "scale.db")
	return filler{
		database: store.SQLite(path),
		driver:   "sqlite3",
		address: (&url.URL{
			Scheme: "file", Opaque: path,
			RawQuery: "_journal_mode=WAL&_synchronous=OFF&_foreign_keys=off&_cache_size=-262144",
		}).String(),
		moment: func(seconds string) string {
			return `strftime('%Y-%m-%d %H:%M:%f', '2025-11-24 12:00:00', '+' || (` + seconds + `) || ' seconds') || '+00:00'`
		},
		numbers: func(from, to int) string {
			return fmt.Sprintf(`(WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) AS n`, from, to)
		},
		apart: func(b *testing.B, db *sql.DB) func() {
			b.Helper()
			// Two stay: made at the end their pages were full to the brim, which
			// they never are where entries come in anywhere.
			const indexes = ` FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name NOT IN ('tickets_tail', 'tickets_owner')`
			return aside(b, db, `SELECT 'DROP INDEX ' || name`+indexes, `SELECT sql`+indexes)
		},
		settle: []string{`PRAGMA wal_checkpoint(TRUNCATE)`},
	}
}

func fillerPostgres(b *testing.B) filler {
	b.Helper()
	address := pgtest.Database(b)
	return filler{
		database: store.Postgres(address),
		driver:   "pgx",
		address:  address,
		moment: func(seconds string) string {
			return `TIMESTAMPTZ '2025-11-24 12:00:00+00' + (` + seconds + `) * INTERVAL '1 second'`
		},
		numbers: func(from, to int) string {
			return fmt.Sprintf(`generate_series(%d::bigint, %d::bigint) AS n(i)`, from, to)
		},
		apart: func(b *testing.B, db *sql.DB) func() {
			b.Helper()
			const (
				keys    = ` FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`
				indexes = ` FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT IN (SELECT conname FROM pg_constraint)`
			)
			keyed := aside(b, db,
				`SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)`+keys,
				`SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))`+keys)
			indexed := aside(b, db, `SELECT format('DROP INDEX %I', indexname)`+indexes, `SELECT indexdef`+indexes)
			return func() { indexed(); keyed() }
		},
		settle: []string{`VACUUM (ANALYZE)`, `CHECKPOINT`},
	}
}

// aside runs the statements that a question gives, and later those that another
// gave before.
func aside(b *testing.B, db *sql.DB, away, back string) func() {
	b.Helper()
	backs := texts(b, db, back)
	run(b, db, texts(b, db, away)...)
	return func() { run(b, db, backs...) }
}

func texts(b *testing.B, db *sql.DB, question string) (all []string) {
	b.Helper()
	rows, err := db.QueryContext(b.Context(), question)
	require.NoError(b, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		must(b, rows.Scan(&text))
		all = append(all, text)
	}
	must(b, rows.Err())
	return all
}

func run(b *testing.B, db *sql.DB, statements ...string) {
	b.Helper()
	for _, s := range statements {
		_, err := db.ExecContext(b.Context(), s)
		require.NoError(b, err, s)
	}
}

// vinNumber and ownerNumber scatter the numbers of tickets, so that the entries
// of one after the other lie anywhere in an index, as they do in life.
const vinNumber, ownerNumber = 611_953, 7919

// fill makes so many tickets, with events, cards and reports, and opens the
// store. The last of them are open, one of twenty others is in the bin.
func (f filler) fill(b *testing.B, n int) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), store.Options{Database: f.database, Clock: scaleNow, Log: zerolog.Nop()})
	require.NoError(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	db, err := sql.Open(f.driver, f.address)
	require.NoError(b, err)
	defer func() { must(b, db.Close()) }()
	db.SetMaxOpenConns(1)
	back := f.apart(b, db)
	f.people(b, db)
	f.tickets(b, db, n)
	back()
	run(b, db, f.settle...)
	return s
}

// portion is how many rows a statement makes.
const portion = 100_000

func (f filler) people(b *testing.B, db *sql.DB) {
	b.Helper()
	for from := 1; from <= scaleOwners; from += portion {
		run(b, db, `INSERT INTO users (id, name, username, language, first_seen, last_seen)
			SELECT i, 'Owner', '', 'ru', `+f.moment("0")+`, `+f.moment("i")+` FROM `+f.numbers(from, from+portion-1))
	}
}

func (f filler) tickets(b *testing.B, db *sql.DB, n int) {
	b.Helper()
	opened := f.moment(fmt.Sprintf("i * %d / %d", scaleYear, n))
	closed := f.moment(fmt.Sprintf("i * %d / %d + 3600", scaleYear, n))
	isOpen := fmt.Sprintf("(i > %d)", n-scaleOpen)
	owner := fmt.Sprintf("(1 + i * %d %% %d)", ownerNumber, scaleOwners)
	named := strings.NewReplacer("OPENED", opened, "CLOSED", closed, "ISOPEN", isOpen, "OWNER", owner, "VINNUMBER", strconv.Itoa(vinNumber))
	for from := 1; from <= n; from += portion {
		numbers := f.numbers(from, min(from+portion-1, n))
		for _, table := range []string{
			`INSERT INTO tickets (vin, status, priority, owner_id, assignee_id, assignee_name, opened_at, taken_at, closed_at,
				request_id, began_at, queued_at, take_seconds, done_seconds, late, deleted_at)
			SELECT 'WBAAA' || substr(CAST(1000000000000 + i * VINNUMBER % 1000000000000 AS TEXT), 2),
				CASE WHEN NOT ISOPEN AND i % 25 = 1 THEN 'rejected' WHEN NOT ISOPEN THEN 'done' WHEN i % 4 = 0 THEN 'taken' ELSE 'new' END,
				CASE i % 10 WHEN 0 THEN 'low' WHEN 1 THEN 'high' WHEN 2 THEN 'urgent' ELSE 'normal' END,
				OWNER, CASE WHEN ISOPEN AND i % 4 <> 0 THEN 0 ELSE 1 + i % 7 END, 'Manager',
				OPENED, OPENED, CASE WHEN ISOPEN THEN NULL ELSE CLOSED END, 'r', OPENED, OPENED,
				i * 7919 % 3600, i * 104729 % 20000, i % 9 = 0, CASE WHEN NOT ISOPEN AND i % 20 = 0 THEN CLOSED END FROM `,
			`INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
			SELECT i, 'opened', 'new', 'new', OWNER, 0, '', OPENED, 'r' FROM `,
			`INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
			SELECT i, 'taken', 'new', 'taken', 1 + i % 7, 0, '', OPENED, 'r' FROM `,
			`INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
			SELECT i, 'report_accepted', 'taken', 'delivering', 1 + i % 7, i, '', CLOSED, 'r' FROM `,
			`INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
			SELECT i, 'delivered', 'delivering', 'done', 0, i, '', CLOSED, 'r' FROM `,
			`INSERT INTO cards (chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at)
			SELECT -100, i, 0, i, 'card', 4, OPENED FROM `,
			`INSERT INTO reports (ticket_id, status, file_id, unique_id, size, source_chat, source_topic, source_message, sender_id,
				sender_name, reason, correction, unchecked, sha256, blob_key, owner_message, received_at, delivered_at, request_id)
			SELECT i, 'delivered', 'file', 'unique', 1, -100, 0, i, 1 + i % 7, 'Manager', '', FALSE, FALSE, 'sum', 'key', 1,
				CLOSED, CLOSED, 'r' FROM `,
			`INSERT INTO ratings (ticket_id, stars, rated_at, changed_at) SELECT i, 1 + i % 5, CLOSED, CLOSED FROM `,
		} {
			statement := named.Replace(table) + numbers
			switch {
			case strings.HasPrefix(table, "INSERT INTO reports"):
				statement += ` WHERE NOT ` + isOpen
			case strings.HasPrefix(table, "INSERT INTO ratings"):
				statement += ` WHERE i % 3 = 0 AND NOT ` + isOpen
			}
			run(b, db, statement)
		}
	}
}
