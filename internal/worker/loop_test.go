package worker_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/worker"
)

func TestLoopWaitsAsLongAsItsTurnSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		loop := worker.NewLoop(func(context.Context) time.Duration {
			at = append(at, time.Since(began))
			if len(at) == 2 {
				return 0
			}
			return time.Minute
		})
		require.NoError(t, loop.Start(t.Context()))
		require.NoError(t, loop.Start(t.Context()), "twice is once")
		time.Sleep(150 * time.Second)
		require.NoError(t, loop.Stop(t.Context()))
		require.NoError(t, loop.Stop(t.Context()), "twice is once")
		assert.Equal(t, []time.Duration{0, time.Minute, time.Minute, 2 * time.Minute}, at)
	})
}

func TestLoopIsWokenAndRemembersAWakeDuringATurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		var loop *worker.Loop
		loop = worker.NewLoop(func(context.Context) time.Duration {
			at = append(at, time.Since(began))
			if len(at) == 1 {
				loop.Wake()
				loop.Wake()
			}
			return time.Hour
		})
		require.NoError(t, loop.Start(t.Context()))
		synctest.Wait()
		assert.Len(t, at, 2, "two wakes during the first turn are one more turn")
		time.Sleep(time.Minute)
		loop.Wake()
		synctest.Wait()
		assert.Equal(t, []time.Duration{0, 0, time.Minute}, at)
		require.NoError(t, loop.Stop(t.Context()))
	})
}

func TestStopCutsATurnShort(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	loop := worker.NewLoop(func(ctx context.Context) time.Duration {
		close(entered)
		<-ctx.Done()
		return 0
	})
	start, cancel := context.WithCancel(t.Context())
	require.NoError(t, loop.Start(start))
	<-entered
	cancel() // bounds the starting alone
	require.NoError(t, loop.Stop(t.Context()))
}

func TestFinishingLoopEndsItsTurnFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		finished := false
		loop := worker.NewFinishingLoop(func(ctx context.Context) time.Duration {
			select {
			case <-time.After(5 * time.Second):
				finished = true
			case <-ctx.Done():
			}
			return 0
		})
		require.NoError(t, loop.Start(t.Context()))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, loop.Stop(ctx))
		assert.True(t, finished)
	})
}

func TestFinishingLoopIsCutShortWhenStopRunsOutOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cut := make(chan struct{})
		loop := worker.NewFinishingLoop(func(ctx context.Context) time.Duration {
			<-ctx.Done()
			close(cut)
			return 0
		})
		require.NoError(t, loop.Start(t.Context()))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, loop.Stop(ctx), context.DeadlineExceeded)
		<-cut
		require.NoError(t, loop.Stop(t.Context()), "a second Stop waits for the rest")
	})
}

func TestLoopThatWasCutOffTakesTurnsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns, free := 0, make(chan struct{})
		loop := worker.NewFinishingLoop(func(context.Context) time.Duration {
			if turns++; turns == 1 {
				<-free // it hears of nobody's end
			}
			return time.Hour
		})
		require.NoError(t, loop.Start(t.Context()))
		synctest.Wait()
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, loop.Stop(brief), context.DeadlineExceeded)
		require.ErrorIs(t, loop.Start(brief), context.DeadlineExceeded, "two turns never run at once")

		started := make(chan error, 1)
		go func() { started <- loop.Start(t.Context()) }()
		synctest.Wait()
		assert.Equal(t, 1, turns)
		close(free)
		require.NoError(t, <-started)
		synctest.Wait()
		assert.Equal(t, 2, turns)
		require.NoError(t, loop.Stop(t.Context()))
	})
}

// Many callers at once: no race, no panic, and nothing runs at the end.
func TestLoopStandsManyCallers(t *testing.T) {
	t.Parallel()
	loop := worker.NewLoop(func(context.Context) time.Duration { return time.Millisecond })
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 200 {
				assert.NoError(t, loop.Start(t.Context()))
				loop.Wake()
				assert.NoError(t, loop.Stop(t.Context()))
			}
		})
	}
	callers.Wait()
	require.NoError(t, loop.Stop(t.Context()))
}
