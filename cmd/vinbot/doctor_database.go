package main

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

	"vinbot/internal/store"
)

// soundTime bounds the look through the database: it reads all of it, which is
// cheap while it is small.
const soundTime = 5 * time.Second

// database looks at the database's schema and at its soundness, beside a bot
// that may run on it. It changes nothing.
func (d *patient) database(ctx context.Context) []finding {
	if d.cfg.Database.URL() != "" {
		return d.server(ctx)
	}
	path := d.cfg.Database.Path()
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		if bad := unwritable(filepath.Dir(path), "DATABASE_URL"); bad != nil {
			return []finding{*bad}
		}
		return []finding{fine("%s is not there yet: the bot makes it at its first start", path)}
	case err != nil:
		return []finding{fail("name another file in DATABASE_URL", "%s", err)}
	case !info.Mode().IsRegular():
		return []finding{fail("name a file in DATABASE_URL", "%s is no file", path)}
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the operator names the file
	if err != nil {
		return []finding{fail("let the bot's user read and write it", "%s", err)}
	}
	_ = file.Close() // nothing was written
	held, err := isHeld(path)
	if err != nil {
		return []finding{fail("let the bot's user write in its folder", "%s: %s", path, err)}
	}
	runs := "no vinbot runs on it"
	if held {
		runs = "a vinbot runs on it"
	}
	return []finding{schema(ctx, store.SQLite(path), runs, held), sound(ctx, path)}
}

// schema compares the database's version with the program's. Held is one that
// is another's alone, who will not see it change.
func schema(ctx context.Context, database store.Database, runs string, held bool) finding {
	list, err := store.MigrateStatus(ctx, database)
	if err != nil {
		return fail("if it is no database of vinbot's, name another file in DATABASE_URL; if it is damaged, restore a backup",
			"%s cannot be read: %s", database, err)
	}
	has, wants := int64(0), int64(0)
	for _, m := range list {
		wants = m.Version
		if m.Applied {
			has = m.Version
		}
	}
	switch {
	case has < wants && held:
		return warn("end the vinbot that runs on it, an older one, and start this one",
			"%s has version %d of the schema, and this program wants %d; %s", database, has, wants, runs)
	case has < wants:
		return fine("%s has version %d of the schema, and this program brings it to %d at its next start; %s", database, has, wants, runs)
	}
	switch err := upToDate(ctx, database); {
	case errors.Is(err, store.ErrNewer):
		return fail("run the newer vinbot, or restore a backup from before it", "%s: %s; %s", database, err, runs)
	case err != nil:
		return fail("look at the disk and at the rights of the database's folder", "%s cannot be opened: %s", database, err)
	}
	return fine("%s has version %d of the schema, as it should; %s", database, has, runs)
}

// upToDate opens a database that has every migration that is known: it may
// have more.
func upToDate(ctx context.Context, database store.Database) error {
	s, err := store.Open(ctx, store.Options{Database: database, Clock: time.Now})
	if err != nil {
		return err
	}
	return s.Close()
}

// sound has SQLite look through the file.
func sound(ctx context.Context, path string) finding {
	ctx, cancel := context.WithTimeout(ctx, soundTime)
	defer cancel()
	said, err := quickCheck(ctx, path)
	switch {
	case ctx.Err() != nil:
		return fine("too large to be looked through in %s", soundTime)
	case err != nil:
		return fail("restore a backup", "it cannot be looked through: %s", err)
	case said != "ok":
		return fail("end the bot, keep a copy of the file, and restore a backup", "it is damaged: %s", said)
	}
	return fine("it is sound")
}

func quickCheck(ctx context.Context, path string) (said string, err error) {
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro&_query_only=1&_busy_timeout=1000"}
	db, err := sql.Open("sqlite3", address.String()) // the store's driver
	if err != nil {
		return "", fmt.Errorf("open the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&said); err != nil {
		return "", fmt.Errorf("check the database: %w", err)
	}
	return said, nil
}

// isHeld reports whether a vinbot runs on a database. It tries the lock, for
// an instant; where there is no file for it, nobody ever had it.
func isHeld(path string) (bool, error) {
	if _, err := os.Stat(path + ".lock"); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	lock, err := store.LockFile(path)
	switch {
	case errors.Is(err, store.ErrLocked):
		return true, nil
	case err != nil:
		return false, err
	}
	return false, lock.Release()
}
