package app

import (
	"cmp"
	"context"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/ticket"
)

const (
	// retentionRest lies between two steps, for those who waited meanwhile.
	retentionRest = 50 * time.Millisecond
	// retentionPause is how often tickets are looked for, peoplePause how often
	// people are, who are read one by one.
	retentionPause, peoplePause = time.Hour, 24 * time.Hour
	// retentionAgain is how soon it is tried again where that failed.
	retentionAgain = time.Minute
)

// expirer erases tickets whose time is over.
type expirer interface {
	Expire(ctx context.Context, before time.Time, limit int) (ticket.Expiry, error)
}

// forgetter removes what is left of people and of their messages.
type forgetter interface {
	ForgetDead(ctx context.Context, before time.Time) (int, error)
	ForgetPeople(ctx context.Context, before time.Time, after int64) (last int64, forgotten int, err error)
	// Settle takes what was written lately to its place, beside who writes.
	Settle(ctx context.Context) error
	// Scrub sees to it that what was erased is in none of the database's files.
	Scrub(ctx context.Context) error
}

// retention erases what is older than the operator wants it to be kept, a step
// at a time.
type retention struct {
	tickets expirer
	store   forgetter
	clock   func() time.Time
	log     zerolog.Logger
	keep    time.Duration

	size     int           // of the next step, in tickets; 0 at first
	done     ticket.Expiry // in this run
	people   int           // in this run
	dead     int           // what was set aside, in this run
	person   int64         // up to whom people were looked at
	peopleAt time.Time     // when all of them were
}

// turn does a step.
func (r *retention) turn(ctx context.Context) time.Duration {
	now := r.clock().UTC()
	ctx = ticket.OwnRequest(ctx, "retention", now)
	wait, err := r.step(ctx, now.Add(-r.keep))
	if err != nil && ctx.Err() == nil {
		r.log.Warn().Str("fault", "database").Err(err).Msg("old data were not erased; trying again soon")
		return retentionAgain
	}
	return wait
}

func (r *retention) step(ctx context.Context, before time.Time) (time.Duration, error) {
	size, begun := cmp.Or(r.size, ticket.FirstStep), r.clock()
	done, err := r.tickets.Expire(ctx, before, size)
	if err != nil {
		return 0, err
	}
	r.size = ticket.NextStep(size, r.clock().Sub(begun))
	r.done.Erased += done.Erased
	r.done.Purged += done.Purged
	if done.Erased+done.Purged >= size {
		return retentionRest, r.store.Settle(ctx)
	}
	if r.person > 0 || r.clock().Sub(r.peopleAt) >= peoplePause {
		last, forgotten, err := r.store.ForgetPeople(ctx, before, r.person)
		if err != nil {
			return 0, err
		}
		r.people += forgotten
		if r.person = last; last > 0 {
			return retentionRest, nil
		}
		r.peopleAt = r.clock()
	}
	dead, err := r.store.ForgetDead(ctx, before)
	if err != nil {
		return 0, err
	}
	if r.dead += dead; r.done.Erased+r.done.Purged+r.people+r.dead > 0 {
		if err := r.store.Scrub(ctx); err != nil {
			return 0, err
		}
		r.log.Info().Int("erased", r.done.Erased).Int("purged", r.done.Purged).Int("people", r.people).Int("set_aside", r.dead).
			Msg("old data were erased")
	}
	r.done, r.people, r.dead = ticket.Expiry{}, 0, 0
	return retentionPause, nil
}
