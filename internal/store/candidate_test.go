package store_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// candidate wants to lead on a PostgreSQL; the test's end has it resign.
func candidate(t *testing.T, url string) *store.Candidate {
	t.Helper()
	c := store.NewCandidate(store.Postgres(url), time.Now)
	t.Cleanup(func() { c.Resign(context.WithoutCancel(t.Context())) })
	return c
}

// elected takes the lead, which another may be about to lose.
func elected(t *testing.T, c *store.Candidate) (epoch int64) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		epoch, err = c.Try(t.Context())
		require.NoError(t, err)
		return epoch != 0
	}, 10*time.Second, 10*time.Millisecond)
	return epoch
}

// cut has the server end the connections that a statement chooses.
func cut(t *testing.T, url, which string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { assert.NoError(t, conn.Close(t.Context())) }()
	_, err = conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND `+which)
	require.NoError(t, err)
}

// holdsLock chooses the connection of the leader.
const holdsLock = `pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')`

func TestOneOfSeveralLeads(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	one, other := candidate(t, url), candidate(t, url)
	assert.False(t, one.Sure())
	assert.Equal(t, int64(1), elected(t, one))
	assert.True(t, one.Sure())
	epoch, err := other.Try(t.Context())
	require.NoError(t, err)
	assert.Zero(t, epoch)
	assert.False(t, other.Sure())
	require.NoError(t, one.Keep(t.Context(), func(store.News) {}))
	epoch, err = other.Try(t.Context())
	require.NoError(t, err)
	assert.Zero(t, epoch)

	one.Resign(t.Context())
	assert.False(t, one.Sure())
	assert.Equal(t, int64(2), elected(t, other))
	require.ErrorIs(t, one.Keep(t.Context(), func(store.News) {}), inbox.ErrStoreAway)
	assert.Nil(t, store.NewCandidate(store.SQLite("x.db"), time.Now), "on SQLite there is one process")
}

func TestALeaderWhoseConnectionIsCutKnowsAtOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	one, other := candidate(t, url), candidate(t, url)
	elected(t, one)
	lost := make(chan error)
	go func() {
		for {
			if err := one.Keep(t.Context(), func(store.News) {}); err != nil {
				lost <- err
				return
			}
		}
	}()
	cut(t, url, holdsLock)
	require.ErrorIs(t, <-lost, inbox.ErrStoreAway)
	assert.Equal(t, int64(2), elected(t, other))
	one.Resign(t.Context())
	epoch, err := one.Try(t.Context())
	require.NoError(t, err, "it connects anew")
	assert.Zero(t, epoch)
}

func TestALeaderThatGivesNoSignOfLifeLosesTheLead(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	now := &clock{now: start()}
	sleeper := store.NewCandidate(store.Postgres(url), now.Now)
	t.Cleanup(func() { sleeper.Resign(context.WithoutCancel(t.Context())) })
	elected(t, sleeper)
	assert.True(t, sleeper.Sure())
	now.Advance(4900 * time.Millisecond)
	assert.True(t, sleeper.Sure())
	now.Advance(100 * time.Millisecond)
	assert.False(t, sleeper.Sure(), "it acts no more before another can lead")
	assert.Equal(t, int64(2), elected(t, candidate(t, url)), "the server takes the lock from it")
	require.ErrorIs(t, sleeper.Keep(t.Context(), func(store.News) {}), inbox.ErrStoreAway)
}

