package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// CopiedTable tells of a table that was copied.
type CopiedTable struct {
	Name string
	Rows int64
	// Sum is a checksum of what the rows hold, the same on every database.
	Sum string
}

// Copy moves all that a database holds into another, which has no rows yet and
// whose schema is made where it lacks, and reports each table. Counts and
// checksums are compared by reading again what was written; only then is it
// committed, so that a copy that fails leaves the other as empty as it was. No
// bot may run on either: where one does, or leads, it fails with [ErrLocked];
// none can begin meanwhile.
func Copy(ctx context.Context, from, to Database, report func(CopiedTable)) (err error) {
	if from.name() == to.name() {
		return errors.New("both are the same database")
	}
	for _, d := range []Database{from, to} {
		release, err := withoutBot(ctx, d)
		if err != nil {
			return fmt.Errorf("%s: %w", d.name(), err)
		}
		defer release()
	}
	there, err := from.exists()
	if err == nil && !there {
		err = errors.New("there is no such database")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", from.name(), err)
	}
	if _, err := Migrate(ctx, to); err != nil {
		return fmt.Errorf("%s: %w", to.name(), err)
	}
	source, err := openCopy(ctx, from, false)
	if err != nil {
		return fmt.Errorf("%s: %w", from.name(), err)
	}
	defer source.end()
	target, err := openCopy(ctx, to, true)
	if err != nil {
		return fmt.Errorf("%s: %w", to.name(), err)
	}
	defer target.end()
	if err := copyAll(ctx, source, target, report); err != nil {
		return err
	}
	return fault("commit the copy", target.tx.Commit())
}

// withoutBot makes sure that no bot works on a database until release.
func withoutBot(ctx context.Context, d Database) (release func(), err error) {
	lock, err := LockDatabase(ctx, d)
	if err != nil {
		return nil, err
	}
	unlock := func() { _ = lock.Release() } // it ends with the process at the latest
	lead, err := d.alone(ctx)
	if err != nil {
		unlock()
		return nil, err
	}
	return func() { lead(); unlock() }, nil
}

func copyAll(ctx context.Context, source, target *copySide, report func(CopiedTable)) error {
	if source.version != target.version {
		return fmt.Errorf("%s has version %d of the schema, not %d: run vinbot migrate up on it first",
			source.name, source.version, target.version)
	}
	for _, t := range source.tables {
		if !slices.ContainsFunc(target.tables, t.equal) {
			return fmt.Errorf("table %s is not the same in both databases", t.name)
		}
		if err := target.mustBeEmpty(ctx, t); err != nil {
			return err
		}
	}
	for _, t := range source.tables {
		copied, err := copyAndCompare(ctx, source, target, t)
		if err != nil {
			return err
		}
		report(copied)
	}
	return nil
}

// copyAndCompare copies a table, reads it again, and has the numbers of its
// rows go on where they were.
func copyAndCompare(ctx context.Context, source, target *copySide, t table) (CopiedTable, error) {
	written, err := copyTable(ctx, source, target, t)
	if err != nil {
		return CopiedTable{}, fmt.Errorf("copy table %s: %w", t.name, err)
	}
	read, err := target.sum(ctx, t)
	if err != nil {
		return CopiedTable{}, fmt.Errorf("read table %s again: %w", t.name, err)
	}
	if read != written {
		return CopiedTable{}, fmt.Errorf("table %s: %d rows with the checksum %s were read, %d with %s written: nothing is copied",
			t.name, written.Rows, written.Sum, read.Rows, read.Sum)
	}
	if t.identity == "" {
		return read, nil
	}
	last, err := source.lastID(ctx, t)
	if err == nil {
		err = target.setLastID(ctx, t, last)
	}
	if err != nil {
		return CopiedTable{}, fmt.Errorf("go on with the numbers of table %s: %w", t.name, err)
	}
	return read, nil
}

// copySide is one of the two databases, in one transaction.
type copySide struct {
	name    string
	of      copyDialect
	db      *sql.DB
	tx      *sql.Tx
	version int64
	tables  []table
}

// openCopy opens a database for reading what it holds at one moment, or for
// writing.
func openCopy(ctx context.Context, d Database, write bool) (side *copySide, err error) {
	of, err := copyDialectOf(d)
	if err != nil {
		return nil, err
	}
	s := &copySide{name: d.name(), of: of}
	if s.db, err = of.open(write); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	if s.version, err = schemaVersion(ctx, d, s.db); err != nil {
		return nil, err
	}
	if s.tx, err = s.db.BeginTx(ctx, of.options(write)); err != nil {
		return nil, fault("begin to copy", err)
	}
	if s.tables, err = tablesOf(ctx, s.tx, of.asks()); err != nil {
		return nil, err
	}
	s.tables, err = inOrder(s.tables)
	return s, err
}

// end closes the database. What was not committed is undone.
func (s *copySide) end() {
	if s.tx != nil {
		_ = s.tx.Rollback() // after a commit it does nothing
	}
	_ = s.db.Close()
}

func (s *copySide) mustBeEmpty(ctx context.Context, t table) error {
	var rows int
	err := s.tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM `+t.name+` LIMIT 1) AS one`).Scan(&rows)
	if err != nil {
		return fault("look whether a table is empty", err)
	}
	if rows > 0 {
		return fmt.Errorf("%s is not empty: table %s has rows. Copy into a new database", s.name, t.name)
	}
	return nil
}

// lastID gives the last number that a table gave a row, whether the row is
// still there or not.
func (s *copySide) lastID(ctx context.Context, t table) (last int64, err error) {
	err = s.tx.QueryRowContext(ctx, s.of.lastID(t)).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last, fault("read the last number", err)
}

func (s *copySide) setLastID(ctx context.Context, t table, last int64) error {
	for _, statement := range s.of.setLastID(t, last) {
		if _, err := s.tx.ExecContext(ctx, statement); err != nil {
			return fault("set the last number", err)
		}
	}
	return nil
}
