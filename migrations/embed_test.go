package migrations_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/migrations"
)

// TestEveryVersionIsThereForBothDatabases also compares what they make: the
// same tables with the same columns in the same order, and the same indexes.
func TestEveryVersionIsThereForBothDatabases(t *testing.T) {
	t.Parallel()
	sqlite, err := migrations.SQLite()
	require.NoError(t, err)
	postgres, err := migrations.Postgres()
	require.NoError(t, err)

	names, err := fs.Glob(sqlite, "*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	pairs, err := fs.Glob(postgres, "*.sql")
	require.NoError(t, err)
	require.Equal(t, names, pairs)
	newest, err := migrations.Newest()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(names[len(names)-1], fmt.Sprintf("%05d_", newest)))
	made := regexp.MustCompile(`(?m)^(?:CREATE (?:TABLE|INDEX|UNIQUE INDEX) \w+|    [a-z_0-9]+|DROP TABLE \w+|-- \+goose \w+)`)
	for _, name := range names {
		assert.Regexp(t, `^\d{5}_[a-z][a-z0-9_]*\.sql$`, name)
		one, err := fs.ReadFile(sqlite, name)
		require.NoError(t, err)
		other, err := fs.ReadFile(postgres, name)
		require.NoError(t, err)
		assert.Equal(t, made.FindAllString(string(one), -1), made.FindAllString(string(other), -1), name)
	}
}
