package main

import (
	"context"
	"errors"
	"io"

	"github.com/rs/zerolog"

	"vinbot/internal/config"
)

// workers are the parts of the program that do the real work of a subcommand.
// Each ends when its context does, which a signal ends.
type workers struct {
	serve   func(ctx context.Context, cfg config.Config, log zerolog.Logger) error
	demo    func(ctx context.Context, cfg config.Demo, log zerolog.Logger) error
	migrate func(ctx context.Context, cfg config.Config, step migration, out io.Writer) error
}

// errNotWired says that a part is not connected.
var errNotWired = errors.New("not wired")

func theWorkers() workers {
	return workers{
		serve:   func(context.Context, config.Config, zerolog.Logger) error { return errNotWired },
		demo:    func(context.Context, config.Demo, zerolog.Logger) error { return errNotWired },
		migrate: func(context.Context, config.Config, migration, io.Writer) error { return errNotWired },
	}
}
