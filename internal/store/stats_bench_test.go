package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/stats"
	"vinbot/internal/store"
)

// BenchmarkStatistics measures a month's statistics, a manager's, each manager's
// and those by the hour of the week, as the first question of a process and later,
// in a table of a million tickets of a year: about 82,000 of them are of the month.
func BenchmarkStatistics(b *testing.B) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	s, err := store.Open(b.Context(), store.Options{
		Database: store.SQLite(filepath.Join(b.TempDir(), "bench.db")), Clock: func() time.Time { return now }, Log: zerolog.Nop(),
	})
	require.NoError(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	s.Exec(b, `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
		INSERT INTO tickets (vin, status, priority, owner_id, assignee_id, assignee_name, opened_at, taken_at, closed_at, request_id,
			began_at, queued_at, take_seconds, done_seconds, late)
		SELECT 'WBAAA' || printf('%012d', i), CASE WHEN i % 20 = 0 THEN 'rejected' ELSE 'done' END,
			CASE i % 10 WHEN 0 THEN 'low' WHEN 1 THEN 'high' WHEN 2 THEN 'urgent' ELSE 'normal' END, i + 1, 1 + i % 7, 'Manager ' || i % 7,
			t, t, t, 'r', t, t, abs(random()) % 3600, abs(random()) % 20000, i % 9 = 0
		FROM (SELECT i, strftime('%Y-%m-%d %H:%M:%f', '2025-11-24', '+' || (i * 31536 / 1000000.0 * 1000) || ' seconds') || '+00:00' AS t FROM n)`)
	s.Exec(b, `INSERT INTO ratings (ticket_id, stars, rated_at, changed_at) SELECT id, 1 + id % 5, closed_at, closed_at FROM tickets WHERE id % 3 = 0`)
	s.Exec(b, `INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
		SELECT id, 'undelivered', 'new', 'new', 0, 0, '', opened_at, 'r' FROM tickets WHERE id % 50 = 0`)
	must(b, s.Settle(b.Context())) // as life would have done since
	fresh := func() *stats.Stats { return stats.New(s.Stats(), time.UTC, func() time.Time { return now }) }
	known := fresh()
	for name, ask := range map[string]func(b *testing.B, layer *stats.Stats){
		"everybody":   func(b *testing.B, layer *stats.Stats) { b.Helper(); askOf(b, layer, 0) },
		"one manager": func(b *testing.B, layer *stats.Stats) { b.Helper(); askOf(b, layer, 3) },
		"by manager": func(b *testing.B, layer *stats.Stats) {
			b.Helper()
			works, err := layer.Managers(b.Context(), layer.Of(stats.Month))
			must(b, err)
			if len(works) != 7 {
				b.Fatal(works)
			}
		},
		"by hour": func(b *testing.B, layer *stats.Stats) {
			b.Helper()
			week, err := layer.Hours(b.Context(), layer.Of(stats.Month))
			must(b, err)
			if week[0][0].Opened == 0 {
				b.Fatal(week)
			}
		},
	} {
		b.Run(name+" at first", func(b *testing.B) {
			for b.Loop() {
				ask(b, fresh())
			}
		})
		b.Run(name, func(b *testing.B) {
			ask(b, known)
			for b.Loop() {
				ask(b, known)
			}
		})
	}
}

// askOf asks for a month's numbers, of one manager or of all.
func askOf(b *testing.B, layer *stats.Stats, manager int64) {
	b.Helper()
	q := layer.Of(stats.Month)
	q.Manager = manager
	sum, err := layer.Ask(b.Context(), q)
	must(b, err)
	if sum.Total.Done < 1000 {
		b.Fatal(sum.Total)
	}
}
