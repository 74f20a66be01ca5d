package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

func TestFaultsAreClassedByWhatCanBeDone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		code ticket.Code
		away bool
	}{
		"busy":        {sqlite3.Error{Code: sqlite3.ErrBusy}, ticket.CodeUnavailable, true},
		"disk full":   {sqlite3.Error{Code: sqlite3.ErrFull}, ticket.CodeUnavailable, true},
		"disk broken": {sqlite3.Error{Code: sqlite3.ErrIoErr}, ticket.CodeUnavailable, true},
		"read-only":   {sqlite3.Error{Code: sqlite3.ErrReadonly}, ticket.CodeUnavailable, true},
		"no file":     {sqlite3.Error{Code: sqlite3.ErrCantOpen}, ticket.CodeUnavailable, true},
		"damaged":     {sqlite3.Error{Code: sqlite3.ErrCorrupt}, ticket.CodeUnavailable, true},
		"wrapped":     {fmt.Errorf("insert: %w", sqlite3.Error{Code: sqlite3.ErrFull}), ticket.CodeUnavailable, true},
		"bad conn":    {driver.ErrBadConn, ticket.CodeUnavailable, true},
		"conn done":   {sql.ErrConnDone, ticket.CodeUnavailable, true},
		"unique": {
			sqlite3.Error{Code: sqlite3.ErrConstraint, ExtendedCode: sqlite3.ErrConstraintUnique}, ticket.CodeConflict, false,
		},
		"translated": {gorm.ErrDuplicatedKey, ticket.CodeConflict, false},
		"foreign": {
			sqlite3.Error{Code: sqlite3.ErrConstraint, ExtendedCode: sqlite3.ErrConstraintForeignKey}, ticket.CodeInvalid, false,
		},
		"check": {
			sqlite3.Error{Code: sqlite3.ErrConstraint, ExtendedCode: sqlite3.ErrConstraintCheck}, ticket.CodeInvalid, false,
		},
		"deadlock":      {&pgconn.PgError{Code: "40P01"}, ticket.CodeUnavailable, true},
		"lock timeout":  {&pgconn.PgError{Code: "55P03"}, ticket.CodeUnavailable, true},
		"no disk left":  {&pgconn.PgError{Code: "53100"}, ticket.CodeUnavailable, true},
		"shut down":     {&pgconn.PgError{Code: "57P01", Message: "terminating"}, ticket.CodeUnavailable, true},
		"too slow":      {&pgconn.PgError{Code: "57014"}, ticket.CodeUnavailable, true},
		"a standby":     {&pgconn.PgError{Code: "25006"}, ticket.CodeUnavailable, true},
		"slept":         {&pgconn.PgError{Code: "25P03"}, ticket.CodeUnavailable, true},
		"cut":           {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), ticket.CodeUnavailable, true},
		"no network":    {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, ticket.CodeUnavailable, true},
		"pg unique":     {&pgconn.PgError{Code: "23505", Detail: vinA}, ticket.CodeConflict, false},
		"pg foreign":    {&pgconn.PgError{Code: "23503", Detail: vinA}, ticket.CodeInvalid, false},
		"pg check":      {&pgconn.PgError{Code: "23514", Detail: vinA}, ticket.CodeInvalid, false},
		"pg not null":   {&pgconn.PgError{Code: "23502", Detail: vinA}, ticket.CodeInvalid, false},
		"pg translated": {gorm.ErrCheckConstraintViolated, ticket.CodeInvalid, false},
		"pg syntax":     {&pgconn.PgError{Code: "42601", Message: "syntax error"}, ticket.CodeInternal, false},
		"pg bad value":  {&pgconn.PgError{Code: "22P02", Message: vinA}, ticket.CodeInternal, false},
		"no row":        {sql.ErrNoRows, ticket.CodeNotFound, false},
		"syntax":        {sqlite3.Error{Code: sqlite3.ErrError}, ticket.CodeInternal, false},
		"unknown":       {errors.New("value " + vinA), ticket.CodeInternal, false},
		"canceled":      {context.Canceled, ticket.CodeInternal, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := store.Fault("do it", c.err)
			assert.Equal(t, c.code, ticket.CodeOf(err))
			assert.Equal(t, c.away, errors.Is(err, inbox.ErrStoreAway))
			assert.Equal(t, c.away, errors.Is(err, outbox.ErrStoreAway))
			assert.Contains(t, err.Error(), "do it")
			assert.NotContains(t, err.Error(), vinA)
			if errors.Is(c.err, context.Canceled) {
				assert.ErrorIs(t, err, context.Canceled)
			}
		})
	}
	assert.NoError(t, store.Fault("do it", nil))
}

