package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
)

// openerEnv names the database that a child process is to open.
const openerEnv = "VINBOT_TEST_OPENER"

// opener is a process that opens a database, writes, and goes.
func opener(address string) int {
	s, err := store.Open(context.Background(), store.Options{Database: databaseAt(address), Clock: time.Now, Log: zerolog.Nop()})
	if err == nil {
		err = errors.Join(s.Writable(context.Background()), s.Close())
	}
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
		return 1
	}
	return 0
}

// databaseAt is the database of a file, or of a server's URL.
func databaseAt(address string) store.Database {
	if strings.HasPrefix(address, "postgres://") {
		return store.Postgres(address)
	}
	return store.SQLite(address)
}

// onEach runs a test on each database, empty, whose address it is given.
func onEach(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "new", "vinbot.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, pgtest.Empty(t))
	})
}

func TestMigrationsGoUpAndDownAndUpWithRowsInTheTables(t *testing.T) {
	onEach(t, testMigrations)
}

func testMigrations(t *testing.T, address string) {
	t.Helper()
	d, ctx := databaseAt(address), t.Context()
	status := func() (applied []bool) {
		list, err := store.MigrateStatus(ctx, d)
		require.NoError(t, err)
		for _, m := range list {
			assert.NotEmpty(t, m.Name)
			applied = append(applied, m.Applied)
		}
		return applied
	}
	assert.NotContains(t, status(), true)
	assert.NoFileExists(t, address, "asking makes no database")

	n, err := store.Migrate(ctx, d)
	require.NoError(t, err)
	assert.Len(t, status(), n)
	assert.NotContains(t, status(), false)
	fill := func() {
		f := openOn(t, d)
		askEverything(t, f)
		require.NoError(t, f.Close())
	}
	fill()
	last := int64(1 << 62)
	for deep := 1; deep <= n; deep++ {
		version, err := store.MigrateDown(ctx, d)
		require.NoError(t, err)
		assert.Less(t, version, last)
		assert.Positive(t, version)
		last = version
		t.Run(fmt.Sprintf("%d down and up with the rows that are left", deep), func(t *testing.T) {
			again, err := store.Migrate(t.Context(), databaseAt(twin(t, address)))
			require.NoError(t, err)
			assert.Equal(t, deep, again)
		})
	}
	version, err := store.MigrateDown(ctx, d)
	require.NoError(t, err)
	assert.Zero(t, version, "there is none left")
	assert.NotContains(t, status(), true)
	again, err := store.Migrate(ctx, d)
	require.NoError(t, err)
	assert.Equal(t, n, again)
	fill()
	none, err := store.Migrate(ctx, d)
	require.NoError(t, err)
	assert.Zero(t, none)
}

// twin is a copy of a database that nobody is connected to.
func twin(t *testing.T, address string) string {
	t.Helper()
	if strings.HasPrefix(address, "postgres://") {
		return pgtest.Copy(t, address)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	bytes, err := os.ReadFile(address)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes, 0o600))
	return path
}

func TestANewerDatabaseIsRefusedUntouched(t *testing.T) {
	onEach(t, testNewer)
}

func testNewer(t *testing.T, address string) {
	t.Helper()
	d := databaseAt(address)
	f := openOn(t, d)
	f.ticket(t, 1, vinA)
	f.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
	require.NoError(t, f.Close())
	before := contents(t, address)

	_, err := store.Open(t.Context(), store.Options{Database: d, Clock: time.Now, Log: zerolog.Nop()})
	require.ErrorIs(t, err, store.ErrNewer)
	assert.Contains(t, err.Error(), "99999")
	_, err = store.Migrate(t.Context(), d)
	require.ErrorIs(t, err, store.ErrNewer)
	_, err = store.MigrateDown(t.Context(), d)
	require.ErrorIs(t, err, store.ErrNewer)
	assert.Equal(t, before, contents(t, address))
}

// contents is what a database holds: the file's bytes, or the columns, the
// tickets and the versions.
func contents(t *testing.T, address string) string {
	t.Helper()
	if !strings.HasPrefix(address, "postgres://") {
		bytes, err := os.ReadFile(address)
		require.NoError(t, err)
		return string(bytes)
	}
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer func() { assert.NoError(t, conn.Close(t.Context())) }()
	var all string
	require.NoError(t, conn.QueryRow(t.Context(), `
		SELECT (SELECT string_agg(table_name || '.' || column_name, ',' ORDER BY table_name, ordinal_position)
				FROM information_schema.columns WHERE table_schema = 'public')
			|| (SELECT string_agg(tickets::text, ',' ORDER BY id) FROM tickets)
			|| (SELECT string_agg(version_id || ' ' || is_applied, ',' ORDER BY id) FROM goose_db_version)`).Scan(&all))
	return all
}

func TestOneBotRunsOnADatabaseAndCommandsWorkBesideIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "vinbot.db")
	lock, err := store.LockFile(path)
	require.NoError(t, err)
	_, err = store.LockFile(path)
	require.ErrorIs(t, err, store.ErrLocked)

	impatient, cancel := context.WithTimeout(t.Context(), 10*time.Second) // enough to come as far as the lock
	defer cancel()
	_, err = store.Open(impatient, store.Options{Database: store.SQLite(path), Clock: time.Now, Log: zerolog.Nop()})
	require.ErrorIs(t, err, store.ErrLocked, "nobody else makes the schema meanwhile")

	run, err := store.Open(t.Context(), store.Options{Database: store.SQLite(path), Clock: time.Now, Log: zerolog.Nop(), Lock: lock})
	require.NoError(t, err)
	command, err := store.Open(t.Context(), store.Options{Database: store.SQLite(path), Clock: time.Now, Log: zerolog.Nop()})
	require.NoError(t, err)
	require.NoError(t, command.Writable(t.Context()))
	require.NoError(t, run.Writable(t.Context()))
	require.NoError(t, command.Close())
	require.NoError(t, run.Close())

	require.NoError(t, lock.Release())
	require.NoError(t, lock.Release(), "twice")
	lock, err = store.LockFile(path)
	require.NoError(t, err)
	require.NoError(t, lock.Release())
}

func TestProcessesThatStartAtOnceMigrateOnce(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		t.Helper()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				cmd := exec.CommandContext(t.Context(), os.Args[0])
				cmd.Env = append(os.Environ(), openerEnv+"="+address)
				output, err := cmd.CombinedOutput()
				assert.NoError(t, err, "%s", output)
			})
		}
		all.Wait()
		f := openOn(t, databaseAt(address))
		var rows, versions int
		f.Query(t, `SELECT count(*), count(DISTINCT version_id) FROM goose_db_version`, &rows, &versions)
		assert.Equal(t, versions, rows)
	})
}
