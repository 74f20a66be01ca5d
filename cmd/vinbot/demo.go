package main

import (
	"context"

	"vinbot/internal/config"
)

// demo runs the demo until a signal ends it.
func (p *program) demo(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	cfg, err := config.LoadDemo(p.environ, p.dir)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	log, end := p.logger(cfg.LogLevel, cfg.LogFormat)
	defer end()
	return p.work.demo(ctx, cfg, log, p.stdout)
}
