package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// scaleEnv says with how many tickets BenchmarkScale measures; without it, it
// does not.
const scaleEnv = "SCALE"

const (
	scaleOwners = 200_000
	scaleOpen   = 400 // tickets, however many there are in all
	scaleYear   = 365 * 24 * 3600
)

// scaleNow is when the measurements take place; the tickets are of the year
// before.
func scaleNow() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// BenchmarkScale measures how what is asked for most grows with the number of
// tickets, on both databases: make bench-scale.
func BenchmarkScale(b *testing.B) {
	sizes := strings.Fields(os.Getenv(scaleEnv))
	if len(sizes) == 0 {
		b.Skip(scaleEnv + " names no number of tickets")
	}
	for name, open := range map[string]func(b *testing.B) scaled{"sqlite": scaledSQLite, "postgres": scaledPostgres} {
		for _, size := range sizes {
			n, err := strconv.Atoi(size)
			require.NoError(b, err)
			b.Run(name+"/"+size, func(b *testing.B) {
				s := open(b)
				s.n = n
				s.fill(b)
				s.measure(b)
			})
		}
	}
}

// scaled is a database with many tickets.
type scaled struct {
	*store.Store
	n      int
	moment func(seconds string) string // an SQL expression for a time, by one for the seconds of the year
	settle func(b *testing.B)          // does what the server would have done with the rows since long
}

func scaledSQLite(b *testing.B) scaled {
	b.Helper()
	return scaled{
		Store: openScaled(b, store.SQLite(filepath.Join(b.TempDir(), "scale.db"))),
		moment: func(seconds string) string {
			return `strftime('%Y-%m-%d %H:%M:%f', '2025-11-24 12:00:00', '+' || (` + seconds + `) || ' seconds') || '+00:00'`
		},
		settle: func(*testing.B) {},
	}
}

func scaledPostgres(b *testing.B) scaled {
	b.Helper()
	url := pgtest.Database(b)
	return scaled{
		Store: openScaled(b, store.Postgres(url)),
		moment: func(seconds string) string {
			return `TIMESTAMPTZ '2025-11-24 12:00:00+00' + (` + seconds + `) * INTERVAL '1 second'`
		},
		settle: func(b *testing.B) {
			b.Helper()
			conn, err := pgx.Connect(b.Context(), url)
			require.NoError(b, err)
			for _, statement := range []string{`VACUUM (ANALYZE)`, `CHECKPOINT`} {
				_, err := conn.Exec(b.Context(), statement)
				must(b, err)
			}
			must(b, conn.Close(b.Context()))
		},
	}
}

func openScaled(b *testing.B, d store.Database) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), store.Options{Database: d, Clock: scaleNow, Log: zerolog.Nop()})
	require.NoError(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	return s
}

// fill makes the tickets, with events, cards and reports, by a statement a
// table and fifty thousand rows. The last of them are open, one of twenty
// others is in the bin.
func (s scaled) fill(b *testing.B) {
	b.Helper()
	const portion = 50_000
	rows := func(from, to int, insert string) {
		numbers := fmt.Sprintf(`(WITH RECURSIVE n(i) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) AS n`, from, to)
		s.Exec(b, `INSERT INTO `+strings.ReplaceAll(insert, "NUMBERS", numbers))
	}
	for from := 1; from <= scaleOwners; from += portion {
		rows(from, from+portion-1, `users (id, name, username, language, first_seen, last_seen)
			SELECT i, 'Owner', '', 'ru', `+s.moment("0")+`, `+s.moment("i")+` FROM NUMBERS`)
	}
	opened := s.moment(fmt.Sprintf("i * %d / %d", scaleYear, s.n))
	closed := s.moment(fmt.Sprintf("i * %d / %d + 3600", scaleYear, s.n))
	isOpen := fmt.Sprintf("i > %d", s.n-scaleOpen)
	for from := 1; from <= s.n; from += portion {
		to := min(from+portion-1, s.n)
		rows(from, to, `tickets (vin, status, priority, owner_id, assignee_id, assignee_name, opened_at, taken_at, closed_at,
				request_id, began_at, queued_at, take_seconds, done_seconds, late, deleted_at)
			SELECT 'WBAAA' || substr(CAST(1000000000000 + i AS TEXT), 2),
				CASE WHEN NOT `+isOpen+` THEN 'done' WHEN i % 4 = 0 THEN 'taken' ELSE 'new' END,
				CASE i % 10 WHEN 0 THEN 'low' WHEN 1 THEN 'high' WHEN 2 THEN 'urgent' ELSE 'normal' END,
				1 + i % `+strconv.Itoa(scaleOwners)+`, CASE WHEN `+isOpen+` AND i % 4 <> 0 THEN 0 ELSE 1 + i % 7 END, 'Manager',
				`+opened+`, `+opened+`, CASE WHEN `+isOpen+` THEN NULL ELSE `+closed+` END, 'r', `+opened+`, `+opened+`,
				i * 7919 % 3600, i * 104729 % 20000, i % 9 = 0, CASE WHEN NOT `+isOpen+` AND i % 20 = 0 THEN `+closed+` END
			FROM NUMBERS ORDER BY i`)
		for _, kind := range []string{"opened", "taken", "report_accepted", "delivered"} {
			rows(from, to, `events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
				SELECT i, '`+kind+`', 'new', 'new', 1 + i % `+strconv.Itoa(scaleOwners)+`, 0, '', `+opened+`, 'r' FROM NUMBERS`)
		}
		rows(from, to, `cards (chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at)
			SELECT -100, i, 0, i, 'card', 4, `+opened+` FROM NUMBERS`)
		rows(from, to, `reports (ticket_id, status, file_id, unique_id, size, source_chat, source_topic, source_message, sender_id,
				sender_name, reason, correction, unchecked, sha256, blob_key, owner_message, received_at, delivered_at, request_id)
			SELECT i, 'delivered', 'file', 'unique', 1, -100, 0, i, 1 + i % 7, 'Manager', '', FALSE, FALSE, 'sum', 'key', 1,
				`+opened+`, `+closed+`, 'r' FROM NUMBERS WHERE NOT `+isOpen)
	}
	s.settle(b)
}

