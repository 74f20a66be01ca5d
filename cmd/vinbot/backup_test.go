package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
)

// shell runs commands on one database.
type shell struct {
	*testing.T
	dir, path string
}

func newShell(t *testing.T) *shell {
	t.Helper()
	dir := t.TempDir()
	return &shell{t, dir, filepath.Join(dir, "vinbot.db")}
}

// runs runs a command and gives its exit code and all that it said.
func (s *shell) runs(args ...string) (int, string) {
	s.Helper()
	return s.on("sqlite://"+s.path, args...)
}

func (s *shell) on(database string, args ...string) (int, string) {
	s.Helper()
	var said bytes.Buffer
	p := newProgram(&said, &said)
	p.environ, p.dir = []string{"DATABASE_URL=" + database}, s.dir
	p.now = func() time.Time { return time.Date(2026, 11, 24, 15, 4, 5, 0, time.UTC) }
	return p.run(context.Background(), args), said.String()
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	file := filepath.Join(s.dir, "copy.db")
	code, said := s.runs("backup", file)
	assert.Equal(t, exitFailed, code, said)
	assert.NoFileExists(t, s.path, "a backup makes no database")

	bot, err := store.Open(t.Context(), store.Options{Database: store.SQLite(s.path), Clock: time.Now, Log: zerolog.Nop()})
	require.NoError(t, err)
	lock, err := store.LockFile(s.path)
	require.NoError(t, err)
	code, said = s.runs("backup", file)
	require.Equal(t, exitFine, code, said)
	assert.Regexp(t, `copy.db is a copy of .*vinbot.db \(\d+\.\d [KM]B, schema version \d+\)`, said)
	code, said = s.runs("backup", file)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, said, "is there already")

	code, said = s.runs("restore", file)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, said, "another vinbot runs on this database")
	require.NoError(t, bot.Close())
	require.NoError(t, lock.Release())
	code, said = s.runs("restore", file)
	require.Equal(t, exitFine, code, said)
	assert.Contains(t, said, "is kept as "+s.path+".before-restore-20261124T150405Z")

	require.NoError(t, os.WriteFile(file, []byte("a letter to my grandmother, which is no database"), 0o600))
	code, said = s.runs("restore", file)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, said, "vinbot restore: ")
	assert.FileExists(t, s.path)
}

func TestBackupAndRestoreAreOfOneFile(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for _, args := range [][]string{{"backup"}, {"restore"}, {"backup", "a", "b"}, {"restore", ""}, {"backup", "--force", "a"}} {
		code, said := s.runs(args...)
		assert.Equal(t, exitUsage, code, "%v: %s", args, said)
		assert.Contains(t, said, "Usage: vinbot "+args[0]+" FILE")
	}
	code, _ := s.on("mysql://localhost/x", "backup", "a")
	assert.Equal(t, exitUsage, code)
	for command, instead := range map[string]string{"backup": "pg_dump", "restore": "pg_restore"} {
		code, said := s.on("postgres://bot:secret@localhost/vinbot", command, "a")
		assert.Equal(t, exitUsage, code)
		assert.Contains(t, said, instead)
		assert.NotContains(t, said, "secret")
	}
}
