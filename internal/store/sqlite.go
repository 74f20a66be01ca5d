package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
	sqlitegorm "gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"vinbot/internal/store/steady"
	"vinbot/internal/ticket"
	"vinbot/migrations"
)

// Everything that holds for SQLite only is in this file and in lock.go.

const (
	// readerConnections is how many questions are answered at a time.
	readerConnections = 4
	// busyTime is how long it is waited for another process that has the file, and
	// busyPause how long between two tries where SQLite does not wait by itself.
	busyTime, busyPause = 5 * time.Second, 10 * time.Millisecond
)

// SQLite is the database of a file. It and its folder are made where they lack.
func SQLite(path string) Database { return Database{sqlite{path}} }

type sqlite struct{ path string }

var _ dialect = sqlite{}

func (s sqlite) name() string { return s.path }

// begin takes the write lock at once: a transaction that reads first and asks
// for the lock later is refused when another wrote in between.
func (s sqlite) begin() string { return "BEGIN IMMEDIATE" }

// habit keeps in memory what a savepoint would be undone with. SQLite copies each
// page for that before it changes it in a savepoint, twenty for a VIN, and the
// usual place is a temporary file.
func (s sqlite) habit() string { return "PRAGMA temp_store = MEMORY" }

func (s sqlite) far() bool { return false }

func (s sqlite) returns() bool { return false }

// open opens the file. FULL, because Telegram has been told "received";
// secure_delete, because what is erased shall not stay in the file.
func (s sqlite) open(u use) (*sql.DB, error) {
	steady.Memory()
	if err := steady.Plans(); err != nil {
		return nil, err
	}
	options, connections := "_journal_mode=WAL&_busy_timeout=5000&_txlock=immediate&_foreign_keys=on&_synchronous=FULL&_secure_delete=on", 1
	if u == forReading {
		options, connections = "mode=ro&_busy_timeout=5000&_query_only=1", readerConnections
	}
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: s.path}).EscapedPath(), RawQuery: options}
	db, err := sql.Open("sqlite3", address.String())
	if err != nil {
		return nil, fault("open the database", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func (s sqlite) keeper(over preparer) *statements { return newStatements(over) }

func (s sqlite) dialector(over gorm.ConnPool) gorm.Dialector {
	return sqlitegorm.New(sqlitegorm.Config{Conn: over})
}

// ready makes the database's file, for its owner's eyes only (SQLite gives the
// files beside it the same rights), and its folder.
func (s sqlite) ready() error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o750); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	return nil
}

func (s sqlite) exists() (bool, error) {
	_, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the database: %w", err)
	}
	return true, nil
}

// versioned is what a connection for the schema is asked first: with it SQLite
// opens the file, and makes its journal a write-ahead one where it is none. Where
// another process writes meanwhile, as one that does the same, SQLite says at once
// that the file is locked, whatever the busy timeout.
func (s sqlite) versioned(ctx context.Context, db *sql.DB) (bool, error) {
	patient, cancel := context.WithTimeout(ctx, busyTime)
	defer cancel()
	for {
		var tables int
		err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version'`).Scan(&tables)
		if !isLocked(err) || !rest(patient, busyPause) {
			return tables > 0, fault("look for the schema", err)
		}
	}
}

// isLocked reports whether SQLite says that another has the file now.
func isLocked(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

// rest waits, and reports whether there is time left.
func rest(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

func (s sqlite) schema() (goose.Dialect, fs.FS, []goose.ProviderOption, error) {
	files, err := migrations.SQLite()
	if err != nil {
		return "", nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	return goose.DialectSQLite3, files, nil, nil
}

// alone has nothing to do: who takes the schema down holds the [Lock].
func (s sqlite) alone(context.Context) (func(), error) { return func() {}, nil }

// inFlight is none: what one writer commits is seen in the order of its ids.
func (s sqlite) inFlight() string { return `0, 0` }

// quarter goes by the number of seconds since 1970.
func (s sqlite) quarter(column string) string {
	return `CAST(strftime('%s', ` + column + `) AS INTEGER) / 900`
}

// news is for nobody: there is one process.
func (s sqlite) news() string { return "" }

func (s sqlite) stirs() string { return "" }

func (s sqlite) hold() string { return "" }

func (s sqlite) skip() string { return "" }

func (s sqlite) claim() string { return "" }

func (s sqlite) lock(ctx context.Context, wait bool) (*Lock, error) {
	if wait {
		return waitLock(ctx, s.path)
	}
	return LockFile(s.path)
}

// sqliteFault classes SQLite's own errors.
func sqliteFault(doing string, e sqlite3.Error) error {
	switch e.ExtendedCode {
	case sqlite3.ErrConstraintUnique, sqlite3.ErrConstraintPrimaryKey:
		return fault(doing, gorm.ErrDuplicatedKey)
	case sqlite3.ErrConstraintForeignKey:
		return fault(doing, gorm.ErrForeignKeyViolated)
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return busy(doing, e)
	case sqlite3.ErrNomem, sqlite3.ErrReadonly, sqlite3.ErrIoErr,
		sqlite3.ErrCorrupt, sqlite3.ErrFull, sqlite3.ErrCantOpen, sqlite3.ErrProtocol, sqlite3.ErrNotADB:
		return away(doing, e)
	case sqlite3.ErrConstraint:
		return ticket.NewError(ticket.CodeInvalid, doing+": the table does not allow it", errors.New(e.Error()))
	}
	return fmt.Errorf("%s: %w", doing, e)
}

// settle takes the journal into the file, beside who writes, who would have to
// do it themselves before it grows too long.
func (s sqlite) settle(ctx context.Context) error {
	_, err := s.checkpoint(ctx, "take the journal into the file", `PRAGMA wal_checkpoint(PASSIVE)`)
	return err
}

// scrub takes the whole journal into the file, where what is erased is
// overwritten, and empties it, by a connection of its own: within a transaction
// it cannot be done. It waits for who reads or writes, and fails as if the
// database were away where that takes too long.
func (s sqlite) scrub(ctx context.Context) error {
	const doing = "empty the journal"
	busy, err := s.checkpoint(ctx, doing, `PRAGMA wal_checkpoint(TRUNCATE)`)
	if err == nil && busy {
		err = away(doing, errors.New("the database is in use"))
	}
	return err
}

// checkpoint runs a checkpoint of the journal by a connection of its own, and
// reports whether somebody was in its way.
func (s sqlite) checkpoint(ctx context.Context, doing, statement string) (busy bool, err error) {
	db, err := s.open(forWriting)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, fault(doing, db.Close())) }()
	var inTheWay, pages, taken int
	err = db.QueryRowContext(ctx, statement).Scan(&inTheWay, &pages, &taken)
	return inTheWay != 0, fault(doing, err)
}
