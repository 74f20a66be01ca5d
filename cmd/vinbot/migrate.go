package main

import (
	"context"
	"flag"

	"vinbot/internal/config"
)

// migration is what may be done with the database's schema.
type migration string

const (
	migrateUp     migration = "up"     // apply all that is missing
	migrateDown   migration = "down"   // take the newest one back
	migrateStatus migration = "status" // show which are applied
)

// migrate moves the database's schema. It needs no setting but the database,
// and to copy one into another not even that.
func (p *program) migrate(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == migrateCopy {
		return p.copyDatabase(ctx, args[1:])
	}
	rest, err := parse(flag.NewFlagSet("", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError{"wants one of up, down, status and copy"}
	}
	step := migration(rest[0])
	switch step {
	case migrateUp, migrateDown, migrateStatus:
	default:
		return usageError{"wants one of up, down, status and copy, not " + rest[0]}
	}
	cfg, err := config.Load(p.environ, p.dir)
	if err := config.Only(err, "DATABASE_URL"); err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	return p.work.migrate(ctx, cfg, step, p.stdout)
}
