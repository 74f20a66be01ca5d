package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
	sqlitegorm "gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// Everything that holds for SQLite only is in this file.

// readerConnections is how many questions are answered at a time.
const readerConnections = 4

// beginStatement takes the write lock at once: a transaction that reads first
// and asks for the lock later is refused when another wrote in between.
const beginStatement = "BEGIN IMMEDIATE"

// writerDSN opens a file for the one writer. FULL, because Telegram has been
// told "received"; secure_delete, because what is erased shall not stay in the
// file.
func writerDSN(path string) string {
	return dsn(path, "_journal_mode=WAL&_busy_timeout=5000&_txlock=immediate&_foreign_keys=on&_synchronous=FULL&_secure_delete=on")
}

// readerDSN opens a file for reading only.
func readerDSN(path string) string {
	return dsn(path, "mode=ro&_busy_timeout=5000&_query_only=1")
}

func dsn(path, options string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options}).String()
}

// prepareFile makes the database's file, for its owner's eyes only (SQLite
// gives the files beside it the same rights), and its folder.
func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	return nil
}

// openDB prepares a pool; nothing is connected yet.
func openDB(dsn string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, fault("open the database", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func dialector(over gorm.ConnPool) gorm.Dialector {
	return sqlitegorm.New(sqlitegorm.Config{Conn: over})
}

// driverFault classes SQLite's own errors.
func driverFault(doing string, err error) error {
	e, ok := errors.AsType[sqlite3.Error](err)
	if !ok {
		return fmt.Errorf("%s: %w", doing, fmt.Errorf("database: %T", err))
	}
	switch e.ExtendedCode {
	case sqlite3.ErrConstraintUnique, sqlite3.ErrConstraintPrimaryKey:
		return fault(doing, gorm.ErrDuplicatedKey)
	case sqlite3.ErrConstraintForeignKey:
		return fault(doing, gorm.ErrForeignKeyViolated)
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrNomem, sqlite3.ErrReadonly, sqlite3.ErrIoErr,
		sqlite3.ErrCorrupt, sqlite3.ErrFull, sqlite3.ErrCantOpen, sqlite3.ErrProtocol, sqlite3.ErrNotADB:
		return away(doing, e)
	case sqlite3.ErrConstraint:
		return ticket.NewError(ticket.CodeInvalid, doing+": the table does not allow it", errors.New(e.Error()))
	}
	return fmt.Errorf("%s: %w", doing, e)
}

// schemaVersion gives the newest migration that a database has, 0 for an empty
// one.
func schemaVersion(ctx context.Context, db *sql.DB) (int64, error) {
	const doing = "read the schema's version"
	var tables int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version'`).Scan(&tables)
	if err != nil || tables == 0 {
		return 0, fault(doing, err)
	}
	var version sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version)
	return version.Int64, fault(doing, err)
}
