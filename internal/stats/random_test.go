package stats_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// history is a random history, lived through by the real service and database,
// and the plain count of it: by folding every ticket's events and looking at
// each ticket on its own.
type history struct {
	*store.Store
	*ticket.Service

	t       *rapid.T
	now     time.Time
	zone    *time.Location
	vin     int
	message int
	live    map[int64]int64 // the report that is live, by ticket
	rated   map[int64]stats.Ratings
	ratedAt map[int64]time.Time
	deleted map[int64]bool
}

// half works every other second, and allows an hour to take a ticket and two to
// do it.
type half struct{}

func (half) Worked(from, to time.Time) time.Duration { return to.Sub(from) / 2 }

func (half) Allowed(ticket.Priority) (take, done time.Duration) { return time.Hour, 2 * time.Hour }

func (h *history) Current() []ticket.Place { return nil }
func (h *history) Now(chat int64) int64    { return chat }

func TestTheNumbersAgreeWithAPlainCountOfRandomHistories(t *testing.T) {
	t.Parallel()
	for name, databases := range map[string]func(t *testing.T) func() store.Database{
		"SQLite": emptyFiles, "PostgreSQL": emptiedServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			empty := databases(t)
			rapid.Check(t, func(rt *rapid.T) {
				zone, err := time.LoadLocation(rapid.SampledFrom([]string{"Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"}).Draw(rt, "zone"))
				require.NoError(t, err)
				h := &history{
					t: rt, now: time.Date(2026, 10, 20, 3, 4, 5, 0, zone), zone: zone, live: map[int64]int64{},
					rated: map[int64]stats.Ratings{}, ratedAt: map[int64]time.Time{}, deleted: map[int64]bool{},
				}
				h.Store, err = store.Open(t.Context(), store.Options{
					Database: empty(), Clock: func() time.Time { return h.now }, Log: zerolog.Nop(),
				})
				require.NoError(t, err)
				defer func() { require.NoError(t, h.Close()) }()
				h.Service = ticket.NewService(h.Store, h, ticket.WithHours(half{}))
				h.lives()
			})
		})
	}
}

// lives has this and that happen, and asks for the numbers meanwhile, of which
// some are remembered then, and at the end.
func (h *history) lives() {
	layer := stats.New(h.Stats(), h.zone, func() time.Time { return h.now })
	for range rapid.IntRange(0, 40).Draw(h.t, "steps") {
		h.now = h.now.Add(time.Duration(rapid.IntRange(1, rapid.SampledFrom([]int{600, 12 * 3600}).Draw(h.t, "most")).Draw(h.t, "pause")) * time.Second)
		h.step()
		if rapid.IntRange(0, 7).Draw(h.t, "asked meanwhile") == 0 {
			h.ask(layer)
		}
	}
	h.ask(layer)
}

// emptyFiles gives a SQLite with nothing in it but the schema each time.
func emptyFiles(t *testing.T) func() store.Database {
	t.Helper()
	folder, file := t.TempDir(), 0
	return func() store.Database {
		file++
		return store.SQLite(litetest.At(t, filepath.Join(folder, fmt.Sprint(file, ".db"))))
	}
}

// emptiedServer gives a PostgreSQL that has no tickets each time.
func emptiedServer(t *testing.T) func() store.Database {
	t.Helper()
	url := pgtest.Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) })
	return func() store.Database {
		_, err := conn.Exec(t.Context(), `TRUNCATE tickets, events, outbox RESTART IDENTITY CASCADE`)
		require.NoError(t, err)
		return store.Postgres(url)
	}
}

// ask compares the answers for each period with the plain count.
func (h *history) ask(layer *stats.Stats) {
	for _, period := range []stats.Period{stats.Today, stats.Week, stats.Month} {
		q := layer.Of(period)
		q.Manager = rapid.Int64Range(0, 3).Draw(h.t, "manager")
		got, err := layer.Ask(context.Background(), q)
		require.NoError(h.t, err)
		require.Equal(h.t, h.plain(q, got.Slots), got)
		works, err := layer.Managers(context.Background(), q)
		require.NoError(h.t, err)
		require.Equal(h.t, h.plainWorks(q, got.Slots), works)
		hours, err := layer.Hours(context.Background(), q)
		require.NoError(h.t, err)
		require.Equal(h.t, h.plainHours(q), hours)
	}
}

