package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/store"
)

func TestMigrateCopy(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	from, err := store.Open(t.Context(), store.Options{Database: store.SQLite(s.path), Clock: time.Now, Log: zerolog.Nop()})
	require.NoError(t, err)
	_, err = from.Accounts().Seen(t.Context(), account.User{ID: 7, Name: "Анна"})
	require.NoError(t, err)
	require.NoError(t, from.Close())
	to := filepath.Join(s.dir, "new", "vinbot.db")
	secret := filepath.Join(s.dir, "url")
	require.NoError(t, os.WriteFile(secret, []byte("sqlite://"+to+"\n"), 0o600))
	args := []string{"migrate", "copy", "--from", "sqlite://" + s.path, "--to", "@" + secret}
	code, said := s.runs(args...)
	require.Equal(t, exitFine, code, said)
	assert.Regexp(t, `(?m)^users +1 +[0-9a-f]{16}$`, said)
	assert.Regexp(t, `\d+ tables with 1 rows are copied; counts and checksums agree`, said)

	code, said = s.runs(args...)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, said, "table users has rows")

	lock, err := store.LockFile(s.path)
	require.NoError(t, err)
	code, said = s.runs(append(args[:5:5], "sqlite://"+to+"2")...)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, said, "another vinbot runs on this database")
	require.NoError(t, lock.Release())
}

func TestMigrateCopyWantsTwoDatabases(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for _, args := range [][]string{
		{},
		{"--from", "sqlite://a"},
		{"--to", "sqlite://a"},
		{"--from", "sqlite://a", "--to", "mysql://root:secret@b"},
		{"--from", "sqlite://", "--to", "sqlite://b"},
		{"--from", "@nowhere", "--to", "sqlite://b"},
		{"--from", "sqlite://a", "--to", "sqlite://b", "c"},
		{"--all"},
	} {
		code, said := s.runs(append([]string{"migrate", "copy"}, args...)...)
		assert.Equal(t, exitUsage, code, "%v: %s", args, said)
		assert.NotContains(t, said, "secret")
	}
}
