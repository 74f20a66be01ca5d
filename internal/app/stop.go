package app

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/worker"
)

// How long each part may take to end; all of it is in the database, so none is
// worth waiting for longer. They end one after the other: a scheduler's grace
// should be 20 seconds.
const (
	loopTime  = time.Second // a poll is cut at once, a batch is stored
	inboxTime = 2 * time.Second
	relayTime = 10 * time.Second // what was sent gets its answer
	hooksTime = time.Second      // what is cut off is delivered again, as the same message
	opsTime   = 2 * time.Second  // a profile of half a minute is cut
	webTime   = 3 * time.Second  // requests in flight end; a download is cut
)

// serve adds a part of the program that has so long to end.
func (a *App) serve(name string, s worker.Service, most time.Duration) {
	a.all.Add(name, bounded{Service: s, name: name, most: most, log: a.Log})
}

// work adds a part of what the leader does.
func (a *App) work(name string, s worker.Service, most time.Duration) {
	a.leading.Add(name, bounded{Service: s, name: name, most: most, log: a.Log})
}

// bounded gives a service's Stop only so much time, unless its caller says how
// much there is. Running out of it is no failure of the program's end, but
// worth a line.
type bounded struct {
	worker.Service
	name string
	most time.Duration
	log  zerolog.Logger
}

// Stop ends the service.
func (b bounded) Stop(ctx context.Context) error {
	if _, said := ctx.Deadline(); !said {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.most)
		defer cancel()
	}
	err := b.Service.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		b.log.Warn().Err(err).Str("part", b.name).Msg("cut off, since it took too long to end")
		return nil
	}
	return err
}
