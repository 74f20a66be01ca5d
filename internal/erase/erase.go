// Package erase carries out the outbox kinds by which a person is forgotten:
// the erasing itself, and what takes the erased out of the database's files.
// Telling the person is a Telegram message, and the files in the archive are
// the report room's.
package erase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// pause is how soon it is looked again whether something of a person's is still
// in flight.
const pause = time.Second

// forgetting erases a person, or reports that something of theirs is in flight.
type forgetting interface {
	Forget(ctx context.Context, erasure int64) (done bool, err error)
}

// files are those of the database.
type files interface {
	// Scrub sees to it that what was erased is in none of them.
	Scrub(ctx context.Context) error
}

// Options of an eraser.
type Options struct {
	Forgetting forgetting
	Files      files
}

// Eraser handles the kinds.
type Eraser struct{ Options }

// New makes an eraser.
func New(o Options) *Eraser { return &Eraser{o} }

// Kinds lists the kinds that the eraser carries out.
func (e *Eraser) Kinds() map[ticket.EffectKind]outbox.Kind {
	return map[ticket.EffectKind]outbox.Kind{
		ticket.EffectForget: {Handler: outbox.HandlerFunc(e.forget)},
		ticket.EffectScrub:  {Handler: outbox.HandlerFunc(e.scrub)},
	}
}

// forget erases a person as soon as nothing of theirs is in flight.
func (e *Eraser) forget(ctx context.Context, job outbox.Job) outbox.Outcome {
	var ref ticket.ErasureRef
	if err := json.Unmarshal(job.Payload, &ref); err != nil {
		return outbox.Dead(fmt.Errorf("read the payload of %s: %w", job.Kind, err), nil)
	}
	done, err := e.Forgetting.Forget(ctx, ref.Erasure)
	switch {
	case err != nil:
		return again(err)
	case !done:
		return outbox.Later(errors.New("something for the person is in flight"), pause)
	}
	zerolog.Ctx(ctx).Info().Int64("erasure", ref.Erasure).Msg("a person was forgotten")
	return outbox.Done(nil)
}

func (e *Eraser) scrub(ctx context.Context, _ outbox.Job) outbox.Outcome {
	if err := e.Files.Scrub(ctx); err != nil {
		return again(err)
	}
	return outbox.Done(nil)
}

// again is the outcome of a job that is tried until it is done: what was
// promised is not given up.
func again(err error) outbox.Outcome { return outbox.Later(err, 0) }
