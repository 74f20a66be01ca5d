package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func testAccounts(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a person is stored as they are now", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, people := t.Context(), f.Accounts()
		_, err := people.User(ctx, 1)
		require.True(t, ticket.IsNotFound(err))

		got, err := people.Seen(ctx, account.User{ID: 1, Name: "Ann", Username: "ann", Language: "en"})
		require.NoError(t, err)
		want := account.User{
			ID: 1, Name: "Ann", Username: "ann", Language: "en", FirstSeen: stored(start()), LastSeen: stored(start()),
		}
		assert.Equal(t, want, got)

		f.clock.Advance(time.Hour)
		got, err = people.Seen(ctx, account.User{ID: 1, Name: "Anna"})
		require.NoError(t, err)
		want.Name, want.Username, want.LastSeen = "Anna", "", stored(start().Add(time.Hour))
		assert.Equal(t, want, got, "an unknown language takes none away")
		got, err = people.User(ctx, 1)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})

	t.Run("the language that a person chose outlives what their client speaks", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, people := t.Context(), f.Accounts()
		require.True(t, ticket.IsNotFound(people.ChooseLanguage(ctx, 1, "en")))
		_, err := people.Seen(ctx, account.User{ID: 1, Language: "en"})
		require.NoError(t, err)
		u, err := people.Seen(ctx, account.User{ID: 1, Language: "ru"})
		require.NoError(t, err)
		assert.Equal(t, "ru", u.Language, "while they have chosen none")
		assert.False(t, u.LanguageChosen)
		require.NoError(t, people.ChooseLanguage(ctx, 1, "en"))
		for _, client := range []string{"ru", "", "en"} {
			u, err = people.Seen(ctx, account.User{ID: 1, Language: client})
			require.NoError(t, err)
			assert.Equal(t, "en", u.Language)
			assert.True(t, u.LanguageChosen)
		}
	})

	t.Run("who writes can be reached again, and the first time it is told", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, people := t.Context(), f.Accounts()
		require.True(t, ticket.IsNotFound(people.SetUnreachable(ctx, 1, true)))
		_, err := people.Seen(ctx, account.User{ID: 1})
		require.NoError(t, err)
		require.NoError(t, people.SetUnreachable(ctx, 1, true))
		u, err := people.User(ctx, 1)
		require.NoError(t, err)
		assert.True(t, u.Unreachable)
		u, err = people.Seen(ctx, account.User{ID: 1})
		require.NoError(t, err)
		assert.True(t, u.Unreachable, "as it was before")
		u, err = people.Seen(ctx, account.User{ID: 1})
		require.NoError(t, err)
		assert.False(t, u.Unreachable)
	})

	t.Run("a person joins the transaction", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		err := f.Do(t.Context(), func(ctx context.Context, _ ticket.Tx) error {
			_, err := f.Accounts().Seen(ctx, account.User{ID: 1})
			require.NoError(t, err)
			_, err = f.Accounts().User(ctx, 1)
			require.NoError(t, err)
			return errRefused
		})
		require.ErrorIs(t, err, errRefused)
		_, err = f.Accounts().User(t.Context(), 1)
		assert.True(t, ticket.IsNotFound(err))
	})

	t.Run("a migrated group is news once", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, chats := t.Context(), f.Accounts()
		next, err := chats.Successors(ctx)
		require.NoError(t, err)
		assert.Empty(t, next)
		for _, step := range []struct {
			from, to int64
			news     bool
		}{{-1, -100, true}, {-1, -100, false}, {-2, -200, true}, {-1, -300, true}} {
			news, err := chats.Migrated(ctx, step.from, step.to)
			require.NoError(t, err)
			assert.Equal(t, step.news, news, "%v", step)
		}
		next, err = chats.Successors(ctx)
		require.NoError(t, err)
		assert.Equal(t, map[int64]int64{-1: -300, -2: -200}, next)
	})
}
