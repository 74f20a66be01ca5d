// Package migrations carries the schema as SQL, one file a version, for each
// database that the program runs on. The files of one version make the same
// tables; they are applied in order and never changed once released.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// SQLite gives the migrations for SQLite.
func SQLite() (fs.FS, error) { return of("sqlite") }

// Postgres gives the migrations for PostgreSQL.
func Postgres() (fs.FS, error) { return of("postgres") }

func of(database string) (fs.FS, error) {
	dir, err := fs.Sub(files, database)
	if err != nil {
		return nil, fmt.Errorf("open the migrations for %s: %w", database, err)
	}
	return dir, nil
}
