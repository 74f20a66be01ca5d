package store_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// TestABackupWhileManyWriteHoldsAllThatWasThere has 50 write without a pause
// while a copy is made.
func TestABackupWhileManyWriteHoldsAllThatWasThere(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	const writers = 50
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var committed atomic.Int64
	enough := make(chan struct{})
	for worker := range int64(writers) {
		all.Go(func() {
			for ctx.Err() == nil {
				k := ticket.Ticket{VIN: vinA, Status: ticket.Done, Priority: ticket.Normal, OwnerID: worker + 1}
				if !assert.NoError(t, f.Do(context.WithoutCancel(ctx), func(ctx context.Context, tx ticket.Tx) error {
					if err := tx.Insert(ctx, &k); err != nil {
						return err
					}
					return tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened})
				})) {
					return
				}
				if committed.Add(1) == 500 {
					close(enough)
				}
			}
		})
	}
	<-enough
	var before int64
	f.Query(t, `SELECT count(*) FROM tickets`, &before)
	to := filepath.Join(t.TempDir(), "copy.db")
	copied, err := store.Backup(t.Context(), f.path, to)
	require.NoError(t, err)
	last := committed.Load()
	require.Eventually(t, func() bool { return committed.Load() > last }, time.Minute, time.Millisecond, "the writers go on")
	stop()
	all.Wait()

	info, err := os.Stat(to)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.Equal(t, info.Size(), copied.Bytes)
	assert.Len(t, list(t, filepath.Dir(to)), 1, "nothing else is left there")
	c := openFixtureAt(t, to)
	var sound string
	c.Query(t, `PRAGMA integrity_check`, &sound)
	assert.Equal(t, "ok", sound)
	var tickets, events int64
	c.Query(t, `SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM events)`, &tickets, &events)
	assert.GreaterOrEqual(t, tickets, before)
	assert.Equal(t, tickets, events, "of one moment")
	c.ticket(t, 1, vinB) // and it works
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestABackupReplacesNothing(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	to := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, os.WriteFile(to, []byte("precious"), 0o600))
	_, err := store.Backup(t.Context(), f.path, to)
	require.ErrorIs(t, err, fs.ErrExist)
	kept, err := os.ReadFile(to)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(kept))
	_, err = store.Backup(t.Context(), f.path, f.path)
	require.ErrorIs(t, err, fs.ErrExist)
	assert.Len(t, list(t, filepath.Dir(to)), 1)
}

func TestABackupThatCannotBeMadeLeavesNothing(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	dir := t.TempDir()
	letter := filepath.Join(dir, "letter")
	require.NoError(t, os.WriteFile(letter, []byte("this is a letter to my grandmother, and no database at all"), 0o600))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx      context.Context
		from, to string
	}{
		"no database":       {t.Context(), filepath.Join(dir, "none.db"), filepath.Join(dir, "copy.db")},
		"a folder":          {t.Context(), dir, filepath.Join(dir, "copy.db")},
		"no folder for it":  {t.Context(), f.path, filepath.Join(dir, "nowhere", "copy.db")},
		"a letter":          {t.Context(), letter, filepath.Join(dir, "copy.db")},
		"it is interrupted": {ended, f.path, filepath.Join(dir, "copy.db")},
	} {
		_, err := store.Backup(test.ctx, test.from, test.to)
		require.Error(t, err, name)
	}
	assert.Equal(t, []string{"letter"}, list(t, dir))
}

