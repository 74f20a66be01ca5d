package main

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// base is a database that the bot left behind.
func base(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "v.db")
	s, err := store.Open(t.Context(), store.Options{Database: store.SQLite(path), Clock: time.Now})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return path
}

// newest is the newest version of the schema that the program knows.
func newest(t *testing.T, path string) string {
	t.Helper()
	list, err := store.MigrateStatus(t.Context(), store.SQLite(path))
	require.NoError(t, err)
	return strconv.FormatInt(list[len(list)-1].Version, 10)
}

// execute changes a database behind the bot's back.
func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// examineBase asks the doctor about a database alone.
func examineBase(t *testing.T, path string) (int, string) {
	t.Helper()
	url := telegram{answers: healthy()}.serve(t)
	code, found := examine(t, "TELEGRAM_API_URL="+url, "DATABASE_URL=sqlite://"+path)
	return code, found["database"]
}

func TestDoctorAndTheDatabase(t *testing.T) {
	t.Parallel()
	t.Run("that is not there yet", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		code, found := examineBase(t, filepath.Join(dir, "a", "v.db"))
		assert.Equal(t, exitFine, code)
		assert.Contains(t, found, "is not there yet: the bot makes it at its first start")
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Empty(t, entries, "the doctor makes none")
	})
	t.Run("that cannot be made", func(t *testing.T) {
		t.Parallel()
		code, found := examineBase(t, "/proc/1/v.db")
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, found, "fail: /proc/1 is not writable")
		assert.Contains(t, found, "→ let the bot's user write there, or name another folder in DATABASE_URL")
	})
	t.Run("of a bot that does not run", func(t *testing.T) {
		t.Parallel()
		path := base(t)
		code, found := examineBase(t, path)
		assert.Equal(t, exitFine, code)
		assert.Equal(t, "ok: "+path+" has version "+newest(t, path)+" of the schema, as it should; no vinbot runs on it\nok: it is sound", found)
	})
	t.Run("that is no file", func(t *testing.T) {
		t.Parallel()
		code, found := examineBase(t, t.TempDir())
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, found, "is no file → name a file in DATABASE_URL")
	})
	t.Run("that is no database", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "v.db")
		text := []byte("this is a text, and a long one at that")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		code, found := examineBase(t, path)
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, found, "cannot be read")
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, text, after, "it is not touched")
	})
}

func TestDoctorBesideARunningBot(t *testing.T) {
	t.Parallel()
	path := base(t)
	lock, err := store.LockFile(path)
	require.NoError(t, err)
	s, err := store.Open(t.Context(), store.Options{Database: store.SQLite(path), Clock: time.Now, Lock: lock})
	require.NoError(t, err)
	writing := s.Do(t.Context(), func(context.Context, ticket.Tx) error { // in the midst of a transaction
		code, found := examineBase(t, path) //nolint:contextcheck // it goes on beside the transaction, not in it
		assert.Equal(t, exitFine, code)
		assert.Contains(t, found, "a vinbot runs on it")
		assert.Contains(t, found, "ok: it is sound")
		return nil
	})
	require.NoError(t, writing)
	require.NoError(t, s.Writable(t.Context()))
	require.NoError(t, s.Close())
	require.NoError(t, lock.Release())
	_, found := examineBase(t, path)
	assert.Contains(t, found, "no vinbot runs on it")
}

func TestDoctorAndTheSchema(t *testing.T) {
	t.Parallel()
	t.Run("newer than the program", func(t *testing.T) {
		t.Parallel()
		path := base(t)
		execute(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (90000, 1)`)
		code, found := examineBase(t, path)
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, found, "the database has version 90000")
		assert.Contains(t, found, "→ run the newer vinbot")
	})
	t.Run("older than the program", func(t *testing.T) {
		t.Parallel()
		path := base(t)
		execute(t, path, `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
		code, found := examineBase(t, path)
		assert.Equal(t, exitFine, code)
		assert.Contains(t, found, "brings it to "+newest(t, path)+" at its next start; no vinbot runs on it")

		lock, err := store.LockFile(path)
		require.NoError(t, err)
		code, found = examineBase(t, path)
		assert.Equal(t, exitFine, code)
		assert.Contains(t, found, "warn: ")
		assert.Contains(t, found, "→ end the vinbot that runs on it, an older one")
		require.NoError(t, lock.Release())
	})
}

func TestDoctorAndADamagedDatabase(t *testing.T) {
	t.Parallel()
	path := base(t)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	info, err := file.Stat()
	require.NoError(t, err)
	const page = 4096
	for at := int64(2 * page); at < info.Size(); at += 3 * page { // not the first: it is a database all the same
		_, err = file.WriteAt(make([]byte, page/2), at)
		require.NoError(t, err)
	}
	require.NoError(t, file.Close())
	code, found := examineBase(t, path)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found, "restore a backup")
}

func TestDoctorAndTheFileStore(t *testing.T) {
	t.Parallel()
	url := telegram{answers: healthy()}.serve(t)
	dir := t.TempDir()
	_, found := examine(t, "TELEGRAM_API_URL="+url, "DATA_DIR="+dir)
	assert.Equal(t, "ok: reports can be written below "+dir, found["file store"])
	require.NoError(t, os.WriteFile(filepath.Join(dir, "reports"), nil, 0o600))
	code, found := examine(t, "TELEGRAM_API_URL="+url, "DATA_DIR="+dir)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found["file store"], "reports is not a folder → name another folder in DATA_DIR")
	assert.Contains(t, found["data folder"], "ok: ")
}
