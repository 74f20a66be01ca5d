package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"runtime/debug"

	"github.com/pressly/goose/v3"

	"vinbot/migrations"
)

// ErrNewer says that the database was written by a newer version of the program.
var ErrNewer = errors.New("the database is newer than this program: run the newer vinbot, or restore a backup")

// Migration is one version of the schema.
type Migration struct {
	Version int64
	Name    string
	Applied bool
}

// Migrate brings the schema of the database at path up to date and reports
// how many versions were applied. The caller holds the [Lock].
func Migrate(ctx context.Context, path string) (int, error) {
	if err := prepareFile(path); err != nil {
		return 0, err
	}
	applied := 0
	err := migrating(path, func(p *goose.Provider, db *sql.DB) error {
		if _, err := pending(ctx, p, db); err != nil {
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
func MigrateDown(ctx context.Context, path string) (int64, error) {
	var version int64
	err := migrating(path, func(p *goose.Provider, db *sql.DB) error {
		if _, err := pending(ctx, p, db); err != nil {
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
func MigrateStatus(ctx context.Context, file string) ([]Migration, error) {
	var list []Migration
	err := migrating(file, func(p *goose.Provider, db *sql.DB) error {
		var current int64
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			if current, err = schemaVersion(ctx, db); err != nil {
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
func migrateAtOpen(ctx context.Context, path string, held *Lock) error {
	behind := false
	err := migrating(path, func(p *goose.Provider, db *sql.DB) error {
		var err error
		behind, err = pending(ctx, p, db)
		return err
	})
	if err != nil || !behind {
		return err
	}
	if held == nil {
		lock, err := waitLock(ctx, path)
		if err != nil {
			return err
		}
		defer lock.Release() //nolint:errcheck // the lock ends with the process at the latest
	}
	if _, err = Migrate(ctx, path); err != nil {
		return err
	}
	runtime.GC() // goose keeps 4 MiB for each file that it read, through one collection
	debug.FreeOSMemory()
	return nil
}

// migrating opens the database for goose, which owns its schema.
func migrating(path string, fn func(p *goose.Provider, db *sql.DB) error) (err error) {
	files, err := migrations.SQLite()
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	db, err := openDB(writerDSN(path), 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	return fn(p, db)
}

// pending reports whether the schema is behind the program's, and fails where
// it is ahead. It changes nothing.
func pending(ctx context.Context, p *goose.Provider, db *sql.DB) (bool, error) {
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	current, err := schemaVersion(ctx, db)
	if err != nil {
		return false, err
	}
	if current > newest {
		return false, fmt.Errorf("the database has version %d, this program knows %d: %w", current, newest, ErrNewer)
	}
	return current < newest, nil
}
