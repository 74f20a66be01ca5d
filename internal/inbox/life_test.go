package inbox

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStopLetsRunningHandlersFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		release := make(chan struct{})
		b.handles["slow"] = func(ctx context.Context) error { <-release; return ctx.Err() }
		b.receive(t, "a/slow", "a/behind", "b/beside")
		b.start(t)
		b.start(t) // twice is once
		synctest.Wait()
		stopped := make(chan error, 1)
		go func() { stopped <- b.Stop(context.Background()) }()
		synctest.Wait()
		assert.Empty(t, stopped, "the handler still runs")
		b.receive(t, "c/late")
		close(release)
		require.NoError(t, <-stopped)
		require.NoError(t, b.Stop(t.Context()), "once more does nothing")
		assert.Equal(t, 2, b.table().count("handled"))
		assert.Equal(t, 2, b.table().count("waiting"), "what had not begun waits")

		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 4, b.table().count("handled"))
		assert.Zero(t, b.meter.retried.Load())
	})
}

func TestStopEndsHandlersAtItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.handles["stuck"] = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		b.receive(t, "a/stuck")
		for range 5 { // more stops than an update has tries
			b.start(t)
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			begun := time.Now()
			require.NoError(t, b.Stop(ctx))
			assert.Equal(t, 10*time.Second, time.Since(begun))
			cancel()
			assert.Equal(t, "waiting", b.table().get(1).state)
			assert.Zero(t, b.table().get(1).Attempt, "being stopped is no fault of the update")
		}
		assert.Zero(t, b.logged("all updates wait"))
	})
}

func TestStartingAndStoppingAtOnceIsSafe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		for i := range 100 {
			go func() {
				if i%2 == 0 {
					assert.NoError(t, b.Start(t.Context()))
				} else {
					assert.NoError(t, b.Stop(t.Context()))
				}
			}()
			b.receive(t, fmt.Sprintf("key%d/%d", i%7, i))
		}
		synctest.Wait()
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 100, b.table().count("handled"))
		assert.EqualValues(t, 100, b.meter.handled.Load())
	})
}

func TestTheWindowBoundsWhatIsHeldInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		release := make(chan struct{})
		var texts []string
		for i := range 5000 {
			name := strconv.Itoa(i)
			texts = append(texts, "key"+name+"/"+name)
			b.handles[name] = func(context.Context) error { <-release; return nil }
		}
		b.receive(t, texts...)
		b.start(t)
		synctest.Wait()
		assert.Equal(t, window, b.store.loaded)
		assert.Len(t, b.tries, maxRunning)
		close(release)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 5000, b.table().count("handled"))
		assert.LessOrEqual(t, b.store.callsOf("pending"), 5000/(window/4)+2, "it is filled by the quarter")
	})
}

func TestOneChatsFloodDoesNotShutTheOthersOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		release := make(chan struct{})
		b.handles["head"] = func(context.Context) error { <-release; return nil }
		texts := []string{"flood/head"}
		for range 9000 {
			texts = append(texts, "flood/more")
		}
		texts = append(texts, "other/patient")
		for range 1000 {
			texts = append(texts, "flood/more")
		}
		b.receive(t, texts...)
		b.start(t)
		synctest.Wait()
		assert.Equal(t, []string{"0"}, b.triesOf("patient"))
		assert.Empty(t, b.triesOf("more"))
		assert.Equal(t, 10_002, b.store.loaded)
		close(release)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 10_002, b.table().count("handled"))
		assert.Equal(t, 2*10_002-share-1, b.store.loaded, "a flood's bodies are not held: they are read again")
	})
}

func TestAFloodIsReadAgainOnceTheStoreIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		release := make(chan struct{})
		b.handles["head"] = func(context.Context) error { <-release; return nil }
		texts := []string{"flood/head"}
		for range 2 * share {
			texts = append(texts, "flood/more")
		}
		b.receive(t, texts...)
		b.start(t)
		synctest.Wait()
		b.store.fails(ErrStoreAway, "pending")
		close(release)
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Len(t, b.triesOf("more"), share-1, "those that are held whole go on")
		b.store.fails(nil)
		time.Sleep(2 * away)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 2*share+1, b.table().count("handled"))
		assert.Len(t, b.triesOf("more"), 2*share, "each once")
	})
}

func TestHandledUpdatesAreForgottenAfterThreeDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.start(t)
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, b.begun.Add(time.Hour-72*time.Hour), b.store.pruned)
	})
}
