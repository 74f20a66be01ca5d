package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
)

func TestDoctorAndAPostgres(t *testing.T) {
	t.Parallel()
	telegramURL := telegram{answers: healthy()}.serve(t)
	asked := func(url string) (int, string) {
		code, found := examine(t, "TELEGRAM_API_URL="+telegramURL, "DATABASE_URL="+url)
		return code, found["database"]
	}
	t.Run("that is empty", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Empty(t)
		code, found := asked(url)
		assert.Equal(t, exitFine, code)
		assert.Regexp(t, `^ok: postgres://.* has version 0 of the schema, and this program brings it to \d+ at its next start`, found)
		list, err := store.MigrateStatus(t.Context(), store.Postgres(url))
		require.NoError(t, err)
		assert.False(t, list[0].Applied, "the doctor changes nothing")
	})
	t.Run("on which a bot leads, or none", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Database(t)
		code, found := asked(url)
		assert.Equal(t, exitFine, code)
		assert.Contains(t, found, "as it should; no vinbot leads on it")
		leader := store.NewCandidate(store.Postgres(url), time.Now)
		epoch, err := leader.Try(t.Context())
		require.NoError(t, err)
		require.NotZero(t, epoch)
		defer leader.Resign(t.Context())
		code, found = asked(url)
		assert.Equal(t, exitFine, code)
		assert.Contains(t, found, "as it should; a vinbot leads on it")
	})
	t.Run("that does not answer", func(t *testing.T) {
		t.Parallel()
		code, found := asked("postgres://vinbot:hush-hush@127.0.0.1:1/vinbot")
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, found, "fail: postgres://127.0.0.1:1/vinbot cannot be used:")
		assert.Contains(t, found, "→ start the server, or mend DATABASE_URL")
		assert.NotContains(t, found, "hush")
	})
}

func TestMigrateWorksOnAPostgres(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "DATABASE_URL="+pgtest.Empty(t))
	require.Equal(t, exitFine, c.do(t, "migrate", "up"), c.err.String())
	assert.Regexp(t, `^\d+ migrations applied\n$`, c.out.String())
	require.Equal(t, exitFine, c.do(t, "migrate", "status"))
	assert.NotContains(t, c.out.String(), "missing")
	require.Equal(t, exitFine, c.do(t, "migrate", "down"), c.err.String())
	assert.Contains(t, c.out.String(), "is taken back")
}