func TestAFullDiskFailsWhatSharedTheCommitAndIsLeftBehind(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	large := make([]byte, 1<<20)
	err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
		require.NoError(t, insert(1, nil)(ctx, tx))
		f.LimitPages(t)
		_, err := f.Inbox(1).Append(ctx, []inbox.Raw{{ID: 1, Body: large}})
		require.ErrorIs(t, err, inbox.ErrStoreAway)
		err = insert(2, nil)(ctx, tx)
		require.ErrorIs(t, err, inbox.ErrStoreAway, "nothing is written by a transaction that the database failed in")
		return nil // which does not save it
	})
	require.ErrorIs(t, err, inbox.ErrStoreAway)
	assert.Equal(t, ticket.CodeUnavailable, ticket.CodeOf(err))
	_, err = f.OpenTicket(t.Context(), 1, vinA)
	require.True(t, ticket.IsNotFound(err))
	assert.Empty(t, f.announced())

	require.NoError(t, f.Do(t.Context(), insert(3, nil)), "work goes on by itself")
}

func TestWhatASavepointIsUndoneWithIsKeptInMemory(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	const memory = 2
	assert.Equal(t, memory, f.WriterSetting(t, "temp_store"))
	f.LimitPages(t)
	_, err := f.Inbox(1).Append(t.Context(), []inbox.Raw{{ID: 1, Body: make([]byte, 1<<20)}})
	require.ErrorIs(t, err, inbox.ErrStoreAway)
	require.NoError(t, f.Writable(t.Context()))
	assert.Equal(t, memory, f.WriterSetting(t, "temp_store"), "of the next connection, too")
}

func TestALockedDatabaseIsAway(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	f.Exec(t, `PRAGMA busy_timeout = 20`)
	other, err := sql.Open("sqlite3", f.path)
	require.NoError(t, err)
	defer other.Close()
	other.SetMaxOpenConns(1)
	_, err = other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)

	require.ErrorIs(t, f.Writable(t.Context()), inbox.ErrStoreAway)
	_, err = f.TicketsOf(t.Context(), 1, ticket.New)
	require.NoError(t, err, "readers go on")
	_, err = other.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, f.Writable(t.Context()))
}

func TestAFileThatIsNoDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vinbot.db")
	require.NoError(t, os.WriteFile(path, []byte("this is a letter to my grandmother, and no database at all"), 0o600))
	_, err := store.Open(t.Context(), store.Options{Database: store.SQLite(path), Clock: time.Now, Log: zerolog.Nop()})
	require.ErrorIs(t, err, inbox.ErrStoreAway)
	_, err = store.Open(t.Context(), store.Options{Database: store.SQLite(filepath.Dir(path)), Clock: time.Now, Log: zerolog.Nop()})
	require.Error(t, err)
}

func TestTheDatabaseIsForItsOwnersEyes(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	require.NoError(t, f.Writable(t.Context()))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(f.path + suffix)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), suffix)
	}
}

func TestErasedBodiesAreNotInTheFile(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	in := f.Inbox(1)
	_, err := in.Append(t.Context(), []inbox.Raw{{ID: 1, Body: []byte(`{"text":"my VIN is ` + vinB + `"}`)}})
	require.NoError(t, err)
	require.NoError(t, in.Consume(t.Context(), 1, 0, nil))
	require.NoError(t, f.Close())
	data, err := os.ReadFile(f.path)
	require.NoError(t, err)
	assert.NotContains(t, string(data), vinB)
	_, err = os.Stat(f.path + "-wal")
	assert.ErrorIs(t, err, os.ErrNotExist)
}
