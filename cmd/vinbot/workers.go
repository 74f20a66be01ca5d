package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/app"
	"vinbot/internal/config"
	"vinbot/internal/demo"
	"vinbot/internal/metric"
	"vinbot/internal/store"
)

// workers are the parts of the program that do the real work of a subcommand.
// Each ends when its context does, which a signal ends.
type workers struct {
	serve   func(ctx context.Context, cfg config.Config, settings []config.Value, log zerolog.Logger) error
	demo    func(ctx context.Context, cfg config.Demo, log zerolog.Logger, out io.Writer) error
	migrate func(ctx context.Context, cfg config.Config, step migration, out io.Writer) error
}

func theWorkers() workers { return workers{serve: serve, demo: runDemo, migrate: migrateDatabase} }

func serve(ctx context.Context, cfg config.Config, settings []config.Value, log zerolog.Logger) error {
	return app.Run(ctx, app.Options{
		Config: cfg, Log: log, Clock: time.Now, Build: metric.Build{Version: version, Commit: commit, GoVersion: runtime.Version()},
		Settings: settings,
	})
}

func runDemo(ctx context.Context, cfg config.Demo, log zerolog.Logger, out io.Writer) error {
	return demo.Run(ctx, demo.Options{Config: cfg, Log: log, Clock: time.Now, Out: out})
}

func migrateDatabase(ctx context.Context, cfg config.Config, step migration, out io.Writer) error {
	database := app.Database(cfg)
	if step != migrateStatus {
		lock, err := store.LockDatabase(ctx, database)
		if err != nil {
			return err
		}
		defer lock.Release() //nolint:errcheck // the process ends
	}
	switch step {
	case migrateUp:
		n, err := store.Migrate(ctx, database)
		if err == nil {
			fmt.Fprintf(out, "%d migrations applied\n", n)
		}
		return err
	case migrateDown:
		version, err := store.MigrateDown(ctx, database)
		switch {
		case err != nil:
		case version == 0:
			fmt.Fprintln(out, "there is no migration to take back")
		default:
			fmt.Fprintf(out, "migration %d is taken back\n", version)
		}
		return err
	case migrateStatus:
		list, err := store.MigrateStatus(ctx, database)
		if err != nil {
			return err
		}
		for _, m := range list {
			state := "missing"
			if m.Applied {
				state = "applied"
			}
			fmt.Fprintf(out, "%05d  %-7s  %s\n", m.Version, state, m.Name)
		}
	}
	return nil
}