func TestRestoringPutsTheCopyInPlaceAndKeepsTheOldFile(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	f.ticket(t, 1, vinA)
	to := filepath.Join(t.TempDir(), "copy.db")
	_, err := store.Backup(t.Context(), f.path, to)
	require.NoError(t, err)
	f.ticket(t, 2, vinA)
	// the bot dies and leaves its journal behind
	crashed := filepath.Join(t.TempDir(), "vinbot.db")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		data, err := os.ReadFile(f.path + suffix)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(crashed+suffix, data, 0o600))
	}

	kept, copied, err := store.Restore(t.Context(), crashed, to, start())
	require.NoError(t, err)
	assert.Equal(t, crashed+".before-restore-20261123T093000Z", kept)
	assert.Positive(t, copied.Version)
	assert.ElementsMatch(t, []string{filepath.Base(crashed), filepath.Base(kept)}, list(t, filepath.Dir(crashed)),
		"no journal of the old one is taken for the new one's")
	count := func(path string) (n int) {
		c := openFixtureAt(t, path)
		c.Query(t, `SELECT count(*) FROM tickets`, &n)
		require.NoError(t, c.Close())
		return n
	}
	assert.Equal(t, 1, count(crashed))
	assert.Equal(t, 2, count(kept), "with what was in its journal")
	info, err := os.Stat(crashed)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	_, _, err = store.Restore(t.Context(), crashed, to, start())
	require.ErrorIs(t, err, fs.ErrExist, "what was kept before is kept")
	_, _, err = store.Restore(t.Context(), crashed, to, start().Add(time.Second))
	require.NoError(t, err)
	empty := filepath.Join(t.TempDir(), "vinbot.db")
	kept, _, err = store.Restore(t.Context(), empty, to, start())
	require.NoError(t, err)
	assert.Empty(t, kept)
	assert.Equal(t, 1, count(empty))
}

func TestRestoringOverADamagedFileKeepsItWithItsJournal(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	to := filepath.Join(t.TempDir(), "copy.db")
	_, err := store.Backup(t.Context(), f.path, to)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "vinbot.db")
	require.NoError(t, os.WriteFile(path, []byte("rubbish, and more than a header's worth of it, as after a broken disk. rubbish, and more of it."), 0o600))
	require.NoError(t, os.WriteFile(path+"-wal", []byte("also rubbish"), 0o600))
	kept, _, err := store.Restore(t.Context(), path, to, start())
	require.NoError(t, err)
	data, err := os.ReadFile(kept)
	require.NoError(t, err)
	assert.Contains(t, string(data), "rubbish")
	openFixtureAt(t, path).ticket(t, 1, vinA)
}

func TestAFileThatWillNotDoIsNotRestored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := openFixture(t)
	for n := range int64(200) {
		good.ticket(t, n+1, vinA)
	}
	require.NoError(t, good.Close())
	bytes, err := os.ReadFile(good.path)
	require.NoError(t, err)
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	newer := openFixtureAt(t, filepath.Join(dir, "newer.db"))
	newer.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
	require.NoError(t, newer.Close())
	spoiled := append([]byte(nil), bytes...)
	for i := len(spoiled) / 4; i < 3*len(spoiled)/4; i++ { // whatever stands there, some of it is in use
		spoiled[i] ^= 0x5a
	}
	for name, from := range map[string]string{
		"nothing":   filepath.Join(dir, "nothing.db"),
		"empty":     file("empty.db", nil),
		"a letter":  file("letter.db", []byte("this is a letter to my grandmother, and no database at all")),
		"truncated": file("truncated.db", bytes[:len(bytes)/2]),
		"spoiled":   file("spoiled.db", spoiled),
		"newer":     newer.path,
	} {
		f := openFixture(t)
		f.ticket(t, 1, vinB)
		require.NoError(t, f.Close())
		before, err := os.ReadFile(f.path)
		require.NoError(t, err)
		there := list(t, filepath.Dir(f.path))
		_, _, err = store.Restore(t.Context(), f.path, from, start())
		require.Error(t, err, name)
		if name == "newer" {
			require.ErrorIs(t, err, store.ErrNewer)
		}
		after, err := os.ReadFile(f.path)
		require.NoError(t, err)
		assert.Equal(t, before, after, name)
		assert.Equal(t, there, list(t, filepath.Dir(f.path)), name)
	}
	f := openFixture(t)
	_, _, err = store.Restore(t.Context(), f.path, f.path, start())
	require.ErrorContains(t, err, "the database itself")
}
