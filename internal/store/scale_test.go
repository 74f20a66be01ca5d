package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"vinbot/internal/stats"
	"vinbot/internal/store"
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
// tickets, on both databases: make bench-scale. All sizes are measured by turns,
// so that what else the machine does meets all alike.
func BenchmarkScale(b *testing.B) {
	sizes := strings.Fields(os.Getenv(scaleEnv))
	if len(sizes) == 0 {
		b.Skip(scaleEnv + " names no number of tickets")
	}
	for name, filled := range map[string]func(b *testing.B) filler{"sqlite": fillerSQLite, "postgres": fillerPostgres} {
		b.Run(name, func(b *testing.B) {
			var all []*scaled
			for _, size := range sizes {
				n, err := strconv.Atoi(size)
				require.NoError(b, err)
				all = append(all, newScaled(filled(b).fill(b, n), n))
			}
			syscall.Sync() // what was filled is on the disk before anything is measured
			for _, m := range measures() {
				b.Run(m.name, func(b *testing.B) { m.byTurns(b, all) })
			}
			b.Run("erase-month", func(b *testing.B) {
				for _, s := range all {
					if s.n >= manyTickets { // there are few in a month otherwise
						b.Run(strconv.Itoa(s.n), s.eraseMonth)
					}
				}
			})
		})
	}
}

// scaled is a database with many tickets.
type scaled struct {
	*store.Store
	tickets *ticket.Service
	stats   *stats.Stats
	n       int
	fresh   int           // how many tickets there are by now
	next    ticket.Ticket // what a preparation left to be done
}

func newScaled(s *store.Store, n int) *scaled {
	return &scaled{
		Store: s, tickets: ticket.NewService(s, oneGroup{}), stats: stats.New(s.Stats(), time.UTC, scaleNow), n: n, fresh: n,
	}
}

// oneGroup is where cards go.
type oneGroup struct{}

func (oneGroup) Current() []ticket.Place { return []ticket.Place{{Chat: -100}} }
func (oneGroup) Now(chat int64) int64    { return chat }

func scaleVIN(i int) string { return fmt.Sprintf("WBAAA%012d", i*vinNumber%1_000_000_000_000) }

// open opens one more ticket.
func (s *scaled) open(b *testing.B) ticket.Ticket {
	b.Helper()
	s.fresh++
	k, created, err := s.tickets.Open(b.Context(), ticket.Opening{Owner: int64(1 + s.fresh*ownerNumber%scaleOwners), VIN: scaleVIN(s.fresh)})
	must(b, err)
	if !created {
		b.Fatal("not a new one")
	}
	return k
}

func (s *scaled) take(b *testing.B, k ticket.Ticket) {
	b.Helper()
	_, outcome, err := s.tickets.Take(b.Context(), k.ID, ticket.Actor{ID: 1, Name: "Manager"})
	must(b, err)
	if outcome != ticket.TakenNow {
		b.Fatal("not taken")
	}
}

// month asks for a month's statistics.
func (s *scaled) month(b *testing.B, layer *stats.Stats) {
	b.Helper()
	sum, err := layer.Ask(b.Context(), layer.Of(stats.Month))
	must(b, err)
	if sum.Total.Opened < s.n/20 {
		b.Fatal("not a month", sum.Total)
	}
}

// managers asks what each manager did in a month.
func (s *scaled) managers(b *testing.B, layer *stats.Stats) {
	b.Helper()
	works, err := layer.Managers(b.Context(), layer.Of(stats.Month))
	must(b, err)
	if len(works) != 7 {
		b.Fatal("not a month", works)
	}
}

// hours asks for a month's tickets by the hour of the week.
func (s *scaled) hours(b *testing.B, layer *stats.Stats) {
	b.Helper()
	_, err := layer.Hours(b.Context(), layer.Of(stats.Month))
	must(b, err)
}

// measure is something that is measured, each time after a preparation that
// does not count.
type measure struct {
	name        string
	times       int
	prepare, do func(b *testing.B, s *scaled)
}

