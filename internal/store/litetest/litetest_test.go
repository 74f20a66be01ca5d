package litetest_test

import (
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEachTestGetsADatabaseOfItsOwnThatIsUpToDate(t *testing.T) {
	t.Parallel()
	for range 2 {
		database := store.SQLite(litetest.File(t))
		versions, err := store.MigrateStatus(t.Context(), database)
		require.NoError(t, err)
		assert.NotEmpty(t, versions)
		for _, v := range versions {
			assert.True(t, v.Applied, v.Name)
		}
		s, err := store.Open(t.Context(), store.Options{Database: database, Clock: time.Now, Log: zerolog.Nop()})
		require.NoError(t, err)
		require.NoError(t, s.Writable(t.Context()))
		require.NoError(t, s.Close())
	}
}
