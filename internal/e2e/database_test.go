package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3" // reads what the bot wrote
	"github.com/stretchr/testify/require"
)

// rowScanner is a row of an answer.
type rowScanner interface{ Scan(into ...any) error }

// look asks the bot's database, beside the bot, for one number.
func (w *world) look(query string, args ...any) (n int) {
	w.Helper()
	w.query(query, func(rows rowScanner) { require.NoError(w, rows.Scan(&n)) }, args...)
	return n
}

// query reads rows of the bot's database, beside the bot or after it.
func (w *world) query(query string, each func(rowScanner), args ...any) {
	w.Helper()
	driver, address := "sqlite3", (&url.URL{Scheme: "file", Path: w.cfg.Database.Path(), RawQuery: "mode=ro&_busy_timeout=5000"}).String()
	if server := w.cfg.Database.URL(); server != "" {
		driver, address = "pgx", server
		for n := 1; strings.Contains(query, "?"); n++ {
			query = strings.Replace(query, "?", fmt.Sprintf("$%d", n), 1)
		}
	}
	if w.db == nil {
		var err error
		w.db, err = sql.Open(driver, address)
		require.NoError(w, err)
		w.Cleanup(func() {
			require.NoError(w, w.db.Close())
			w.db = nil
		})
	}
	rows, err := w.db.QueryContext(context.WithoutCancel(w.Context()), query, args...)
	require.NoError(w, err)
	defer rows.Close()
	for rows.Next() {
		each(rows)
	}
	require.NoError(w, rows.Err())
}

// settled waits until Telegram has no update left, every one is handled, and
// all that they led to is sent: what is not there then will not come. Leaving
// a group is not waited for: the bot takes half a minute to think about it.
func (w *world) settled() {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	require.NoError(w, w.sim.WaitConfirmed(ctx))
	require.Eventually(w, func() bool {
		return w.look(`SELECT (SELECT count(*) FROM updates WHERE state = 'waiting')
			+ (SELECT count(*) FROM outbox WHERE state IN ('waiting', 'leased') AND kind <> 'chat.leave')`) == 0
	}, patience, 10*time.Millisecond, "something still waits")
}

// tickets counts the tickets.
func (w *world) tickets() int { return w.look(`SELECT count(*) FROM tickets`) }
