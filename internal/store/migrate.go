package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path"
	"runtime"
	"runtime/debug"

	"github.com/pressly/goose/v3"
)

// ErrNewer says that the database was written by a newer version of the program.
var ErrNewer = errors.New("the database is newer than this program: run the newer vinbot, or restore a backup")

// Migration is one version of the schema.
type Migration struct {
	Version int64
	Name    string
	Applied bool
}

// Migrate brings the schema of a database up to date and reports how many
// versions were applied. The caller holds the [Lock].
func Migrate(ctx context.Context, d Database) (int, error) {
	if err := d.ready(); err != nil {
		return 0, err
	}
	applied := 0
	err := migrating(d, func(p *goose.Provider, db *sql.DB) error {
		if _, err := pending(ctx, d, p, db); err != nil {
			return err
		}
		results, err := p.Up(ctx)
		applied = len(results)
		if err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
		return nil
	})
	return applied, err
}

// MigrateDown takes the newest version of the schema back, with all that it
// keeps, and reports its number; 0 where there is none. The caller holds the
// [Lock].
func MigrateDown(ctx context.Context, d Database) (int64, error) {
	release, err := d.alone(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	var version int64
	err = migrating(d, func(p *goose.Provider, db *sql.DB) error {
		if _, err := pending(ctx, d, p, db); err != nil {
			return err
		}
		result, err := p.Down(ctx)
		switch {
		case errors.Is(err, goose.ErrNoNextVersion):
			return nil
		case err != nil:
			return fmt.Errorf("take a migration back: %w", err)
		}
		version = result.Source.Version
		return nil
	})
	return version, err
}

// MigrateStatus lists the versions that the program knows, oldest first. It
// needs no lock and makes no database.
func MigrateStatus(ctx context.Context, d Database) ([]Migration, error) {
	var list []Migration
	err := migrating(d, func(p *goose.Provider, db *sql.DB) error {
		there, err := d.exists()
		if err != nil {
			return err
		}
		var current int64
		if there {
			if current, err = schemaVersion(ctx, d, db); err != nil {
				return err
			}
		}
		for _, source := range p.ListSources() {
			list = append(list, Migration{
				Version: source.Version, Name: path.Base(source.Path), Applied: source.Version <= current,
			})
		}
		return nil
	})
	return list, err
}

// migrateAtOpen brings the schema up to date where it is behind, under the
// lock. A schema that is up to date is opened beside a running bot.
func migrateAtOpen(ctx context.Context, d Database, held *Lock) error {
	behind := false
	err := migrating(d, func(p *goose.Provider, db *sql.DB) error {
		var err error
		behind, err = pending(ctx, d, p, db)
		return err
	})
	if err != nil || !behind {
		return err
	}
	if held == nil {
		lock, err := d.lock(ctx, true)
		if err != nil {
			return err
		}
		defer lock.Release() //nolint:errcheck // the lock ends with the process at the latest
	}
	if _, err = Migrate(ctx, d); err != nil {
		return err
	}
	runtime.GC() // goose keeps 4 MiB for each file that it read, through one collection
	debug.FreeOSMemory()
	return nil
}

// migrating opens the database for goose, which owns its schema.
func migrating(d Database, fn func(p *goose.Provider, db *sql.DB) error) (err error) {
	kind, files, options, err := d.schema()
	if err != nil {
		return err
	}
	db, err := d.open(forSchema)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := goose.NewProvider(kind, db, files, append(options, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	return fn(p, db)
}

// pending reports whether the schema is behind the program's, and fails where
// it is ahead. It changes nothing.
func pending(ctx context.Context, d Database, p *goose.Provider, db *sql.DB) (bool, error) {
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	current, err := schemaVersion(ctx, d, db)
	if err != nil {
		return false, err
	}
	if current > newest {
		return false, fmt.Errorf("the database has version %d, this program knows %d: %w", current, newest, ErrNewer)
	}
	return current < newest, nil
}

// schemaVersion gives the newest migration that a database has, 0 for an empty
// one.
func schemaVersion(ctx context.Context, d Database, db *sql.DB) (int64, error) {
	const doing = "read the schema's version"
	there, err := d.versioned(ctx, db)
	if err != nil || !there {
		return 0, fault(doing, err)
	}
	var version sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version)
	return version.Int64, fault(doing, err)
}
