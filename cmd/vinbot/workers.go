package main

import (
	"context"
	"errors"
	"io"

	"vinbot/internal/config"
)

// workers are the parts of the program that do the real work of a subcommand.
// Each ends when its context does, which a signal ends.
type workers struct {
	serve   func(ctx context.Context, cfg config.Config) error
	demo    func(ctx context.Context, cfg config.Demo) error
	migrate func(ctx context.Context, cfg config.Config, step migration, out io.Writer) error
}

// errNotWired says that a part is not connected.
var errNotWired = errors.New("not wired")

func theWorkers() workers {
	return workers{
		serve:   func(context.Context, config.Config) error { return errNotWired },
		demo:    func(context.Context, config.Demo) error { return errNotWired },
		migrate: func(context.Context, config.Config, migration, io.Writer) error { return errNotWired },
	}
}
