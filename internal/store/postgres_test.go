package store_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// beside opens two stores on one PostgreSQL, as two processes do.
func beside(t *testing.T) (one, other *fixture) {
	t.Helper()
	url := pgtest.Database(t)
	return openOn(t, store.Postgres(url)), openOn(t, store.Postgres(url))
}

// begun runs fn in a transaction that stays open until commit is called.
func begun(t *testing.T, f *fixture, fn func(ctx context.Context, tx ticket.Tx) error) (commit func() error) {
	t.Helper()
	written, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	end := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(end) // of a test that failed before it committed
	go func() {
		ended <- f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			err := fn(ctx, tx)
			close(written)
			<-goOn
			return err
		})
	}()
	<-written
	return func() error {
		end()
		return <-ended
	}
}

// waits waits until a connection waits for another's transaction.
func waits(t *testing.T, f *fixture) {
	t.Helper()
	require.Eventually(t, func() bool {
		var n int
		f.Query(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`, &n)
		return n > 0
	}, 10*time.Second, 5*time.Millisecond)
}

func TestProcessesThatTakeAtOnce(t *testing.T) {
	t.Parallel()
	one, other := beside(t)
	k := one.ticket(t, 1, vinA)
	var mu sync.Mutex
	won := 0
	var all sync.WaitGroup
	for i := range 64 {
		f := []*fixture{one, other}[i%2]
		all.Go(func() {
			err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
				mine, err := tx.Take(ctx, k, ticket.Actor{ID: int64(i)})
				if mine {
					mu.Lock()
					won++
					mu.Unlock()
				}
				return err
			})
			assert.NoError(t, err)
		})
	}
	all.Wait()
	assert.Equal(t, 1, won)
}

func TestProcessesThatOpenTheSameTicket(t *testing.T) {
	t.Parallel()
	one, other := beside(t)
	commit := begun(t, one, insert(1, nil))
	refused := make(chan error)
	go func() { refused <- other.Do(t.Context(), insert(1, nil)) }()
	waits(t, one)
	require.NoError(t, commit())
	assert.Equal(t, ticket.CodeConflict, ticket.CodeOf(<-refused))
	assert.Len(t, one.announced(), 1)
	assert.Empty(t, other.announced())
}

func TestProcessesThatStoreTheSameUpdates(t *testing.T) {
	t.Parallel()
	one, other := beside(t)
	var mu sync.Mutex
	fresh := 0
	var all sync.WaitGroup
	for i := range 20 {
		f := []*fixture{one, other}[i%2]
		all.Go(func() {
			n, err := f.Inbox(1).Append(t.Context(), raws(1, 2, 3, 4, 5))
			assert.NoError(t, err)
			mu.Lock()
			fresh += n
			mu.Unlock()
		})
	}
	all.Wait()
	assert.Equal(t, 5, fresh)
	assert.ElementsMatch(t, []int64{1, 2, 3, 4, 5}, pendingIDs(t, one.Inbox(1)))
}

// TestATwinThatAnotherProcessPutIn has an effect put back at the instant at
// which another process enqueues its like.
func TestATwinThatAnotherProcessPutIn(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(t *testing.T, f *fixture, job outbox.Job){
		"retried": func(t *testing.T, f *fixture, job outbox.Job) {
			t.Helper()
			again, err := f.Outbox().Retry(t.Context(), job, start(), "429")
			assert.NoError(t, err)
			assert.False(t, again)
		},
		"reclaimed": func(t *testing.T, f *fixture, _ outbox.Job) {
			t.Helper()
			heads, err := f.Outbox().Reclaim(t.Context(), start().Add(time.Hour))
			assert.NoError(t, err)
			assert.Empty(t, heads)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other := beside(t)
			job := one.claim(t, one.enqueue(t, edit("a"))[0].ID)
			commit := begun(t, other, func(ctx context.Context, tx ticket.Tx) error { return tx.Enqueue(ctx, edit("a")) })
			done := make(chan struct{})
			go func() {
				defer close(done)
				back(t, one, job)
			}()
			waits(t, one)
			require.NoError(t, commit())
			<-done
			var waiting, merged int
			one.Query(t, `SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE last_error = 'merged') FROM outbox`,
				&waiting, &merged)
			assert.Equal(t, 1, waiting)
			assert.Equal(t, 1, merged)
		})
	}
}

func TestProcessesThatWaitForEachOther(t *testing.T) {
	t.Parallel()
	one, other := beside(t)
	a, b := one.ticket(t, 1, vinA), one.ticket(t, 2, vinA)
	var ready sync.WaitGroup
	ready.Add(2)
	both := func(f *fixture, first, second int64) error {
		return f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			if _, err := tx.Take(ctx, ticket.Ticket{ID: first}, ticket.Actor{ID: 1}); err != nil {
				return err
			}
			ready.Done()
			ready.Wait()
			_, err := tx.Take(ctx, ticket.Ticket{ID: second}, ticket.Actor{ID: 1})
			return err
		})
	}
	ends := make(chan error, 2)
	go func() { ends <- both(one, a.ID, b.ID) }()
	go func() { ends <- both(other, b.ID, a.ID) }()
	errs := []error{<-ends, <-ends}
	if errs[0] == nil {
		errs[0], errs[1] = errs[1], errs[0]
	}
	require.ErrorIs(t, errs[0], inbox.ErrStoreAway, "it is tried again")
	require.NoError(t, errs[1])
	require.NoError(t, one.Do(t.Context(), insert(3, nil)))
	require.NoError(t, other.Do(t.Context(), insert(4, nil)))
}

func TestConnectionsThatWereCutAreMadeAnew(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	f := openOn(t, store.Postgres(url))
	k := f.ticket(t, 1, vinA)
	for range 3 {
		cut(t, url, "TRUE")
		require.NoError(t, f.Writable(t.Context()), "nothing was asked of the old one yet")
	}
	require.Eventually(t, func() bool {
		_, err := f.Ticket(t.Context(), k.ID)
		return err == nil
	}, 10*time.Second, time.Millisecond, "readers, too")

	commit := begun(t, f, insert(2, nil))
	cut(t, url, "state = 'idle in transaction'")
	err := commit()
	require.ErrorIs(t, err, inbox.ErrStoreAway)
	require.ErrorIs(t, err, outbox.ErrStoreAway)
	_, err = f.OpenTicket(t.Context(), 2, vinA)
	require.True(t, ticket.IsNotFound(err), "what was not committed is not there")
	require.NoError(t, f.Do(t.Context(), insert(3, nil)))
}

func TestScrubbingVacuumsEveryTable(t *testing.T) {
	t.Parallel()
	f := openPostgres(t)
	k := f.private(t, start())
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.EraseTicket(ctx, k.ID); return err })
	require.NoError(t, f.Scrub(t.Context()))
	require.Eventually(t, func() bool { // what the server counts is told a moment later
		var left int
		f.Query(t, `SELECT count(*) FROM pg_stat_user_tables WHERE vacuum_count = 0 OR n_dead_tup > 0`, &left)
		return left == 0
	}, 10*time.Second, 10*time.Millisecond)
}

// TestTheServersOwnHabitsDoNotMatter has a database whose administrator likes
// other things than the program does.
func TestTheServersOwnHabitsDoNotMatter(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { assert.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	for setting, value := range map[string]string{
		"default_transaction_isolation": "'repeatable read'", "timezone": "'Asia/Tokyo'", "datestyle": "'German'",
		"statement_timeout": "'1ms'", "jit_above_cost": "0",
	} {
		_, err := conn.Exec(t.Context(), `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET `+setting+` = `+
			strings.ReplaceAll(value, "'", "''")+`', current_database()); END $$`)
		require.NoError(t, err)
	}
	one, other := openOn(t, store.Postgres(url)), openOn(t, store.Postgres(url))
	k := one.ticket(t, 1, vinA)
	commit := begun(t, one, func(ctx context.Context, tx ticket.Tx) error {
		_, err := tx.Take(ctx, k, ticket.Actor{ID: 1})
		return err
	})
	lost := make(chan error)
	go func() {
		lost <- other.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			taken, err := tx.Take(ctx, k, ticket.Actor{ID: 2})
			assert.False(t, taken)
			return err
		})
	}()
	waits(t, other)
	require.NoError(t, commit())
	require.NoError(t, <-lost, "who comes second is told so, and fails not")
	got, err := other.Ticket(t.Context(), k.ID)
	require.NoError(t, err)
	assert.Equal(t, int64(1), got.AssigneeID)
	assert.Equal(t, stored(start()), got.OpenedAt)
}

