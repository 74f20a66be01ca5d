package main

import (
	"context"
	"flag"
	"fmt"

	"vinbot/internal/config"
	"vinbot/internal/store"
)

// backup copies the database while a bot may run.
func (p *program) backup(ctx context.Context, args []string) error {
	path, file, err := p.databaseAndFile(args, "backed up by pg_dump: pg_dump --format=custom --file=FILE --dbname=URL")
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	copied, err := store.Backup(ctx, path, file)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s is a copy of %s (%s, schema version %d)\n", file, path, size(copied.Bytes), copied.Version)
	return nil
}

// restore puts a copy in the database's place, where no bot runs.
func (p *program) restore(ctx context.Context, args []string) error {
	path, file, err := p.databaseAndFile(args, "restored by pg_restore: pg_restore --clean --if-exists --dbname=URL FILE")
	if err != nil {
		return err
	}
	lock, err := store.LockFile(path)
	if err != nil {
		return err
	}
	defer lock.Release() //nolint:errcheck // the process ends
	ctx, stop := untilSignal(ctx)
	defer stop()
	kept, copied, err := store.Restore(ctx, path, file, p.now())
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s is what %s was (%s, schema version %d)\n", path, file, size(copied.Bytes), copied.Version)
	if kept != "" {
		fmt.Fprintf(p.stdout, "the database that was there is kept as %s\n", kept)
	}
	return nil
}

// databaseAndFile reads the settings and the one argument. PostgreSQL has
// programs of its own for this.
func (p *program) databaseAndFile(args []string, postgres string) (path, file string, err error) {
	rest, err := parse(flag.NewFlagSet("", flag.ContinueOnError), args)
	if err != nil {
		return "", "", err
	}
	if len(rest) != 1 || rest[0] == "" {
		return "", "", usageError{"wants the name of one file"}
	}
	cfg, err := config.Load(p.environ, p.dir)
	if err := config.Only(err, "DATABASE_URL"); err != nil {
		return "", "", err
	}
	if path = cfg.Database.Path(); path == "" {
		return "", "", usageError{"works on SQLite; PostgreSQL is " + postgres}
	}
	return path, rest[0], nil
}
