package store_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

var errRefused = errors.New("refused")

// insert is a unit of work that stores a ticket and ends with an error.
func insert(owner int64, end error) func(context.Context, ticket.Tx) error {
	return func(ctx context.Context, tx ticket.Tx) error {
		k := ticket.Ticket{VIN: vinA, Status: ticket.New, Priority: ticket.Normal, OwnerID: owner}
		if err := tx.Insert(ctx, &k); err != nil {
			return err
		}
		if err := tx.Enqueue(ctx, say("hello")); err != nil {
			return err
		}
		return end
	}
}

// refused is a statement that the table does not allow.
func refused(ctx context.Context, tx ticket.Tx) error {
	return tx.Insert(ctx, &ticket.Ticket{VIN: vinA, Status: "lost", Priority: ticket.Normal, OwnerID: 1})
}

func say(text string) ticket.Effect {
	return ticket.Effect{Kind: ticket.EffectSay, Payload: ticket.Say{Text: text}}
}

func testTransactions(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("an error rolls all back and tells the hook nothing", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		require.ErrorIs(t, f.Do(t.Context(), insert(1, errRefused)), errRefused)
		_, err := f.OpenTicket(t.Context(), 1, vinA)
		require.True(t, ticket.IsNotFound(err))
		assert.Empty(t, f.announced())
	})

	t.Run("what comes after the commit comes once, and only after one", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		var counted []string
		counts := func(what string, end error) func(context.Context, ticket.Tx) error {
			return func(ctx context.Context, tx ticket.Tx) error {
				tx.After(func() { counted = append(counted, what) })
				assert.Empty(t, counted)
				return end
			}
		}
		require.ErrorIs(t, f.Do(t.Context(), counts("rolled back", errRefused)), errRefused)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			require.NoError(t, counts("outer", nil)(ctx, tx))
			require.ErrorIs(t, f.Do(ctx, counts("refused within", errRefused)), errRefused)
			return f.Do(ctx, counts("joined", nil))
		})
		assert.Equal(t, []string{"outer", "joined"}, counted)
	})

	t.Run("a read within sees what was written, one outside the last commit", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		outside := t.Context()
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			require.NoError(t, insert(1, nil)(ctx, tx))
			_, err := tx.OpenTicket(ctx, 1, vinA)
			require.NoError(t, err)
			_, err = f.OpenTicket(ctx, 1, vinA)
			require.NoError(t, err, "the store joins by the context")
			_, err = f.OpenTicket(outside, 1, vinA)
			assert.True(t, ticket.IsNotFound(err))
			return nil
		})
		_, err := f.OpenTicket(outside, 1, vinA)
		require.NoError(t, err)
	})

	t.Run("a joined one is rolled back with the outer one", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		err := f.Do(t.Context(), func(ctx context.Context, _ ticket.Tx) error {
			if err := f.Do(ctx, insert(1, nil)); err != nil {
				return err
			}
			return errRefused
		})
		require.ErrorIs(t, err, errRefused)
		_, err = f.OpenTicket(t.Context(), 1, vinA)
		assert.True(t, ticket.IsNotFound(err))
		assert.Empty(t, f.announced())
	})

	t.Run("a refused joined one leaves nothing behind where the outer one goes on", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			require.ErrorIs(t, f.Do(ctx, insert(1, errRefused)), errRefused)
			return insert(2, nil)(ctx, tx)
		})
		_, err := f.OpenTicket(t.Context(), 1, vinA)
		require.True(t, ticket.IsNotFound(err))
		_, err = f.OpenTicket(t.Context(), 2, vinA)
		require.NoError(t, err)
		assert.Len(t, f.announced(), 1)
	})

	t.Run("a joined one that panics leaves nothing behind where the outer one recovers", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			assert.Panics(t, func() {
				_ = f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
					require.NoError(t, insert(1, nil)(ctx, tx))
					panic("no")
				})
			})
			return insert(2, nil)(ctx, tx)
		})
		_, err := f.OpenTicket(t.Context(), 1, vinA)
		require.True(t, ticket.IsNotFound(err))
		_, err = f.OpenTicket(t.Context(), 2, vinA)
		require.NoError(t, err)
		assert.Len(t, f.announced(), 1)
	})

	t.Run("after a refused statement a unit can do nothing more", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.ticket(t, 1, vinA)
		err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			require.NoError(t, insert(2, nil)(ctx, tx))
			require.Equal(t, ticket.CodeInvalid, ticket.CodeOf(refused(ctx, tx)))
			require.Error(t, insert(3, nil)(ctx, tx))
			_, err := tx.OpenTicket(ctx, 2, vinA)
			require.Error(t, err)
			require.Error(t, f.Do(ctx, insert(4, nil)))
			return nil // which does not save it
		})
		require.Equal(t, ticket.CodeInvalid, ticket.CodeOf(err))
		for owner := range int64(3) {
			_, err = f.OpenTicket(t.Context(), owner+2, vinA)
			require.True(t, ticket.IsNotFound(err))
		}
		require.NoError(t, f.Do(t.Context(), insert(5, nil)))
	})

	t.Run("what was refused in a joined one does not stop the outer one", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.ticket(t, 1, vinA)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			require.Equal(t, ticket.CodeInvalid, ticket.CodeOf(f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
				_ = refused(ctx, tx)
				return nil // which does not save it
			})))
			_, err := tx.OpenTicket(ctx, 1, vinB)
			require.True(t, ticket.IsNotFound(err), "what is not found is no fault")
			return insert(2, nil)(ctx, tx)
		})
		_, err := f.OpenTicket(t.Context(), 2, vinA)
		require.NoError(t, err)
	})

	t.Run("an error within a unit that nobody goes on after ends all of it", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		over := errors.New("over")
		err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			require.NoError(t, insert(1, nil)(ctx, tx))
			require.ErrorIs(t, f.Within(ctx, insert(2, over)), over)
			return nil // which does not save it
		})
		require.ErrorIs(t, err, over)
		for owner := range int64(2) {
			_, err = f.OpenTicket(t.Context(), owner+1, vinA)
			require.True(t, ticket.IsNotFound(err))
		}
		require.NoError(t, f.Within(t.Context(), insert(3, nil)))
		_, err = f.OpenTicket(t.Context(), 3, vinA)
		require.NoError(t, err)
	})

	t.Run("now is one instant, in UTC", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			before := tx.Now()
			f.clock.Advance(time.Hour)
			assert.Equal(t, before, tx.Now())
			assert.Equal(t, time.UTC, before.Location())
			return f.Do(ctx, func(_ context.Context, inner ticket.Tx) error {
				assert.Equal(t, before, inner.Now())
				return nil
			})
		})
	})

	t.Run("a transaction cannot be used after its end", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		var kept ticket.Tx
		var keptCtx context.Context
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			kept, keptCtx = tx, ctx
			return nil
		})
		require.Error(t, insert(1, nil)(keptCtx, kept))
		require.NoError(t, f.Do(keptCtx, insert(1, nil)), "the context begins a new one")
	})

	t.Run("a panic is its own unit's error", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
			require.NoError(t, insert(1, nil)(ctx, tx))
			panic("Ivan Ivanov")
		})
		require.Error(t, err)
		assert.Equal(t, ticket.CodeInternal, ticket.CodeOf(err))
		assert.NotContains(t, err.Error(), "Ivan")
		_, err = f.OpenTicket(t.Context(), 1, vinA)
		assert.True(t, ticket.IsNotFound(err))
	})

	t.Run("units that share a commit do not share their faults", func(t *testing.T) {
		t.Parallel()
		testSharedCommit(t, open(t))
	})

	t.Run("what ends the writer's goroutine ends no other unit for good", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		require.Error(t, f.Do(t.Context(), func(context.Context, ticket.Tx) error {
			runtime.Goexit()
			return nil
		}))
		require.NoError(t, f.Do(t.Context(), insert(1, nil)))
	})

	t.Run("a unit whose context is done is not run", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, f.Do(ctx, insert(1, nil)), context.Canceled)
		_, err := f.OpenTicket(t.Context(), 1, vinA)
		assert.True(t, ticket.IsNotFound(err))
	})

	t.Run("what runs is committed, whatever its context says meanwhile", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
			cancel()
			return insert(1, nil)(ctx, tx)
		}))
		_, err := f.OpenTicket(t.Context(), 1, vinA)
		require.NoError(t, err)
	})

	t.Run("a closed store is away", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		require.NoError(t, f.Close())
		require.NoError(t, f.Close(), "twice")
		err := f.Do(t.Context(), insert(1, nil))
		require.ErrorIs(t, err, inbox.ErrStoreAway)
		require.ErrorIs(t, err, outbox.ErrStoreAway)
		assert.Equal(t, ticket.CodeUnavailable, ticket.CodeOf(err))
		_, err = f.Ticket(t.Context(), 1)
		require.ErrorIs(t, err, inbox.ErrStoreAway)
	})

	t.Run("the time of the last poll is kept", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		at, err := f.LastPoll(t.Context())
		require.NoError(t, err)
		assert.Zero(t, at)
		for range 2 {
			f.clock.Advance(time.Minute)
			require.NoError(t, f.Polled(t.Context(), f.clock.Now()))
			at, err = f.LastPoll(t.Context())
			require.NoError(t, err)
			assert.Equal(t, stored(f.clock.Now()), at)
		}
	})

	t.Run("it takes a write, and says which schema it has", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		require.NoError(t, f.Writable(t.Context()))
		require.NoError(t, f.Writable(t.Context()))
		version, err := f.SchemaVersion(t.Context())
		require.NoError(t, err)
		assert.Positive(t, version)
	})
}
