package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

func testHealth(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	f := open(t)
	n, oldest, err := f.InboxDepth(t.Context(), 1)
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.True(t, oldest.IsZero())
	_, err = f.Inbox(1).Append(t.Context(), raws(1, 2))
	require.NoError(t, err)
	n, oldest, err = f.InboxDepth(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	assert.Equal(t, stored(start()), oldest)
	version, err := f.DatabaseVersion(t.Context())
	require.NoError(t, err)
	assert.Regexp(t, `^(SQLite 3|PostgreSQL 1\d)\.\d`, version)
	f.ticket(t, 1, vinA)
	f.ticket(t, 2, vinA)
	urgent := ticket.Ticket{VIN: vinB, Status: ticket.Taken, Priority: ticket.Urgent, OwnerID: 1}
	closed := ticket.Ticket{VIN: vinB, Status: ticket.Done, Priority: ticket.Urgent, OwnerID: 1}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		return errors.Join(tx.Insert(ctx, &urgent), tx.Insert(ctx, &closed))
	})
	counts, err := f.OpenCounts(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[ticket.Pile]int{{Status: ticket.New, Priority: ticket.Normal}: 2, {Status: ticket.Taken, Priority: ticket.Urgent}: 1}, counts)
	for name, pool := range f.Pools() {
		assert.Positive(t, pool.Stats().MaxOpenConnections, name)
	}
}

// TestHowTransactionsEndIsTold.
func TestHowTransactionsEndIsTold(t *testing.T) {
	t.Parallel()
	ended := make(chan string, 8)
	path := filepath.Join(t.TempDir(), "vinbot.db")
	s, err := store.Open(t.Context(), store.Options{
		Database: store.SQLite(path), Clock: time.Now, Log: zerolog.Nop(),
		OnTransaction: func(result string, took time.Duration) {
			assert.Positive(t, took)
			ended <- result
		},
	})
	require.NoError(t, err)
	require.NoError(t, s.Writable(t.Context()))
	assert.Equal(t, store.TransactionOK, <-ended)
	require.NoError(t, s.Close())
	require.Error(t, s.Writable(t.Context()))
	assert.Empty(t, ended, "nothing was tried")
}

func TestWhoIsInTheWayIsToldFromADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]error{
		store.TransactionBusy:   sqlite3.Error{Code: sqlite3.ErrBusy},
		store.TransactionAway:   sqlite3.Error{Code: sqlite3.ErrFull},
		store.TransactionFailed: errors.New("odd"),
	} {
		assert.Equal(t, want, store.Ending(fault))
	}
	for state, want := range map[string]string{
		"55P03": store.TransactionBusy, "40P01": store.TransactionBusy, "57P01": store.TransactionAway, "42601": store.TransactionFailed,
	} {
		assert.Equal(t, want, store.Ending(&pgconn.PgError{Code: state}), state)
	}
}

func TestTheProcessesThatRunOnADatabaseAreCounted(t *testing.T) {
	t.Parallel()
	n, err := openFixture(t).Processes(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	url := pgtest.Database(t)
	one, other := candidate(t, url), candidate(t, url)
	elected(t, one)
	epoch, err := other.Try(t.Context())
	require.NoError(t, err)
	assert.Zero(t, epoch)
	n, err = openOn(t, store.Postgres(url)).Processes(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, n, "who leads, and who waits")
}
