package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
)

// TestADatabaseThatAnotherHasForAMomentIsWaitedFor: whoever makes the journal of a
// file a write-ahead one while another writes to it is told at once that it is
// locked, whatever the busy timeout.
func TestADatabaseThatAnotherHasForAMomentIsWaitedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "v.db")
	other, err := sql.Open("sqlite3", path)
	require.NoError(t, err)
	defer other.Close()
	other.SetMaxOpenConns(1)
	for _, statement := range []string{`CREATE TABLE other (n INTEGER)`, `BEGIN IMMEDIATE`} {
		_, err = other.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	time.AfterFunc(100*time.Millisecond, func() {
		_, err := other.ExecContext(t.Context(), `COMMIT`)
		assert.NoError(t, err)
	})
	list, err := store.MigrateStatus(t.Context(), store.SQLite(path))
	require.NoError(t, err)
	assert.NotEmpty(t, list)
}