func measures() []measure {
	opens := func(b *testing.B, s *scaled) { b.Helper(); s.next = s.open(b) }
	return []measure{
		{name: "open", times: 500, do: opens},
		{name: "take", times: 500, prepare: opens, do: func(b *testing.B, s *scaled) { b.Helper(); s.take(b, s.next) }},
		{name: "queue", times: 500, do: func(b *testing.B, s *scaled) {
			b.Helper()
			_, _, err := s.Queue(b.Context(), 0, 10)
			must(b, err)
		}},
		{name: "find", times: 1000, do: func(b *testing.B, s *scaled) {
			b.Helper()
			_, err := s.Find(b.Context(), scaleVIN(1+rand.IntN(s.n)), 10)
			must(b, err)
		}},
		{name: "list", times: 1000, do: func(b *testing.B, s *scaled) {
			b.Helper()
			page, err := s.Select(b.Context(), ticket.Selection{Before: 100 + rand.Int64N(int64(s.n)), Limit: 20})
			must(b, err)
			if len(page) != 20 {
				b.Fatal("no page")
			}
		}},
		{name: "list-of-50", times: 500, do: func(b *testing.B, s *scaled) {
			b.Helper()
			page, err := s.Select(b.Context(), ticket.Selection{Before: 1 + rand.Int64N(int64(s.n)), Limit: 51})
			must(b, err)
			if len(page) == 0 && s.n >= manyTickets {
				b.Fatal("no page")
			}
		}},
		{name: "list-of-50-by-status", times: 500, do: func(b *testing.B, s *scaled) {
			b.Helper()
			_, err := s.Select(b.Context(), ticket.Selection{Statuses: ticket.Statuses(), Limit: 51})
			must(b, err)
		}},
		{name: "bin", times: 1000, do: func(b *testing.B, s *scaled) {
			b.Helper()
			deep := scaleNow().Add(-time.Duration(rand.IntN(scaleYear)) * time.Second / 2) // of few there is a page behind it, too
			page, err := s.Bin(b.Context(), ticket.BinPlace{DeletedAt: deep}, 10)
			must(b, err)
			if len(page) < 5 {
				b.Fatal("no page")
			}
		}},
		{
			name: "statistics", times: 50,
			prepare: func(b *testing.B, s *scaled) { b.Helper(); s.take(b, s.open(b)) }, // so that something has changed
			do:      func(b *testing.B, s *scaled) { b.Helper(); s.month(b, s.stats) },
		},
		{name: "statistics-at-first", times: 10, do: func(b *testing.B, s *scaled) {
			b.Helper()
			s.month(b, stats.New(s.Stats(), time.UTC, scaleNow))
		}},
		{name: "managers", times: 50, do: func(b *testing.B, s *scaled) { b.Helper(); s.managers(b, s.stats) }},
		{name: "managers-at-first", times: 10, do: func(b *testing.B, s *scaled) {
			b.Helper()
			s.managers(b, stats.New(s.Stats(), time.UTC, scaleNow))
		}},
		{name: "hours", times: 50, do: func(b *testing.B, s *scaled) { b.Helper(); s.hours(b, s.stats) }},
		{name: "hours-at-first", times: 10, do: func(b *testing.B, s *scaled) {
			b.Helper()
			s.hours(b, stats.New(s.Stats(), time.UTC, scaleNow))
		}},
	}
}

// byTurns measures on all sizes, a few times each in turn, and reports the
// median, how long 99 of 100 took at most, and how many times as long as on the
// smallest it takes.
func (m measure) byTurns(b *testing.B, all []*scaled) {
	b.Helper()
	const turn = 5
	took := make([][]time.Duration, len(all))
	once := func(s *scaled) time.Duration {
		if m.prepare != nil {
			m.prepare(b, s)
		}
		begun := time.Now()
		m.do(b, s)
		return time.Since(begun)
	}
	for _, s := range all {
		for range max(1, m.times/10) { // what is asked for the first time is not known yet
			once(s)
		}
	}
	for range m.times / turn {
		for i, s := range all {
			for range turn {
				took[i] = append(took[i], once(s))
			}
		}
	}
	for i, s := range all {
		slices.Sort(took[i])
		b.Run(strconv.Itoa(s.n), func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(milliseconds(median(took[i])), "median-ms")
			b.ReportMetric(milliseconds(took[i][len(took[i])*99/100]), "p99-ms")
			b.ReportMetric(float64(median(took[i]))/float64(median(took[0])), "ratio")
		})
	}
}

func median(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// eraseMonth erases the oldest month, or as much of it as goes into some time,
// in the steps of the housekeeping but without its rests, with somebody beside
// who opens tickets without a pause, and tells how long they waited.
func (s *scaled) eraseMonth(b *testing.B) {
	b.Helper()
	const enough = 15 * time.Second
	before := scaleNow().AddDate(0, -11, 0)
	var over atomic.Bool
	waits := make(chan []time.Duration)
	go func() {
		var all []time.Duration
		for !over.Load() {
			begun := time.Now()
			s.open(b)
			all = append(all, time.Since(begun))
		}
		waits <- all
	}()
	erased, step := 0, ticket.FirstStep
	var steps []time.Duration
	begun := time.Now()
	for {
		stepBegun := time.Now()
		d, err := s.tickets.Expire(b.Context(), before, step)
		must(b, err)
		steps = append(steps, time.Since(stepBegun))
		erased += d.Erased + d.Purged
		if d.Erased+d.Purged < step || time.Since(begun) > enough {
			break
		}
		step = ticket.NextStep(step, time.Since(stepBegun))
		must(b, s.Settle(b.Context()))
	}
	took := time.Since(begun)
	over.Store(true)
	all := <-waits
	slices.Sort(all)
	slices.Sort(steps)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(erased), "tickets")
	b.ReportMetric(float64(erased)/cmp.Or(took.Seconds(), 1), "tickets/s")
	b.ReportMetric(milliseconds(steps[len(steps)-1]), "step-max-ms")
	b.ReportMetric(milliseconds(median(all)), "wait-median-ms")
	b.ReportMetric(milliseconds(all[len(all)*99/100]), "wait-p99-ms")
	b.ReportMetric(milliseconds(all[len(all)-1]), "wait-max-ms")
}
