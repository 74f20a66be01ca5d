// Package migrations carries the schema as SQL, one file a version, for each
// database that the program runs on. The files of one version make the same
// tables; they are applied in order and never changed once released.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// SQLite gives the migrations for SQLite.
func SQLite() (fs.FS, error) { return of("sqlite") }

// Postgres gives the migrations for PostgreSQL.
func Postgres() (fs.FS, error) { return of("postgres") }

// Newest is the number of the newest version of the schema.
func Newest() (newest int64, err error) {
	names, err := fs.Glob(files, "sqlite/*.sql")
	if err != nil {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the number of migration %s: %w", name, err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

func of(database string) (fs.FS, error) {
	dir, err := fs.Sub(files, database)
	if err != nil {
		return nil, fmt.Errorf("open the migrations for %s: %w", database, err)
	}
	return dir, nil
}
