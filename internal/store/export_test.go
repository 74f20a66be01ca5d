package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// WithGroupLimit makes that many units share a commit at most.
func WithGroupLimit(o Options, limit int) Options {
	o.groupLimit = limit
	return o
}

// SetLookAt has a rule say when deadlines are to be looked at.
func (s *Store) SetLookAt(rule func(k ticket.Ticket, now time.Time) time.Time) {
	s.writer.lookAt = rule
}

// Gathered asks one question for all who ask while another is under way, and tells how
// many wait to be asked for.
func Gathered(
	tb testing.TB, ask func(ctx context.Context, ids []int64) (map[int64]string, error),
) (get func(ctx context.Context, id int64) (string, error), waiting func() int) {
	tb.Helper()
	g := &gathered[string]{ctx: tb.Context(), ask: ask}
	get = func(ctx context.Context, id int64) (string, error) { return g.get(ctx, "ask", id) }
	return get, func() int {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.waiting)
	}
}

// Exec runs a statement beside the ports, in a transaction of its own.
func (s *Store) Exec(tb testing.TB, statement string, args ...any) {
	tb.Helper()
	require.NoError(tb, s.do(tb.Context(), func(ctx context.Context, tx *tx) error {
		_, err := tx.exec(ctx, "exec", statement, args...)
		return err
	}))
}

// Statements gives the text of every statement that SQLite prepared.
func (s *Store) Statements() []string {
	return slices.Concat(
		slices.Collect(maps.Keys(s.writer.session.kept.prepared)),
		slices.Collect(maps.Keys(s.readers.kept.prepared)))
}

// Plan says how SQLite goes about a statement.
func (s *Store) Plan(tb testing.TB, statement string) (steps []string) {
	tb.Helper()
	values := make([]any, strings.Count(statement, "?"))
	rows, err := s.readers.sql.QueryContext(tb.Context(), "EXPLAIN QUERY PLAN "+statement, values...)
	require.NoError(tb, err, statement)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(tb, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	require.NoError(tb, rows.Err())
	return steps
}

// Traced has somebody listen to all that a PostgreSQL is asked.
func Traced(url string, tracer pgx.QueryTracer) Database {
	return Database{postgres{url: url, tracer: tracer}}
}

// WriterConfig is how the writer connects to a PostgreSQL.
func WriterConfig(url string) (*pgx.ConnConfig, error) { return postgres{url: url}.config(forWriting) }

// WriterSetting gives a setting of SQLite's for the connection that writes.
func (s *Store) WriterSetting(tb testing.TB, name string) (value int) {
	tb.Helper()
	require.NoError(tb, s.writer.session.db.Raw(`PRAGMA `+name).Row().Scan(&value))
	return value
}

// LimitPages lets the writer's connection add no page to the file.
func (s *Store) LimitPages(tb testing.TB) {
	tb.Helper()
	var pages int
	require.NoError(tb, s.writer.session.db.Raw(`PRAGMA max_page_count = 1`).Row().Scan(&pages))
}

// Fault makes a database's error one of ours.
func Fault(doing string, err error) error { return fault(doing, err) }

// Queued says how many units wait for the writer.
func (s *Store) Queued() int {
	s.writer.queue.mu.Lock()
	defer s.writer.queue.mu.Unlock()
	return len(s.writer.queue.units)
}

// Query reads one row beside the ports.
func (s *Store) Query(tb testing.TB, statement string, into ...any) {
	tb.Helper()
	require.NoError(tb, s.scan(tb.Context(), "query", sqlf(statement), into...))
}

// Rows reads whole rows beside the ports, each as text.
func (s *Store) Rows(tb testing.TB, statement string) (rows []string) {
	tb.Helper()
	db, err := s.on(tb.Context())
	require.NoError(tb, err)
	var all []map[string]any
	require.NoError(tb, db.Raw(statement).Scan(&all).Error)
	for _, row := range all {
		rows = append(rows, fmt.Sprint(row))
	}
	return rows
}

// Ending is how a transaction ended that a driver's error ended.
func Ending(err error) string { return ending(fault("try", err)) }