// TestALeaderThatSleptWritesNothing has another take the lead, and then tries
// all that the work of the first may write.
func TestALeaderThatSleptWritesNothing(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	f := openOn(t, store.Postgres(url))
	one := candidate(t, url)
	led := store.WithTerm(t.Context(), elected(t, one))
	in, out := f.Inbox(1), f.Outbox()
	_, err := in.Append(led, raws(1, 2))
	require.NoError(t, err)
	require.NoError(t, f.Do(led, insert(1, nil)))
	jobs, err := out.Claim(led, []int64{f.announced()[0].ID}, time.Minute)
	require.NoError(t, err)
	require.Len(t, jobs, 1)

	one.Resign(t.Context()) // as the server has it do
	elected(t, candidate(t, url))
	f.enqueue(t, say("of the new leader"))
	before := workOf(t, f)
	for what, err := range map[string]error{
		"append":  second(in.Append(led, raws(3))),
		"claim":   in.Claim(led, []int64{1}),
		"consume": in.Consume(led, 1, 0, func(context.Context) error { t.Error("it is handled"); return nil }),
		"aside":   in.SetAside(led, 1, "why", nil),
		"prune":   second(in.Prune(led, start().Add(time.Hour))),
		"do":      f.Do(led, insert(2, nil)),
		"take":    second(out.Claim(led, []int64{1, 2, 3}, time.Minute)),
		"finish":  out.Finish(led, jobs[0], nil),
		"renew":   out.Renew(led, jobs[0].ID, jobs[0].Attempt, time.Hour),
		"retry":   second(out.Retry(led, jobs[0], start(), "why")),
		"reclaim": second(out.Reclaim(led, start().Add(time.Hour))),
		"polled":  f.Polled(led, start()),
	} {
		require.ErrorIs(t, err, inbox.ErrStoreAway, what)
		require.ErrorIs(t, err, outbox.ErrLost, what)
		assert.Equal(t, ticket.CodeUnavailable, ticket.CodeOf(err), what)
	}
	assert.Equal(t, before, workOf(t, f))
	require.NoError(t, f.Do(t.Context(), insert(3, nil)), "what is not the leader's work is done in every process")
}

func second[T any](_ T, err error) error { return err }

// workOf tells what a leader's work may have changed.
func workOf(t *testing.T, f *fixture) (all string) {
	t.Helper()
	f.Query(t, `SELECT (SELECT string_agg(t::text, ',' ORDER BY t.id) FROM tickets t)
		|| (SELECT string_agg(u::text, ',' ORDER BY u.seq) FROM updates u)
		|| (SELECT string_agg(o::text, ',' ORDER BY o.id) FROM outbox o)
		|| (SELECT count(*) FROM last_poll)`, &all)
	return all
}

