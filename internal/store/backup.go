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

	"vinbot/migrations"
)

// Copied tells of a copy of a database.
type Copied struct {
	Bytes   int64
	Version int64 // of its schema
}

// Backup copies the SQLite database at path to a file that must not be there
// yet. It may be used while a bot runs: the copy is of one moment, holds all
// that was committed before it began, and holds nobody up. The file appears
// under its name only when it is whole, checked and on the disk.
func Backup(ctx context.Context, path, to string) (Copied, error) {
	if err := mustNotExist(to); err != nil {
		return Copied{}, err
	}
	temporary, copied, err := snapshot(ctx, path, filepath.Dir(to))
	if err != nil {
		return Copied{}, err
	}
	if err := publish(temporary, to); err != nil {
		return Copied{}, errors.Join(err, os.Remove(temporary))
	}
	return copied, nil
}

// Restore puts a copy of the database from in the place of the one at path,
// and gives the name under which the old one is kept; empty where there was
// none. The caller holds the [Lock]. A file that is damaged, of a newer program
// or no database of ours is refused, and nothing is changed.
func Restore(ctx context.Context, path, from string, now time.Time) (kept string, copied Copied, err error) {
	if err := mustDiffer(path, from); err != nil {
		return "", Copied{}, err
	}
	temporary, copied, err := snapshot(ctx, from, filepath.Dir(path))
	if err != nil {
		return "", Copied{}, err
	}
	kept, err = setAside(ctx, path, path+".before-restore-"+now.UTC().Format("20060102T150405Z"))
	if err == nil {
		err = os.Rename(temporary, path) // there is a database at every moment
	}
	if err != nil {
		return kept, Copied{}, errors.Join(fmt.Errorf("put the copy in its place: %w", err), os.Remove(temporary))
	}
	return kept, copied, syncDir(filepath.Dir(path))
}

// snapshot copies a database into a new file in a folder, checks the copy, and
// has it on the disk.
func snapshot(ctx context.Context, from, dir string) (name string, copied Copied, err error) {
	info, err := os.Stat(from)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file")
	}
	if err != nil {
		return "", Copied{}, fmt.Errorf("read the database: %w", err)
	}
	file, err := os.CreateTemp(dir, ".vinbot-copy-*") // for its owner's eyes only
	if err != nil {
		return "", Copied{}, fmt.Errorf("make a file for the copy: %w", err)
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	if err := vacuumInto(ctx, from, file.Name()); err != nil {
		return "", Copied{}, err
	}
	if copied.Version, err = sound(ctx, file.Name()); err != nil {
		return "", Copied{}, err
	}
	if err := file.Sync(); err != nil {
		return "", Copied{}, fmt.Errorf("write the copy: %w", err)
	}
	if info, err = file.Stat(); err != nil {
		return "", Copied{}, fmt.Errorf("look at the copy: %w", err)
	}
	copied.Bytes = info.Size()
	return file.Name(), copied, nil
}

// vacuumInto writes what a database holds at one moment into an empty file,
// what is in its journal included.
func vacuumInto(ctx context.Context, from, to string) (err error) {
	const doing = "copy the database"
	db, err := openFile(from, "mode=ro&_busy_timeout=5000")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	return fault(doing, err)
}

// errUnsound says that a file is a database, but a damaged one.
var errUnsound = errors.New("the database is damaged")

// sound looks through a database and gives the version of its schema. One that
// is damaged, newer than the program or not the bot's is an error.
func sound(ctx context.Context, path string) (version int64, err error) {
	const doing = "check the copy"
	db, err := openFile(path, "mode=ro")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return 0, fault(doing, err)
	}
	if verdict != "ok" {
		return 0, fmt.Errorf("%s: %w: %s", doing, errUnsound, verdict)
	}
	var strays int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&strays); err != nil {
		return 0, fault(doing, err)
	}
	if strays > 0 {
		return 0, fmt.Errorf("%s: %w: %d rows belong to nothing", doing, errUnsound, strays)
	}
	return fileVersion(ctx, db)
}

// fileVersion gives the version of a file's schema, which the program knows.
func fileVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	const doing = "read the schema's version"
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master
		WHERE name = 'goose_db_version' OR name = 'tickets'`).Scan(&tables)
	if err != nil {
		return 0, fault(doing, err)
	}
	if tables < 2 {
		return 0, errors.New("it is no database of vinbot")
	}
	if err := db.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version); err != nil {
		return 0, fault(doing, err)
	}
	newest, err := migrations.Newest()
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	if version > newest {
		return 0, fmt.Errorf("the database has version %d, this program knows %d: %w", version, newest, ErrNewer)
	}
	return version, nil
}

// openFile opens a database file with one connection; nothing is connected yet.
func openFile(path, options string) (*sql.DB, error) {
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options}
	db, err := sql.Open("sqlite3", address.String())
	if err != nil {
		return nil, fault("open the database", err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// mustNotExist fails where there is something of that name.
func mustNotExist(name string) error {
	_, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%s is there already: %w", name, fs.ErrExist)
	}
	return err
}

// mustDiffer fails where both names are of one file.
func mustDiffer(path, from string) error {
	one, err := os.Stat(path)
	if err != nil { // none to be replaced, or one that opening will fail at
		return nil //nolint:nilerr // whoever opens it says so
	}
	other, err := os.Stat(from)
	if err == nil && os.SameFile(one, other) {
		err = errors.New("that is the database itself")
	}
	return err
}

// publish gives a finished file its name, and replaces nothing.
func publish(temporary, name string) error {
	err := os.Link(temporary, name)
	switch {
	case err == nil:
		err = os.Remove(temporary)
	case !errors.Is(err, fs.ErrExist): // a file system without links
		if err = mustNotExist(name); err == nil {
			err = os.Rename(temporary, name)
		}
	}
	if err != nil {
		return fmt.Errorf("name the copy: %w", err)
	}
	return syncDir(filepath.Dir(name))
}

// setAside keeps the database at path under another name, with its journal.
// The file stays where it is, too, until another takes its place.
func setAside(ctx context.Context, path, name string) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", removeJournal(path) // a stray one would be taken for the new file's
	}
	if err := mustNotExist(name); err != nil {
		return "", err
	}
	foldJournal(ctx, path)
	if err := os.Link(path, name); err != nil {
		if err = os.Rename(path, name); err != nil { // a file system without links
			return "", fmt.Errorf("keep the old database: %w", err)
		}
	}
	if err := os.Rename(path+"-wal", name+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return name, fmt.Errorf("keep the old database's journal: %w", err)
	}
	return name, removeJournal(path)
}

// foldJournal takes the journal into the file, as far as that works: the
// journal of a damaged database is kept beside it.
func foldJournal(ctx context.Context, path string) {
	db, err := openFile(path, "mode=rw&_journal_mode=WAL&_busy_timeout=5000")
	if err != nil {
		return
	}
	_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	_ = db.Close() // the last one that closes removes the journal
}

func removeJournal(path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the old database's journal: %w", err)
		}
	}
	return nil
}

// syncDir has the names in a folder on the disk.
func syncDir(dir string) error {
	folder, err := os.Open(dir) //nolint:gosec // the operator names the folder
	if err != nil {
		return fmt.Errorf("flush the folder: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("flush the folder: %w", err)
	}
	return nil
}