// plainWorks is what each manager did, the three asked for one after the other.
func (h *history) plainWorks(q stats.Question, slots []stats.Slot) []stats.Work {
	works := []stats.Work{}
	for q.Manager = 1; q.Manager <= 3; q.Manager++ {
		sum := h.plain(q, slots)
		if sum.Total != (stats.Numbers{}) || sum.OpenNow > 0 || sum.Ratings.Count > 0 {
			works = append(works, stats.Work{
				Manager: q.Manager, InHand: sum.OpenNow, Numbers: sum.Total, ToTake: sum.ToTake, ToDone: sum.ToDone,
				InTime: sum.InTime, Ratings: sum.Ratings,
			})
		}
	}
	slices.SortStableFunc(works, func(a, b stats.Work) int { // who did most first
		if a.Done != b.Done {
			return b.Done - a.Done
		}
		return b.Taken - a.Taken
	})
	return works
}

// plainHours looks at the clock on the wall for each ticket.
func (h *history) plainHours(q stats.Question) (week stats.WeekHours) {
	days := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
	hour := func(at time.Time) *stats.Moment {
		at = at.In(h.zone)
		return &week[slices.Index(days, at.Weekday())][at.Hour()]
	}
	for id := int64(1); id <= int64(h.vin); id++ {
		if h.deleted[id] {
			continue
		}
		f := h.fold(id)
		if within(f.opened, q.From, q.To) {
			hour(f.opened).Opened++
		}
		if within(f.done, q.From, q.To) {
			hour(f.done).Done++
		}
	}
	return week
}

// step has something happen to somebody's ticket.
func (h *history) step() {
	ctx := context.Background()
	id := int64(rapid.IntRange(1, max(1, h.vin)).Draw(h.t, "ticket"))
	by := ticket.Actor{ID: rapid.Int64Range(1, 3).Draw(h.t, "by"), Name: rapid.SampledFrom([]string{"M", ""}).Draw(h.t, "name")}
	var err error
	switch rapid.IntRange(0, 11).Draw(h.t, "what") {
	case 0, 1, 2:
		h.vin++
		_, _, err = h.Open(ctx, ticket.Opening{Owner: int64(h.vin), VIN: fmt.Sprintf("WBAAA%012d", h.vin)})
	case 3, 4:
		_, _, err = h.Take(ctx, id, by)
	case 5:
		_, _, err = h.Release(ctx, id, by)
	case 6:
		_, _, err = h.Prioritize(ctx, id, rapid.SampledFrom(ticket.Priorities()).Draw(h.t, "priority"), by)
	case 7:
		_, _, err = h.Reject(ctx, id, ticket.Rejection{Reason: ticket.RejectNoData}, by)
	case 8:
		_, _, err = h.Reopen(ctx, id, by)
	case 9:
		err = h.delivers(ctx, id, by)
	case 10:
		err = h.rates(ctx, id)
	case 11:
		if rapid.IntRange(0, 4).Draw(h.t, "really") == 0 && h.vin > 0 && !h.deleted[id] {
			if _, err = h.Delete(ctx, id, by); err == nil {
				h.deleted[id] = true
			}
		}
	}
	if err != nil {
		require.Contains(h.t, []ticket.Code{ticket.CodeNotFound, ticket.CodeConflict}, ticket.CodeOf(err), err.Error())
	}
}

// delivers has a report sent to the owner, who may be out of reach.
func (h *history) delivers(ctx context.Context, id int64, by ticket.Actor) error {
	h.message++
	r, err := h.ReceiveReport(ctx, ticket.Incoming{
		Ticket: id, FileID: "f", UniqueID: "u", Source: ticket.Place{Chat: -1, Message: h.message}, By: by,
	})
	if err != nil {
		return err
	}
	if err := h.Checked(ctx, r.ID, ticket.Finding{}); err != nil {
		return err
	}
	h.now = h.now.Add(time.Second)
	if rapid.IntRange(0, 3).Draw(h.t, "blocked") == 0 {
		return h.Undelivered(ctx, r.ID, ticket.UndeliveredBlocked)
	}
	return h.Delivered(ctx, r.ID, 7)
}

func (h *history) rates(ctx context.Context, id int64) error {
	stars := rapid.IntRange(ticket.MinStars, ticket.MaxStars).Draw(h.t, "stars")
	outcome, err := h.Rate(ctx, id, id, stars)
	if err == nil && outcome == ticket.RatedNow {
		r, err := h.Rating(ctx, id)
		if err != nil {
			return err
		}
		h.rated[id], h.ratedAt[id] = stats.Ratings{Count: 1, Stars: r.Stars}, r.RatedAt
	}
	return err
}

