package store_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
)

// openerEnv names the database that a child process is to open.
const openerEnv = "VINBOT_TEST_OPENER"

// opener is a process that opens a database, writes, and goes.
func opener(path string) int {
	s, err := store.Open(context.Background(), store.Options{Path: path, Clock: time.Now, Log: zerolog.Nop()})
	if err == nil {
		err = errors.Join(s.Writable(context.Background()), s.Close())
	}
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
		return 1
	}
	return 0
}

func TestMigrationsGoUpAndDownAndUpWithRowsInTheTables(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "vinbot.db")
	ctx := t.Context()
	status := func() (applied []bool) {
		list, err := store.MigrateStatus(ctx, path)
		require.NoError(t, err)
		for _, m := range list {
			assert.NotEmpty(t, m.Name)
			applied = append(applied, m.Applied)
		}
		return applied
	}
	assert.NotContains(t, status(), true)
	assert.NoFileExists(t, path, "asking makes no database")

	n, err := store.Migrate(ctx, path)
	require.NoError(t, err)
	assert.Len(t, status(), n)
	assert.NotContains(t, status(), false)
	fill := func() {
		f := openFixtureAt(t, path)
		askEverything(t, f)
		require.NoError(t, f.Close())
	}
	fill()
	last := int64(1 << 62)
	for range n {
		version, err := store.MigrateDown(ctx, path)
		require.NoError(t, err)
		assert.Less(t, version, last)
		assert.Positive(t, version)
		last = version
	}
	version, err := store.MigrateDown(ctx, path)
	require.NoError(t, err)
	assert.Zero(t, version, "there is none left")
	again, err := store.Migrate(ctx, path)
	require.NoError(t, err)
	assert.Equal(t, n, again)
	fill()
	none, err := store.Migrate(ctx, path)
	require.NoError(t, err)
	assert.Zero(t, none)
}

func TestANewerDatabaseIsRefusedUntouched(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	f.ticket(t, 1, vinA)
	f.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
	require.NoError(t, f.Close())
	before, err := os.ReadFile(f.path)
	require.NoError(t, err)

	_, err = store.Open(t.Context(), store.Options{Path: f.path, Clock: time.Now, Log: zerolog.Nop()})
	require.ErrorIs(t, err, store.ErrNewer)
	assert.Contains(t, err.Error(), "99999")
	_, err = store.Migrate(t.Context(), f.path)
	require.ErrorIs(t, err, store.ErrNewer)
	_, err = store.MigrateDown(t.Context(), f.path)
	require.ErrorIs(t, err, store.ErrNewer)
	after, err := os.ReadFile(f.path)
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestOneBotRunsOnADatabaseAndCommandsWorkBesideIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "vinbot.db")
	lock, err := store.LockFile(path)
	require.NoError(t, err)
	_, err = store.LockFile(path)
	require.ErrorIs(t, err, store.ErrLocked)

	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = store.Open(impatient, store.Options{Path: path, Clock: time.Now, Log: zerolog.Nop()})
	require.ErrorIs(t, err, store.ErrLocked, "nobody else makes the schema meanwhile")

	run, err := store.Open(t.Context(), store.Options{Path: path, Clock: time.Now, Log: zerolog.Nop(), Lock: lock})
	require.NoError(t, err)
	command, err := store.Open(t.Context(), store.Options{Path: path, Clock: time.Now, Log: zerolog.Nop()})
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
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vinbot.db")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), openerEnv+"="+path)
			output, err := cmd.CombinedOutput()
			assert.NoError(t, err, "%s", output)
		})
	}
	all.Wait()
	f := openFixtureAt(t, path)
	var rows, versions int
	f.Query(t, `SELECT count(*), count(DISTINCT version_id) FROM goose_db_version`, &rows, &versions)
	assert.Equal(t, versions, rows)
}
