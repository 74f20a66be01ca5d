package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// chats is a store of migrations in memory.
type chats struct {
	next map[int64]int64
	err  error
}

func (c *chats) Successors(context.Context) (map[int64]int64, error) { return c.next, c.err }

func (c *chats) Migrated(_ context.Context, from, to int64) (bool, error) {
	if c.err != nil {
		return false, c.err
	}
	if c.next[from] == to {
		return false, nil
	}
	if c.next == nil {
		c.next = map[int64]int64{}
	}
	c.next[from] = to
	return true, nil
}

// groups loads the groups of the settings.
func groups(t *testing.T, store *chats, set ...ticket.Place) *account.Groups {
	t.Helper()
	g := account.NewGroups(set, store)
	require.NoError(t, g.Load(t.Context()))
	return g
}

func TestCardsGoToTheGroupsOfTheSettings(t *testing.T) {
	t.Parallel()
	set := []ticket.Place{{Chat: -1}, {Chat: -2, Topic: 5}}
	g := groups(t, &chats{}, set...)
	assert.Equal(t, []ticket.Place{{Chat: -1}, {Chat: -2, Topic: 5}}, g.Current())
	set[0].Chat = -99
	g.Current()[1].Chat = -99
	assert.Equal(t, []ticket.Place{{Chat: -1}, {Chat: -2, Topic: 5}}, g.Current(), "nobody changes them from outside")
	for chat, allowed := range map[int64]bool{-1: true, -2: true, -3: false, 0: false, 5: false} {
		assert.Equal(t, allowed, g.Allowed(chat), chat)
		assert.Equal(t, chat, g.Now(chat))
	}
}

func TestAGroupIsFollowedToItsSupergroup(t *testing.T) {
	t.Parallel()
	store := &chats{}
	g := groups(t, store, ticket.Place{Chat: -1, Topic: 4}, ticket.Place{Chat: -2})
	news, err := g.Follow(t.Context(), -1, -1001)
	require.NoError(t, err)
	assert.True(t, news)
	news, err = g.Follow(t.Context(), -1, -1001)
	require.NoError(t, err)
	assert.False(t, news, "Telegram says it more than once")

	for range 2 { // now, and after a restart
		assert.Equal(t, []ticket.Place{{Chat: -1001, Topic: 4}, {Chat: -2}}, g.Current())
		for chat, allowed := range map[int64]bool{-1: true, -1001: true, -2: true, -1002: false, 0: false} {
			assert.Equal(t, allowed, g.Allowed(chat), chat)
		}
		assert.EqualValues(t, -1001, g.Now(-1))
		assert.EqualValues(t, -1001, g.Now(-1001))
		g = groups(t, store, ticket.Place{Chat: -1, Topic: 4}, ticket.Place{Chat: -2})
	}
}

func TestAGroupIsFollowedOnAndOn(t *testing.T) {
	t.Parallel()
	g := groups(t, &chats{next: map[int64]int64{-1: -2, -2: -3, -3: -4, -50: -60}}, ticket.Place{Chat: -1})
	assert.Equal(t, []ticket.Place{{Chat: -4}}, g.Current())
	for chat, allowed := range map[int64]bool{-1: true, -2: true, -3: true, -4: true, -50: false, -60: false} {
		assert.Equal(t, allowed, g.Allowed(chat), chat)
	}
	news, err := g.Follow(t.Context(), -4, -5)
	require.NoError(t, err)
	assert.True(t, news)
	assert.EqualValues(t, -5, g.Now(-2))
}

func TestWhatIsNotOursIsNotFollowed(t *testing.T) {
	t.Parallel()
	store := &chats{}
	g := groups(t, store, ticket.Place{Chat: -1})
	for _, move := range [][2]int64{{-7, -8}, {-1, -1}, {0, -8}} {
		news, err := g.Follow(t.Context(), move[0], move[1])
		require.NoError(t, err)
		assert.False(t, news)
	}
	assert.Empty(t, store.next)
	assert.False(t, g.Allowed(-8))
}

// Only a broken table, or news told the wrong way round, could hold a circle.
func TestACircleHangsNothing(t *testing.T) {
	t.Parallel()
	g := groups(t, &chats{next: map[int64]int64{-1: -2, -2: -1}}, ticket.Place{Chat: -1})
	assert.Contains(t, []int64{-1, -2}, g.Current()[0].Chat)
	assert.True(t, g.Allowed(-1))
	assert.True(t, g.Allowed(-2))
	assert.False(t, g.Allowed(-3))
	assert.False(t, g.Allowed(0))
}

func TestNewsTheWrongWayRoundIsNoNews(t *testing.T) {
	t.Parallel()
	g := groups(t, &chats{}, ticket.Place{Chat: -1})
	_, err := g.Follow(t.Context(), -1, -2)
	require.NoError(t, err)
	news, err := g.Follow(t.Context(), -2, -1)
	require.NoError(t, err)
	assert.False(t, news)
	assert.Equal(t, []ticket.Place{{Chat: -2}}, g.Current())
}

func TestAStoreThatFailsIsNoNews(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk full")
	store := &chats{}
	g := groups(t, store, ticket.Place{Chat: -1})
	store.err = broken
	_, err := g.Follow(t.Context(), -1, -2)
	require.ErrorIs(t, err, broken)
	assert.EqualValues(t, -1, g.Now(-1))
	require.ErrorIs(t, g.Load(t.Context()), broken)
}

func TestGroupsMayBeAskedWhileTheyMove(t *testing.T) {
	t.Parallel()
	g := groups(t, &chats{}, ticket.Place{Chat: -1})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				assert.True(t, g.Allowed(-1))
				assert.Contains(t, []int64{-1, -2}, g.Current()[0].Chat)
				assert.Contains(t, []int64{-1, -2}, g.Now(-1))
			}
		})
	}
	all.Go(func() {
		_, err := g.Follow(context.Background(), -1, -2)
		assert.NoError(t, err)
	})
	all.Wait()
	assert.EqualValues(t, -2, g.Now(-1))
}

// Whatever the table holds, where cards go is allowed, and is its own present.
func TestWhereCardsGoIsAlwaysAllowed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		chat := rapid.Int64Range(-6, -1)
		g := account.NewGroups([]ticket.Place{{Chat: chat.Draw(t, "group")}}, &chats{})
		require.NoError(t, g.Load(context.Background()))
		for _, move := range rapid.SliceOf(rapid.SliceOfN(chat, 2, 2)).Draw(t, "moves") {
			_, err := g.Follow(context.Background(), move[0], move[1])
			require.NoError(t, err)
			now := g.Current()[0].Chat
			assert.True(t, g.Allowed(now))
			assert.Equal(t, now, g.Now(now), "it moves no further")
		}
	})
}
