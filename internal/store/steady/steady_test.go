package steady_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"vinbot/internal/store/steady"
)

// A plan that depends on a bound value is made again for each value. Whether one
// does shows where only the value lets an index be used.
func TestAPlanDependsOnNoValue(t *testing.T) {
	require.NoError(t, steady.Plans())
	require.NoError(t, steady.Plans(), "a second time")
	db, err := sql.Open("sqlite3", ":memory:")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), `CREATE TABLE tickets (id INTEGER PRIMARY KEY, status TEXT, owner INTEGER);
		CREATE INDEX waiting ON tickets (owner) WHERE status = 'new'`)
	require.NoError(t, err)

	plan := func(status string, values ...any) (detail string) {
		t.Helper()
		row := db.QueryRowContext(t.Context(), `EXPLAIN QUERY PLAN SELECT id FROM tickets WHERE owner = 1 AND status = `+status, values...)
		var id, parent, unused int
		require.NoError(t, row.Scan(&id, &parent, &unused, &detail))
		return detail
	}
	require.Contains(t, plan(`'new'`), "INDEX waiting")
	require.Equal(t, "SCAN tickets", plan(`?`, "new"))
}
