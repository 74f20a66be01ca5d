package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"

	"vinbot/internal/ticket"
)

// old is a store with things that are too old.
type old struct {
	tickets, people, dead int
	settled, scrubbed     int
	fault, scrubFault     error
	before                time.Time
	request               string
}

func (o *old) Expire(ctx context.Context, before time.Time, limit int) (ticket.Expiry, error) {
	o.before, o.request = before, ticket.RequestID(ctx)
	n := min(o.tickets, limit)
	o.tickets -= n
	return ticket.Expiry{Erased: n}, o.fault
}

func (o *old) ForgetDead(context.Context, time.Time) (int, error) {
	n := o.dead
	o.dead = 0
	return n, o.fault
}

func (o *old) ForgetPeople(_ context.Context, _ time.Time, after int64) (last int64, forgotten int, err error) {
	if o.people > 1 {
		o.people--
		return after + 1, 1, o.fault
	}
	forgotten, o.people = o.people, 0
	return 0, forgotten, o.fault
}

func (o *old) Settle(context.Context) error {
	o.settled++
	return o.fault
}

func (o *old) Scrub(context.Context) error {
	o.scrubbed++
	return o.scrubFault
}

func TestOldDataAreErasedInSmallSteps(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)
	var log lines
	o := &old{tickets: 28, people: 3, dead: 2}
	r := &retention{tickets: o, store: o, clock: func() time.Time { return now }, log: zerolog.New(&log), keep: 48 * time.Hour}
	turns := 0
	for r.turn(t.Context()) == retentionRest {
		turns++
	}
	assert.Equal(t, 4, turns, "5, 10 and 13 of 20 tickets, and two of three people: the third is the last")
	assert.Equal(t, now.Add(-48*time.Hour), o.before)
	assert.Equal(t, "retention-20261124T150000.000", o.request)
	assert.Equal(t, &old{before: o.before, request: o.request, settled: 2, scrubbed: 1}, o, "nothing is left, in the files neither")
	assert.Equal(t, 1, log.count(`"erased":28`, `"people":3`, `"set_aside":2`), "one line for all")

	o.people = 5
	now = now.Add(time.Hour)
	assert.Equal(t, retentionPause, r.turn(t.Context()))
	assert.Equal(t, 5, o.people, "people are looked at once a day")
	assert.Equal(t, 1, log.count("erased"), "and nothing is said of nothing")
	assert.Equal(t, 1, o.scrubbed)
	now = now.Add(24 * time.Hour)
	assert.Equal(t, retentionRest, r.turn(t.Context()))
}

func TestErasureThatFailsIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	var log lines
	o := &old{tickets: 1, fault: errors.New("the disk is full")}
	r := &retention{tickets: o, store: o, clock: time.Now, log: zerolog.New(&log), keep: time.Hour}
	assert.Equal(t, retentionAgain, r.turn(t.Context()))
	assert.Equal(t, 1, log.count(`"level":"warn"`, "the disk is full"))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	r.turn(ended)
	assert.Equal(t, 1, log.count("warn"), "the end of the process is no fault")
}

func TestWhatIsErasedIsScrubbedUntilThatSucceeds(t *testing.T) {
	t.Parallel()
	var log lines
	o := &old{tickets: 1, dead: 2, scrubFault: errors.New("the database is in use")}
	r := &retention{tickets: o, store: o, clock: time.Now, log: zerolog.New(&log), keep: time.Hour}
	assert.Equal(t, retentionAgain, r.turn(t.Context()))
	assert.Equal(t, retentionAgain, r.turn(t.Context()))
	o.scrubFault = nil
	assert.Equal(t, retentionPause, r.turn(t.Context()))
	assert.Equal(t, 3, o.scrubbed)
	assert.Equal(t, 1, log.count(`"erased":1`, `"set_aside":2`))
}
