package config

import (
	"errors"
	"strings"
)

const sqliteScheme = "sqlite://"

// Database says where tickets are kept. It prints as ***, since a server's
// address may hold a password.
type Database struct{ Secret }

// SQLite is the database of a file.
func SQLite(path string) Database {
	return Database{NewSecret(path)}
}

// Path is the SQLite file's path.
func (d Database) Path() string { return d.Reveal() }

// Allowed says which databases there are.
func (d Database) Allowed() string {
	return "sqlite:// and a file's path (sqlite://data/vinbot.db, or sqlite:///var/lib/vinbot.db)"
}

// UnmarshalText reads the database's URL. What follows sqlite:// is a path as
// it is, so that one more slash makes it absolute.
func (d *Database) UnmarshalText(text []byte) error {
	value := string(text)
	if strings.HasPrefix(value, "postgres://") || strings.HasPrefix(value, "postgresql://") {
		return errors.New("PostgreSQL is not supported yet, it comes later")
	}
	path, isSQLite := strings.CutPrefix(value, sqliteScheme)
	switch {
	case !isSQLite:
		return errors.New("neither sqlite:// nor postgres://")
	case path == "" || strings.HasSuffix(path, "/"):
		return errors.New("the file's name is missing")
	case strings.ContainsAny(path, "?#%\x00") || strings.HasPrefix(path, ":"):
		return errors.New("more than a file's path")
	}
	*d = SQLite(path)
	return nil
}
