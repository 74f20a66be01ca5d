package config

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

const sqliteScheme = "sqlite://"

// Database says where tickets are kept. It prints as ***, since a server's
// address may hold a password.
type Database struct {
	Secret
	server bool // PostgreSQL
}

// SQLite is the database of a file.
func SQLite(path string) Database {
	return Database{Secret: NewSecret(path)}
}

// Postgres is the database of a server, by its URL.
func Postgres(url string) Database {
	return Database{Secret: NewSecret(url), server: true}
}

// Path is the SQLite file's path; empty where a server keeps the data.
func (d Database) Path() string {
	if d.server {
		return ""
	}
	return d.Reveal()
}

// URL is the server's address, with its password; empty where a file keeps the
// data.
func (d Database) URL() string {
	if d.server {
		return d.Reveal()
	}
	return ""
}

// Allowed says which databases there are.
func (d Database) Allowed() string {
	return "sqlite:// and a file's path (sqlite://data/vinbot.db, or sqlite:///var/lib/vinbot.db)," +
		" or PostgreSQL's URL (postgres://user:password@host:5432/database)"
}

// UnmarshalText reads the database's URL. What follows sqlite:// is a path as
// it is, so that one more slash makes it absolute.
func (d *Database) UnmarshalText(text []byte) error {
	value := string(text)
	if strings.HasPrefix(value, "postgres://") || strings.HasPrefix(value, "postgresql://") {
		if err := checkServer(value); err != nil {
			return err
		}
		*d = Postgres(value)
		return nil
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

// sslModes are how a connection to PostgreSQL may be guarded.
func sslModes() []string {
	return []string{"", "disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
}

// checkServer finds what people get wrong in PostgreSQL's URL. Nothing of it is
// repeated.
func checkServer(value string) error {
	u, err := url.Parse(value)
	switch {
	case err != nil, u.Fragment != "":
		return errors.New("not a URL: in user and password, what is neither letter nor digit is written as % and two digits")
	case strings.Trim(u.Path, "/") == "":
		return errors.New("the database's name is missing: /name after the host")
	case strings.Contains(strings.Trim(u.Path, "/"), "/"):
		return errors.New("more than a database's name after the host")
	case u.Hostname() == "" && u.Query().Get("host") == "":
		return errors.New("the host is missing; a socket's folder is named by ?host=/run/postgresql")
	case !slices.Contains(sslModes(), u.Query().Get("sslmode")):
		return errors.New("sslmode is none of " + list(sslModes()[1:]...))
	}
	return nil
}
