package feed_test

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/feed"
	"vinbot/internal/ticket"
)

// history is one of so many events.
type history struct{ events int64 }

func (h *history) Settled(context.Context) (int64, bool, error) { return h.events, false, nil }

func (h *history) EventsAfter(_ context.Context, after, upTo int64, limit int, _ []ticket.EventKind) (all []ticket.Event, _ error) {
	for id := after + 1; id <= upTo && len(all) < limit; id++ {
		all = append(all, ticket.Event{ID: id})
	}
	return all, nil
}

func (h *history) Do(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	return fn(ctx, nil)
}

// audience is one that notes what it was served.
type audience struct {
	followers map[int64]int64 // what each has seen
	served    map[int64][]int64
	leaves    int64 // who is found gone when served
}

func (*audience) Name() string              { return "the listeners" }
func (*audience) Kinds() []ticket.EventKind { return []ticket.EventKind{ticket.EventOpened} }

func (a *audience) Followers(context.Context) (all []feed.Follower, _ error) {
	for id, seen := range a.followers {
		all = append(all, feed.Follower{ID: id, Seen: seen})
	}
	return all, nil
}

func (a *audience) Serve(_ context.Context, _ ticket.Tx, f feed.Follower, upTo int64, events []ticket.Event) (bool, error) {
	if f.ID == a.leaves {
		return false, nil
	}
	a.followers[f.ID] = upTo
	for _, e := range events {
		a.served[f.ID] = append(a.served[f.ID], e.ID)
	}
	return true, nil
}

func newAudience(followers map[int64]int64) *audience {
	return &audience{followers: followers, served: map[int64][]int64{}}
}

func TestEveryFollowerOfEveryAudienceIsServedEachEventOnce(t *testing.T) {
	t.Parallel()
	past := &history{events: 450} // more than two steps
	hooks, crm := newAudience(map[int64]int64{1: 0, 2: 449}), newAudience(map[int64]int64{1: 440})
	f := feed.New(feed.Options{History: past, Work: past, Audiences: []feed.Audience{hooks, crm}, Log: zerolog.Nop(), Pause: time.Minute})
	for range 2 {
		assert.Equal(t, time.Minute, f.Turn(t.Context()))
		assert.True(t, f.Wanted())
	}
	assert.Len(t, hooks.served[1], 450)
	assert.Equal(t, []int64{450}, hooks.served[2])
	assert.Len(t, crm.served[1], 10)
}

func TestOneThatWantsNoMoreHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	past := &history{events: 3}
	hooks := newAudience(map[int64]int64{1: 0, 2: 0})
	hooks.leaves = 1
	f := feed.New(feed.Options{History: past, Work: past, Audiences: []feed.Audience{hooks}, Log: zerolog.Nop()})
	_, err := f.RunOnce(t.Context())
	require.NoError(t, err)
	assert.Empty(t, hooks.served[1])
	assert.Len(t, hooks.served[2], 3)
}

func TestWhileNobodyListensNothingIsLookedAtAndNothingWritten(t *testing.T) {
	t.Parallel()
	f := feed.New(feed.Options{Audiences: []feed.Audience{newAudience(nil)}, Pause: time.Second}) // with nothing to look at
	more, err := f.RunOnce(t.Context())
	require.NoError(t, err)
	assert.False(t, more)
	assert.False(t, f.Wanted(), "whoever changes a ticket wakes nobody")
	assert.Equal(t, 5*time.Second, f.Turn(t.Context()))
}
