package main

import (
	"context"
	"os/signal"
	"syscall"

	"vinbot/internal/config"
)

// serve does the work until a signal ends it.
func (p *program) serve(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	cfg, err := config.Load(p.environ, p.dir)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	log, end := p.logger(cfg.LogLevel, cfg.LogFormat)
	defer end()
	return p.work.serve(ctx, cfg, config.InForce(p.environ, p.dir), log)
}

// untilSignal ends a context at the first SIGTERM or interrupt. From then on
// signals act as they do by themselves: a second one ends the process at once.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
