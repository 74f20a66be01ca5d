package erase_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/erase"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// fake is a forgetting and a database, as the test says.
type fake struct {
	busy     int // how often something is in flight
	fault    error
	asked    []int64
	scrubbed int
}

func (f *fake) Forget(_ context.Context, erasure int64) (bool, error) {
	f.asked = append(f.asked, erasure)
	f.busy--
	return f.busy < 0, f.fault
}

func (f *fake) Scrub(context.Context) error {
	f.scrubbed++
	return f.fault
}

// does carries out a job.
func (f *fake) does(t *testing.T, kind ticket.EffectKind, payload string) outbox.Outcome {
	t.Helper()
	e := erase.New(erase.Options{Forgetting: f, Files: f})
	return e.Kinds()[kind].Handler.Handle(t.Context(), outbox.Job{Head: outbox.Head{Kind: string(kind)}, Payload: []byte(payload)})
}

func TestAPersonIsForgottenOnceNothingIsInFlight(t *testing.T) {
	t.Parallel()
	f := &fake{busy: 2}
	for range 2 {
		assert.Equal(t, outbox.Later(errors.New("something for the person is in flight"), time.Second), f.does(t, ticket.EffectForget, `{"erasure":7}`))
	}
	assert.Equal(t, outbox.Done(nil), f.does(t, ticket.EffectForget, `{"erasure":7}`))
	assert.Equal(t, []int64{7, 7, 7}, f.asked)
}

func TestWhatWasPromisedIsNotGivenUp(t *testing.T) {
	t.Parallel()
	f := &fake{fault: errors.New("the disk is full")}
	assert.Equal(t, outbox.Later(f.fault, 0), f.does(t, ticket.EffectForget, `{"erasure":7}`))
	assert.Equal(t, outbox.Later(f.fault, 0), f.does(t, ticket.EffectScrub, `{}`))
	f.fault = nil
	assert.Equal(t, outbox.Done(nil), f.does(t, ticket.EffectScrub, `{}`))
	assert.Equal(t, 2, f.scrubbed)
	assert.NotEqual(t, outbox.Done(nil), f.does(t, ticket.EffectForget, `nonsense`))
	assert.Len(t, f.asked, 1, "nobody is forgotten by mistake")
}