// oneGroup is where cards go.
type oneGroup struct{}

func (oneGroup) Current() []ticket.Place { return []ticket.Place{{Chat: -100}} }
func (oneGroup) Now(chat int64) int64    { return chat }

func (s scaled) measure(b *testing.B) {
	b.Helper()
	ctx := b.Context()
	tickets := ticket.NewService(s.Store, oneGroup{})
	vin := func(i int) string { return fmt.Sprintf("WBAAA%012d", i) }
	fresh := s.n
	open := func() ticket.Ticket {
		fresh++
		k, _, err := tickets.Open(ctx, ticket.Opening{Owner: int64(1 + fresh%scaleOwners), VIN: vin(fresh)})
		must(b, err)
		return k
	}
	b.Run("open", func(b *testing.B) { timed(b, 500, nil, func() { open() }) })
	var k ticket.Ticket
	b.Run("take", func(b *testing.B) {
		timed(b, 500, func() { k = open() }, func() {
			_, outcome, err := tickets.Take(ctx, k.ID, ticket.Actor{ID: 1, Name: "Manager"})
			must(b, err)
			if outcome != ticket.TakenNow {
				b.Fatal("not taken")
			}
		})
	})
	b.Run("queue", func(b *testing.B) {
		timed(b, 500, nil, func() {
			_, _, err := s.Queue(ctx, 0, 10)
			must(b, err)
		})
	})
	b.Run("find", func(b *testing.B) {
		timed(b, 1000, nil, func() {
			_, err := s.Find(ctx, vin(1+rand.IntN(s.n)), 10)
			must(b, err)
		})
	})
	b.Run("bin", func(b *testing.B) {
		timed(b, 1000, nil, func() {
			deep := scaleNow().Add(-time.Duration(rand.IntN(scaleYear)) * time.Second / 2) // of few there is a page behind it, too
			page, err := s.Bin(ctx, ticket.BinPlace{DeletedAt: deep}, 10)
			must(b, err)
			if len(page) < 5 {
				b.Fatal("no page")
			}
		})
	})
	layer := stats.New(s.Stats(), time.UTC, scaleNow)
	b.Run("statistics", func(b *testing.B) {
		timed(b, 50, nil, func() {
			sum, err := layer.Ask(ctx, layer.Of(stats.Month))
			must(b, err)
			if sum.Total.Opened < s.n/20 {
				b.Fatal("not a month", sum.Total)
			}
		})
	})
	b.Run("erase-month", func(b *testing.B) { s.eraseMonth(b, tickets, open) })
}

// eraseMonth erases the oldest month, or as much of it as goes into some time,
// in the steps of the housekeeping but without its rests, with somebody beside
// who opens tickets without a pause, and tells how long they waited.
func (s scaled) eraseMonth(b *testing.B, tickets *ticket.Service, open func() ticket.Ticket) {
	b.Helper()
	before := scaleNow().AddDate(0, -11, 0)
	ctx, done := context.WithCancel(b.Context())
	waits := make(chan []time.Duration)
	go func() {
		var all []time.Duration
		for ctx.Err() == nil {
			begun := time.Now()
			open()
			all = append(all, time.Since(begun))
		}
		waits <- all
	}()
	const enough = 20 * time.Second
	erased, step := 0, ticket.FirstStep
	begun := time.Now()
	for {
		stepBegun := time.Now()
		d, err := tickets.Expire(context.WithoutCancel(ctx), before, step)
		must(b, err)
		erased += d.Erased + d.Purged
		if d.Erased+d.Purged < step || time.Since(begun) > enough {
			break
		}
		step = ticket.NextStep(step, time.Since(stepBegun))
	}
	took := time.Since(begun)
	done()
	all := <-waits
	slices.Sort(all)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(erased), "tickets")
	b.ReportMetric(float64(erased)/took.Seconds(), "tickets/s")
	b.ReportMetric(milliseconds(all[len(all)/2]), "wait-median-ms")
	b.ReportMetric(milliseconds(all[len(all)*99/100]), "wait-p99-ms")
	b.ReportMetric(milliseconds(all[len(all)-1]), "wait-max-ms")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// timed does something so many times, each after a preparation that does not
// count, and reports the median and how long 99 of 100 took at most.
func timed(b *testing.B, times int, prepare, do func()) {
	b.Helper()
	all := make([]time.Duration, times)
	for range times / 10 { // what is asked for the first time is not known yet
		if prepare != nil {
			prepare()
		}
		do()
	}
	for i := range all {
		if prepare != nil {
			prepare()
		}
		begun := time.Now()
		do()
		all[i] = time.Since(begun)
	}
	slices.Sort(all)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(all[times/2]), "median-ms")
	b.ReportMetric(milliseconds(all[times*99/100]), "p99-ms")
}
