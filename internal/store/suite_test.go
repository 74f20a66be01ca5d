package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// testBehaviour is what a store must do on every database.
func testBehaviour(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, func(t *testing.T) *fixture){
		"transactions": testTransactions,
		"groups":       testGroups,
		"tickets":      testTickets,
		"bin":          testBin,
		"erasure":      testErasure,
		"messages":     testMessages,
		"queue":        testQueue,
		"reports":      testReports,
		"parcels":      testParcels,
		"prompts":      testPrompts,
		"board":        testBoard,
		"lists":        testLists,
		"accounts":     testAccounts,
		"talk":         testTalk,
		"bans":         testBans,
		"showing":      testShowing,
		"forgetting":   testPeopleErased,
		"inbox":        testInbox,
		"effects":      testEffects,
		"outbox":       testOutbox,
		"sla":          testSLA,
		"looks":        testLook,
		"tokens":       testTokens,
		"sessions":     testSessions,
		"answers":      testAnswers,
		"usage":        testUsage,
		"selection":    testSelection,
		"webhooks":     testWebhooks,
		"panel":        testPanel,
		"audit":        testAudit,
		"aside":        testAside,
		"health":       testHealth,
		"owners":       testOwners,
		"deliveries":   testDeliveries,
		"crm":          testCRM,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	testBehaviour(t, openFixture)
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	testBehaviour(t, openPostgres)
}

// clock is a clock that stands still until it is told to go on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is a store with its clock and what its hooks were told.
type fixture struct {
	*store.Store
	clock *clock
	path  string // of the file, on SQLite

	mu       sync.Mutex
	heads    []outbox.Head
	fleeting []store.Fleeting
	events   []ticket.Event
	hooked   []outbox.Head
}

// start is when the tests take place, in another zone than the database's.
func start() time.Time {
	return time.Date(2026, 11, 23, 12, 30, 0, 123456789, time.FixedZone("MSK", 3*60*60))
}

// stored is how a time comes back.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func openFixture(t *testing.T) *fixture {
	t.Helper()
	return openFixtureAt(t, litetest.File(t))
}

func openFixtureAt(t *testing.T, path string) *fixture {
	t.Helper()
	f := openOn(t, store.SQLite(path))
	f.path = path
	return f
}

func openPostgres(t *testing.T) *fixture {
	t.Helper()
	return openOn(t, store.Postgres(pgtest.Database(t)))
}

func openOn(t *testing.T, database store.Database) *fixture {
	t.Helper()
	f := &fixture{clock: &clock{now: start()}}
	s, err := store.Open(t.Context(), store.Options{
		Database: database, Clock: f.clock.Now, Log: zerolog.New(zerolog.NewTestWriter(t)),
		OnCommit: func(heads []outbox.Head, fleeting []store.Fleeting) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.heads = append(f.heads, heads...)
			f.fleeting = append(f.fleeting, fleeting...)
		},
		OnEvents: func(events []ticket.Event) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.events = append(f.events, events...)
		},
		OnQueued: func(_ store.Queue, heads []outbox.Head) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.hooked = append(f.hooked, heads...)
		},
	})
	require.NoError(t, err)
	f.Store = s
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return f
}

// announced gives the rows that the hook was told of, and forgets them.
func (f *fixture) announced() []outbox.Head {
	f.mu.Lock()
	defer f.mu.Unlock()
	heads := f.heads
	f.heads = nil
	return heads
}

// tx runs fn in a transaction that must succeed.
func (f *fixture) tx(t *testing.T, fn func(ctx context.Context, tx ticket.Tx) error) {
	t.Helper()
	require.NoError(t, f.Do(t.Context(), fn))
}

// ticket stores a new ticket.
func (f *fixture) ticket(t *testing.T, owner int64, vin string) ticket.Ticket {
	t.Helper()
	k := ticket.Ticket{VIN: vin, Status: ticket.New, Priority: ticket.Normal, OwnerID: owner}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Insert(ctx, &k) })
	return k
}

// report stores a report in a status.
func (f *fixture) report(t *testing.T, of int64, status ticket.ReportStatus) ticket.Report {
	t.Helper()
	r := ticket.Report{TicketID: of, Status: status, Source: ticket.Place{Chat: -100, Message: 7}}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.InsertReport(ctx, &r) })
	return r
}

// enqueue stores an effect and gives the rows that came of it.
func (f *fixture) enqueue(t *testing.T, effects ...ticket.Effect) []outbox.Head {
	t.Helper()
	f.announced()
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		for _, e := range effects {
			if err := tx.Enqueue(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	return f.announced()
}

// claim leases a row that must wait.
func (f *fixture) claim(t *testing.T, id int64) outbox.Job {
	t.Helper()
	jobs, err := f.Outbox().Claim(t.Context(), []int64{id}, time.Minute)
	require.NoError(t, err)
	require.Len(t, jobs, 1)
	return jobs[0]
}

const (
	vinA = "WBAAA000000000001"
	vinB = "WBAAA000000000002"
)