func TestWhoTakesTheLeadWaitsForWhatIsBeingWritten(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	f := openOn(t, store.Postgres(url))
	one := candidate(t, url)
	led := store.WithTerm(t.Context(), elected(t, one))
	other := candidate(t, url)
	entered, goOn, written, taken := make(chan struct{}), make(chan struct{}), make(chan error), make(chan int64)
	go func() {
		written <- f.Do(led, func(ctx context.Context, tx ticket.Tx) error {
			close(entered)
			<-goOn
			return insert(1, nil)(ctx, tx)
		})
	}()
	<-entered
	one.Resign(t.Context())
	go func() {
		epoch, err := other.Try(t.Context())
		assert.NoError(t, err)
		taken <- epoch
	}()
	require.Eventually(t, func() bool { // the other has the lock, and waits
		var waits int
		f.Query(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`, &waits)
		return waits == 1
	}, 10*time.Second, 5*time.Millisecond)
	close(goOn)
	require.NoError(t, <-written)
	assert.Equal(t, int64(2), <-taken)
	require.ErrorIs(t, f.Do(led, insert(2, nil)), inbox.ErrStoreAway)
	_, err := f.OpenTicket(t.Context(), 1, vinA)
	require.NoError(t, err)
}

func TestTheSchemaGoesNotDownUnderALeader(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	leader := candidate(t, url)
	elected(t, leader)
	_, err := store.MigrateDown(t.Context(), store.Postgres(url))
	require.ErrorIs(t, err, store.ErrLocked)
	none, err := store.Migrate(t.Context(), store.Postgres(url))
	require.NoError(t, err, "up it may go")
	assert.Zero(t, none)
	leader.Resign(t.Context())
	_, err = store.MigrateDown(t.Context(), store.Postgres(url))
	require.NoError(t, err)
}

func TestNothingIsCopiedWhereABotLeads(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	server, path := store.Postgres(url), filepath.Join(t.TempDir(), "copy.db")
	leader, other := candidate(t, url), candidate(t, url)
	elected(t, leader)
	for name, pair := range map[string][2]store.Database{
		"from there": {server, store.SQLite(path)},
		"to there":   {store.SQLite(openFixture(t).path), server},
	} {
		err := store.Copy(t.Context(), pair[0], pair[1], func(store.CopiedTable) { t.Error("something is copied") })
		require.ErrorIs(t, err, store.ErrLocked, name)
	}
	leader.Resign(t.Context())
	tables := 0
	err := store.Copy(t.Context(), server, store.SQLite(path), func(store.CopiedTable) {
		tables++
		epoch, err := other.Try(t.Context())
		require.NoError(t, err)
		assert.Zero(t, epoch, "nobody takes the lead meanwhile")
	})
	require.NoError(t, err)
	assert.Positive(t, tables)
	elected(t, other)
}

func TestTheLeadersLastSignOfLifeIsKnown(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	f := openOn(t, store.Postgres(url))
	_, ever, err := f.LeaderBeat(t.Context())
	require.NoError(t, err)
	assert.False(t, ever)
	elected(t, candidate(t, url))
	age, ever, err := f.LeaderBeat(t.Context())
	require.NoError(t, err)
	assert.True(t, ever)
	assert.Less(t, age, 10*time.Second)
}

// TestTheLeaderIsToldOfWhatOthersEnqueue has two processes enqueue: the one that
// leads, which knows it anyway, and another.
func TestTheLeaderIsToldOfWhatOthersEnqueue(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	one := candidate(t, url)
	elected(t, one)
	news := make(chan store.News, 10)
	ended := make(chan error)
	ctx, end := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if err := one.Keep(ctx, func(n store.News) { news <- n }); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	other := &fixture{clock: &clock{now: start()}}
	var leads atomic.Bool
	var err error
	other.Store, err = store.Open(t.Context(), store.Options{
		Database: store.Postgres(url), Clock: other.clock.Now, Log: zerolog.Nop(),
		OnCommit:  func(heads []outbox.Head, _ []store.Fleeting) { other.heads = append(other.heads, heads...) },
		Elsewhere: func() bool { return !leads.Load() },
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })

	heads := other.enqueue(t, say("one"), say("two"))
	assert.Equal(t, store.News{From: heads[0].ID}, <-news, "of the first, once for a commit")
	d := other.delivery(t, other.endpoint(t).ID, 0)
	assert.Equal(t, store.News{From: d.ID, Queue: store.Deliveries}, <-news)
	_, err = other.Inbox(1).Append(t.Context(), raws(1))
	require.NoError(t, err)
	require.NoError(t, other.Inbox(1).SetAside(t.Context(), 1, "why", nil))
	_, err = other.Shelf(1).PutBack(t.Context(), []int64{1})
	require.NoError(t, err)
	assert.Equal(t, store.News{From: 1, Queue: store.Updates}, <-news)
	require.Error(t, other.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
		require.NoError(t, tx.Enqueue(ctx, say("undone")))
		return ticket.NewError(ticket.CodeConflict, "no", nil)
	}))
	leads.Store(true)
	other.enqueue(t, say("its own"))
	leads.Store(false)
	heads = other.enqueue(t, say("three"))
	assert.Equal(t, store.News{From: heads[0].ID}, <-news, "of nothing in between")
	end()
	require.NoError(t, <-ended)
	assert.Empty(t, news)
}

// TestProcessesHearWhatOthersDid has two processes say something, and each hear the
// other alone.
func TestProcessesHearWhatOthersDid(t *testing.T) {
	t.Parallel()
	database := store.Postgres(pgtest.Database(t))
	var listeners [2]*store.Listener
	var heard [2]chan struct{}
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range listeners {
		l, to := store.NewListener(openOn(t, database).Store, database), make(chan struct{}, 8)
		listeners[i], heard[i] = l, to
		all.Go(func() { assert.NoError(t, l.Hear(ctx, func() { to <- struct{}{} })) })
		<-to // it listens
	}
	for range 3 {
		require.NoError(t, listeners[0].Say(ctx))
		<-heard[1]
		require.NoError(t, listeners[1].Say(ctx))
		<-heard[0]
	}
	end()
	all.Wait()
	assert.Empty(t, heard[0], "a process does not hear itself")
	assert.Empty(t, heard[1])
	assert.Nil(t, store.NewListener(nil, store.SQLite("x")), "one process has nobody to listen to")
}
