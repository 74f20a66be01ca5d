package panel_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// scaleEnv says with how many tickets BenchmarkPages measures; without it, it does
// not.
const scaleEnv = "SCALE"

const (
	scaleOpen   = 400 // tickets, however many there are in all
	scaleOwners = 200_000
	scaleTurns  = 200
)

// BenchmarkPages measures how long the server takes to make the pages that
// managers look at all day, over a SQLite with many tickets, whole pages and
// compressed, as a browser is sent them.
func BenchmarkPages(b *testing.B) {
	for _, size := range strings.Fields(os.Getenv(scaleEnv)) {
		n, err := strconv.Atoi(size)
		require.NoError(b, err)
		b.Run(size, func(b *testing.B) { measurePages(b, n) })
	}
	if os.Getenv(scaleEnv) == "" {
		b.Skip(scaleEnv + " names no number of tickets")
	}
}

func measurePages(b *testing.B, n int) {
	b.Helper()
	w := newWorld(b)
	w.fill(n)
	browser := w.as(boris)
	at, err := url.Parse(w.url)
	require.NoError(b, err)
	cookies := browser.client.Jar.Cookies(at)
	some := n / 2
	for _, page := range []struct{ name, path string }{
		{"queue", "/"},
		{"queue-new", "/?status=new"},
		{"queue-mine", "/?assignee=me"},
		{"queue-old", "/?age=1d"},
		{"all", "/?status=all"},
		{"done", "/?status=done"},
		{"rejected", "/?status=rejected"},
		{"urgent-all", "/?status=all&priority=urgent"},
		{"done-old", "/?status=done&age=7d"},
		{"search-tail", fmt.Sprintf("/?q=%06d", some)},
		{"search-name", "/?q=" + url.QueryEscape("Имя 1234")},
		{"ticket", "/tickets/" + strconv.Itoa(some)},
		{"sla", "/sla"},
		{"managers-of-a-month", "/managers?period=30"},
		{"statistics-of-a-month", "/stats?period=30"},
	} {
		b.Run(page.name, func(b *testing.B) {
			took := make([]time.Duration, 0, scaleTurns)
			for range scaleTurns {
				request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, page.path, nil)
				request.Header.Set("Accept-Encoding", "gzip")
				for _, c := range cookies {
					request.AddCookie(c)
				}
				answer := httptest.NewRecorder()
				begun := time.Now()
				w.panel.ServeHTTP(answer, request)
				took = append(took, time.Since(begun))
				require.Equal(b, http.StatusOK, answer.Code)
			}
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// fill stores many tickets of a year: the last ones are open.
func (w *world) fill(n int) {
	w.Helper()
	db, err := sql.Open("sqlite3", "file:"+w.file+"?_synchronous=OFF&_foreign_keys=off&_busy_timeout=60000")
	require.NoError(w, err)
	defer db.Close()
	run := func(statement string, values ...any) {
		_, err := db.ExecContext(w.Context(), statement, values...)
		require.NoError(w, err)
	}
	const numbers = `WITH RECURSIVE n (i) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n`
	const moment = `strftime('%Y-%m-%d %H:%M:%f', '2025-11-24 12:00:00', '+' || CAST(CAST(i AS REAL) * 31536000 / ? AS INTEGER) || ' seconds') || '+00:00'`
	run(`INSERT INTO users (id, name, username, language, first_seen, last_seen)
		SELECT i + 1000, 'Имя ' || i, '', 'ru', ?, ? FROM (`+numbers+`)`, w.now(), w.now(), 1, scaleOwners)
	const portion = 50_000
	for from := 1; from <= n; from += portion {
		run(`INSERT INTO tickets (vin, status, priority, owner_id, assignee_id, assignee_name, opened_at, began_at, queued_at, taken_at, closed_at, request_id)
			SELECT '1HGCM8263' || printf('%08d', i), status, priority, owner, CASE WHEN status = 'new' THEN 0 ELSE 20 + i % 7 END,
				CASE WHEN status = 'new' THEN '' ELSE 'Менеджер' END, at, at, at, CASE WHEN status = 'new' THEN NULL ELSE at END,
				CASE WHEN status IN ('new', 'taken') THEN NULL ELSE at END, ''
			FROM (SELECT i, `+moment+` AS at, 1000 + i * 7919 % ? AS owner,
				CASE WHEN i > ? THEN CASE i % 2 WHEN 0 THEN 'new' ELSE 'taken' END WHEN i % 20 = 0 THEN 'rejected' ELSE 'done' END AS status,
				CASE WHEN i % 100 = 0 THEN 'urgent' WHEN i % 10 = 0 THEN 'high' ELSE 'normal' END AS priority FROM (`+numbers+`))`,
			n, scaleOwners, n-scaleOpen, from, min(from+portion-1, n))
	}
	run(`INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
		SELECT id, 'opened', 'new', 'new', owner_id, 0, '', opened_at, '' FROM tickets`)
}