// plain counts one ticket after the other.
func (h *history) plain(q stats.Question, slots []stats.Slot) stats.Summary {
	sum := stats.Summary{Question: q, Priorities: map[ticket.Priority]stats.Numbers{}}
	for _, s := range slots {
		sum.Slots = append(sum.Slots, stats.Slot{From: s.From, To: s.To})
	}
	var take, done []time.Duration
	for id := int64(1); id <= int64(h.vin); id++ {
		if h.deleted[id] {
			continue
		}
		k, err := h.Ticket(context.Background(), id)
		require.NoError(h.t, err)
		if q.Manager != 0 && (k.AssigneeID != q.Manager || k.AssigneeName == "") { // who hides counts for nobody
			continue
		}
		if k.Status.Open() {
			sum.OpenNow++
		}
		if at := h.ratedAt[id]; within(at, q.From, q.To) {
			sum.Ratings.Count++
			sum.Ratings.Stars += h.rated[id].Stars
		}
		f := h.fold(id)
		count := func(at time.Time, n stats.Numbers) {
			for i, s := range sum.Slots {
				if within(at, s.From, s.To) {
					sum.Slots[i].Add(n)
					sum.Total.Add(n)
					all := sum.Priorities[k.Priority]
					all.Add(n)
					sum.Priorities[k.Priority] = all
				}
			}
		}
		count(f.opened, stats.Numbers{Opened: 1})
		count(f.rejected, stats.Numbers{Rejected: 1})
		for _, at := range f.undelivered {
			count(at, stats.Numbers{Undelivered: 1})
		}
		if count(f.taken, stats.Numbers{Taken: 1}); within(f.taken, q.From, q.To) {
			take = append(take, f.taken.Sub(f.queued)/2)
		}
		if count(f.done, stats.Numbers{Done: 1}); within(f.done, q.From, q.To) {
			done = append(done, f.done.Sub(f.began)/2)
			sum.InTime.Whole++
			if !f.late {
				sum.InTime.Part++
			}
		}
	}
	sum.ToTake, sum.ToDone = plainSpread(take), plainSpread(done)
	return sum
}

func within(at, from, to time.Time) bool { return !at.IsZero() && !at.Before(from) && at.Before(to) }

// folded is what a ticket's events come to.
type folded struct {
	opened, began, queued, taken, done, rejected time.Time
	undelivered                                  []time.Time
	late                                         bool
}

func (h *history) fold(id int64) (f folded) {
	events, err := h.Events(context.Background(), id)
	require.NoError(h.t, err)
	for _, e := range events {
		if e.Kind == ticket.EventOpened {
			f.opened, f.began, f.queued = e.At, e.At, e.At
		}
		if e.Kind == ticket.EventUndelivered {
			f.undelivered = append(f.undelivered, e.At)
		}
		switch {
		case e.From == e.To:
			continue
		case e.From == ticket.Taken && (e.To == ticket.New || e.To == ticket.Delivering):
			f.late = f.late || e.At.Sub(f.taken)/2 > 2*time.Hour
		case e.From == ticket.New && (e.To == ticket.Taken || e.To == ticket.Delivering):
			f.taken = e.At
			f.late = f.late || e.At.Sub(f.queued)/2 > time.Hour
		}
		switch e.To {
		case ticket.New:
			if !e.From.Open() {
				f.began, f.late = e.At, false
			}
			f.queued, f.taken, f.done, f.rejected = e.At, time.Time{}, time.Time{}, time.Time{}
		case ticket.Done:
			f.done = e.At
		case ticket.Rejected:
			f.rejected = e.At
		case ticket.Taken, ticket.Delivering, ticket.Undelivered, ticket.Cancelled:
		}
	}
	return f
}

func plainSpread(all []time.Duration) stats.Spread {
	if len(all) == 0 {
		return stats.Spread{}
	}
	slices.Sort(all)
	share := func(of float64) time.Duration {
		for i, d := range all {
			if float64(i+1) >= of*float64(len(all)) {
				return d.Truncate(time.Second)
			}
		}
		return 0
	}
	return stats.Spread{Count: len(all), Median: share(0.5), P90: share(0.9)}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	moscow, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	at := func(month, day, hour int) time.Time {
		return time.Date(2026, time.Month(month), day, hour, 0, 0, 0, moscow)
	}
	s := stats.New(nil, moscow, func() time.Time { return at(11, 24, 1).UTC() })
	for name, from := range map[string]time.Time{"": at(11, 24, 0), "today": at(11, 24, 0), "week": at(11, 18, 0), "month": at(10, 26, 0)} {
		p, err := stats.ParsePeriod(name)
		require.NoError(t, err)
		assert.Equal(t, stats.Question{From: from, To: at(11, 25, 0)}, s.Of(p), name)
	}
	_, err = stats.ParsePeriod("year")
	assert.ErrorIs(t, err, stats.ErrPeriod)
}
