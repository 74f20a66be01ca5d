package e2e

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// connections are those that this process has to SQLite files, and what is to
// be done to each that is made: so a test can spoil the bot's own.
var connections = struct {
	sync.Mutex
	of     map[string][]*sqlite3.SQLiteConn
	spoilt map[string]string // file → the statement that spoils a connection
}{of: map[string][]*sqlite3.SQLiteConn{}, spoilt: map[string]string{}}

// hookSQLite has every connection noted. It runs before there is any.
func hookSQLite() {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	driver, ok := db.Driver().(*sqlite3.SQLiteDriver)
	if !ok {
		panic("another driver")
	}
	driver.ConnectHook = func(c *sqlite3.SQLiteConn) error {
		connections.Lock()
		defer connections.Unlock()
		file := c.GetFilename("main")
		connections.of[file] = append(connections.of[file], c)
		if statement := connections.spoilt[file]; statement != "" {
			_, err := c.Exec(statement, nil)
			return err
		}
		return nil
	}
}

// spoils runs a statement on every connection that the bot has, and on those
// that it makes until the cure: one that failed it does not use again.
func (w *world) spoils(statement string) (cured func()) {
	w.Helper()
	file := w.cfg.Database.Path()
	connections.Lock()
	defer connections.Unlock()
	connections.spoilt[file] = statement
	for _, c := range connections.of[file] {
		_, _ = c.Exec(statement, nil) // one that was closed takes none
	}
	return func() {
		connections.Lock()
		defer connections.Unlock()
		delete(connections.spoilt, file)
	}
}

// locks holds the write lock of the bot's database.
func (w *world) locks() (cured func()) {
	w.Helper()
	db, err := sql.Open("sqlite3", w.cfg.Database.Path()+"?_busy_timeout=5000")
	require.NoError(w, err)
	db.SetMaxOpenConns(1)
	w.Cleanup(func() { require.NoError(w, db.Close()) })
	_, err = db.ExecContext(w.Context(), "BEGIN IMMEDIATE")
	require.NoError(w, err)
	return func() {
		_, err := db.ExecContext(w.Context(), "ROLLBACK")
		require.NoError(w, err)
	}
}

// damages overwrites the pages in the bot's file where updates are kept, as a
// disk that fails does, and has the bot read them anew.
func (w *world) damages() (cured func()) {
	w.Helper()
	db, err := sql.Open("sqlite3", w.cfg.Database.Path()+"?_busy_timeout=5000&_txlock=immediate")
	require.NoError(w, err)
	db.SetMaxOpenConns(1)
	defer db.Close()
	var busy, logged, moved int
	require.NoError(w, db.QueryRowContext(w.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &logged, &moved))
	require.Zero(w, busy)
	tx, err := db.BeginTx(w.Context(), nil) // nobody else writes meanwhile, nor trusts what it has read
	require.NoError(w, err)
	_, err = tx.ExecContext(w.Context(), `INSERT INTO heartbeat (id, at) VALUES (1, '2026-01-01') ON CONFLICT (id) DO UPDATE SET at = excluded.at`)
	require.NoError(w, err)
	var size int64
	require.NoError(w, tx.QueryRowContext(w.Context(), `PRAGMA page_size`).Scan(&size))
	rows, err := tx.QueryContext(w.Context(), `SELECT rootpage FROM sqlite_master WHERE tbl_name = 'updates' AND rootpage > 0`)
	require.NoError(w, err)
	defer rows.Close()
	file, err := os.OpenFile(w.cfg.Database.Path(), os.O_RDWR, 0)
	require.NoError(w, err)
	w.Cleanup(func() { require.NoError(w, file.Close()) })
	pages := map[int64][]byte{}
	for rows.Next() {
		var root int64
		require.NoError(w, rows.Scan(&root))
		was := make([]byte, size)
		_, err := file.ReadAt(was, (root-1)*size)
		require.NoError(w, err)
		pages[(root-1)*size] = was
	}
	require.NoError(w, rows.Err())
	require.NotEmpty(w, pages)
	write := func(content func(was []byte) []byte) {
		for at, was := range pages {
			_, err := file.WriteAt(content(was), at)
			require.NoError(w, err)
		}
	}
	write(func(was []byte) []byte { return make([]byte, len(was)) })
	require.NoError(w, tx.Commit())
	return func() { write(func(was []byte) []byte { return was }) }
}

// TestNothingIsLostWhateverHappensToTheDatabase spoils the database of a bot
// that works: what arrives is not confirmed to Telegram, /readyz says why, and
// once the database is well again the work goes on by itself.
func TestNothingIsLostWhateverHappensToTheDatabase(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		spoil func(w *world) (cured func())
		why   string
	}{
		"the disk is full": {
			func(w *world) func() { return w.spoils(`PRAGMA max_page_count = 1`) }, "database or disk is full",
		},
		"the file is read-only": {
			func(w *world) func() { return w.spoils(`PRAGMA query_only = 1`) }, "attempt to write a readonly database",
		},
		"another process holds the lock": {(*world).locks, "database is locked"},
		"the file is damaged":            {(*world).damages, "database disk image is malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := opened(t)
			w.settled()
			require.Equal(t, http.StatusOK, w.get("/readyz"))
			confirmed := w.sim.Calls().Confirmed
			cured := fault.spoil(w)
			w.anna.Send(bmw + strings.Repeat(" пожалуйста", 300)) // more than fits into what is free of the file
			w.ready(http.StatusServiceUnavailable, fault.why)
			w.boris.In(w.group).Send("что-то бот молчит")
			assert.Equal(t, http.StatusOK, w.get("/livez"), "a restart would not mend it")
			assert.Equal(t, confirmed, w.sim.Calls().Confirmed, "nothing is confirmed that is not stored")
			cured()
			w.sees(w.anna, telegramtest.Containing("№2"))
			w.card(bmw)
			w.settled()
			assert.Equal(t, 2, w.tickets(), "each message has its answer, and one VIN one ticket")
			assert.Zero(t, w.look(`SELECT count(*) FROM updates WHERE state = 'dead'`))
			w.ready(http.StatusOK, `"status":"ok"`)
		})
	}
}

// ready waits until /readyz answers so, with these words.
func (w *world) ready(status int, words string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	for {
		got, body := w.ask("/readyz")
		if got == status && strings.Contains(body, words) {
			return
		}
		select {
		case <-ctx.Done():
			require.FailNow(w, "/readyz does not say so", "%d %s", got, body)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
