package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
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