// TestCallersOfTheAPIHoldUpNoUnit has a unit of the bot's own work last, while
// callers are counted and sign in.
func TestCallersOfTheAPIHoldUpNoUnit(t *testing.T) {
	t.Parallel()
	f := openOn(t, store.Postgres(pgtest.Database(t)))
	commit := begun(t, f, func(context.Context, ticket.Tx) error { return nil })
	total, err := f.Usage().Grant(t.Context(), account.Grant{Caller: "owner:1", Minute: start(), Portion: 5})
	require.NoError(t, err, "it is in no transaction of others")
	assert.Equal(t, 5, total)
	require.NoError(t, f.Sessions().Begin(t.Context(), account.Session{Owner: 1, AccessUntil: start(), ExpiresAt: start()}, []byte("a"), []byte("r")))
	require.NoError(t, commit())
}

// TestSweepingHoldsUpNoUnit has a unit of the bot's own work last, and have a name
// that is swept: all the others are.
func TestSweepingHoldsUpNoUnit(t *testing.T) {
	t.Parallel()
	f := openOn(t, store.Postgres(pgtest.Database(t)))
	const many = 250
	name := func(i int) account.AnswerKey {
		return account.AnswerKey{Caller: "token:1", Name: strconv.Itoa(i), Request: []byte("asked")}
	}
	f.tx(t, func(ctx context.Context, _ ticket.Tx) error {
		for i := range many {
			if _, _, err := f.Answers().Claim(ctx, name(i)); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, f.Sessions().Begin(t.Context(), account.Session{Owner: 1, AccessUntil: start(), ExpiresAt: start()}, []byte("a"), []byte("r")))
	f.Exec(t, `INSERT INTO refresh_tokens (hash, session_id, used_at)
		SELECT CAST(i AS TEXT)::BYTEA, (SELECT id FROM api_sessions), ? FROM (`+numbers+`) n`, start(), 1, many)
	f.clock.Advance(25 * time.Hour)
	commit := begun(t, f, func(ctx context.Context, _ ticket.Tx) error {
		_, fresh, err := f.Answers().Claim(ctx, name(7)) // its time is up
		assert.True(t, fresh)
		return err
	})
	require.NoError(t, f.SweepAPI(t.Context(), f.clock.Now()))
	left := func(table string) (n int) {
		f.Query(t, `SELECT count(*) FROM `+table, &n)
		return n
	}
	assert.Equal(t, 1, left("idempotency_keys"), "what somebody uses stays")
	require.NoError(t, commit())
	assert.Equal(t, 1, left("idempotency_keys"))
	assert.Zero(t, left("refresh_tokens"))
	assert.Zero(t, left("api_sessions"))
}

func TestANameThatAnotherProcessHasIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	one, other := beside(t)
	key := account.AnswerKey{Caller: "token:1", Name: "k", Request: []byte("asked")}
	said := account.Answer{Request: key.Request, Status: 201, Headers: map[string]string{}, Body: []byte(`{}`)}
	commit := begun(t, one, func(ctx context.Context, _ ticket.Tx) error {
		if _, _, err := one.Answers().Claim(ctx, key); err != nil {
			return err
		}
		return one.Answers().Keep(ctx, key, said)
	})
	_, _, err := other.Answers().Claim(t.Context(), key)
	require.ErrorIs(t, err, account.ErrUnderway)
	require.NoError(t, commit())
	kept, fresh, err := other.Answers().Claim(t.Context(), key)
	require.NoError(t, err)
	assert.False(t, fresh)
	assert.Equal(t, said, kept)
}

// TestNotingWhenToLookWaitsForNoTicket has another process be about to change one
// of the tickets that were looked at.
func TestNotingWhenToLookWaitsForNoTicket(t *testing.T) {
	t.Parallel()
	one, other := beside(t)
	one.SetLookAt(deadline)
	other.SetLookAt(deadline)
	a, b := one.ticket(t, 1, vinA), one.ticket(t, 2, vinA)
	read, err := one.SLA().Ripe(t.Context(), start().Add(time.Hour), ticket.Watched{}, 10)
	require.NoError(t, err)
	require.Len(t, read, 2)
	commit := begun(t, other, func(ctx context.Context, tx ticket.Tx) error {
		a.Priority = ticket.Urgent
		return tx.Update(ctx, &a)
	})
	later := stored(start().Add(5 * time.Hour))
	read[0].LookAt, read[1].LookAt = later, later
	require.NoError(t, one.SLA().Look(t.Context(), read))
	assert.Equal(t, later, one.lookAt(t, b.ID))
	require.NoError(t, commit())
	assert.Equal(t, stored(start().Add(30*time.Minute)), one.lookAt(t, a.ID), "who changes it says when")
}
