package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// testSharedCommit holds the writer up until many units wait, so that they
// share a commit: of each three one succeeds, one fails and one panics.
func testSharedCommit(t *testing.T, f *fixture) {
	t.Helper()
	const units = 30
	entered, goOn := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		assert.NoError(t, f.Do(t.Context(), func(context.Context, ticket.Tx) error {
			close(entered)
			<-goOn
			return nil
		}))
	})
	<-entered
	errs := make([]error, units)
	for i := range units {
		all.Go(func() {
			errs[i] = f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
				switch err := insert(int64(i+1), nil)(ctx, tx); {
				case err != nil:
					return err
				case i%3 == 1:
					return errRefused
				case i%3 == 2:
					panic(i)
				}
				return nil
			})
		})
	}
	require.Eventually(t, func() bool { return f.Queued() == units }, 10*time.Second, time.Millisecond)
	close(goOn)
	all.Wait()
	for i, err := range errs {
		_, found := f.OpenTicket(t.Context(), int64(i+1), vinA)
		if i%3 == 0 {
			require.NoError(t, err)
			require.NoError(t, found)
			continue
		}
		require.Error(t, err)
		require.True(t, ticket.IsNotFound(found))
	}
	assert.Len(t, f.announced(), units/3)
}

// TestWorkOnUpdatesSharesATransactionWithoutSavepoints has several updates share
// a commit, some of which fail or panic. The others' work is done once.
func TestWorkOnUpdatesSharesATransactionWithoutSavepoints(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]int64{"none fails": 0, "some fail": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := openFixture(t)
			const units = 24
			in := f.Inbox(1)
			for i := range int64(units) {
				_, err := in.Append(t.Context(), raws(i+1))
				require.NoError(t, err)
			}
			busy, goOn := make(chan struct{}), make(chan struct{})
			var all sync.WaitGroup
			all.Go(func() {
				require.NoError(t, f.Do(t.Context(), func(context.Context, ticket.Tx) error {
					close(busy)
					<-goOn
					return nil
				}))
			})
			<-busy
			runs, errs := make([]int, units), make([]error, units)
			for i := range int64(units) {
				all.Go(func() {
					errs[i] = in.Consume(t.Context(), i+1, 0, func(ctx context.Context) error {
						runs[i]++
						return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
							err := insert(i+1, nil)(ctx, tx)
							switch {
							case failing == 0 || err != nil || i%failing == 0:
								return err
							case i%failing == 1:
								panic(i)
							}
							return errRefused
						})
					})
				})
			}
			require.Eventually(t, func() bool { return f.Queued() == units }, 10*time.Second, time.Millisecond)
			close(goOn)
			all.Wait()
			done := 0
			for i := range int64(units) {
				_, err := f.OpenTicket(t.Context(), i+1, vinA)
				if failing == 0 || i%failing == 0 {
					require.NoError(t, errs[i])
					require.NoError(t, err)
					done++
					continue
				}
				require.Error(t, errs[i])
				require.True(t, ticket.IsNotFound(err))
			}
			assert.Len(t, f.announced(), done)
			waiting, err := in.Pending(t.Context(), 0, units)
			require.NoError(t, err)
			assert.Len(t, waiting, units-done)
			if failing == 0 {
				assert.Equal(t, slices.Repeat([]int{1}, units), runs, "nothing is done twice")
				assert.NotContains(t, f.Statements(), "SAVEPOINT unit")
			}
		})
	}
}
