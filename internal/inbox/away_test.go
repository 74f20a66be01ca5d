package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAStoreThatIsAwayCostsNoAttempt(t *testing.T) {
	t.Parallel()
	for _, ops := range [][]string{
		{"pending"}, {"claim"}, {"consume"}, {"commit"}, {"commit", "unclaim"}, {"all"},
	} {
		t.Run(fmt.Sprint(ops), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(&table{})
				b.receive(t, "a/1", "a/2", "b/3", "c/4")
				b.store.fails(ErrStoreAway, ops...)
				b.start(t)
				time.Sleep(20 * time.Second)
				synctest.Wait()
				assert.Equal(t, 4, b.table().count("waiting"), "nothing is lost")
				for id := range 4 {
					assert.LessOrEqual(t, b.table().get(int64(id+1)).Attempt, 1)
				}
				assert.Less(t, b.store.callsOf("pending")+b.store.callsOf("claim")+b.store.callsOf("unclaim"), 150,
					"it is not asked all the time")

				b.store.fails(nil)
				time.Sleep(time.Second)
				synctest.Wait()
				b.stopNow(t)
				assert.Equal(t, 4, b.table().count("handled"))
				for id := range 4 {
					assert.Equal(t, 1, b.table().get(int64(id+1)).Attempt)
				}
				assert.EqualValues(t, 4, b.meter.handled.Load())
				assert.Zero(t, b.meter.retried.Load())
				assert.Zero(t, b.meter.aside.Load())
				assert.LessOrEqual(t, b.logged("all updates wait"), len(ops), "each fault once, though many met it")
				assert.Equal(t, 1, b.logged("updates are handled again"))
				assert.Equal(t, []string{"1", "2"}, b.lastTries("1", "2"), "in order still")
			})
		})
	}
}

func TestAnUpdateOnItsLastTryIsNotSetAsideForAnAbsentStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.receive(t, "k/1")
		b.table().rows[0].Attempt = maxAttempts - 1
		b.store.fails(ErrStoreAway, "consume")
		b.start(t)
		time.Sleep(10 * time.Second)
		b.store.fails(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, "handled", b.table().get(1).state)
	})
}

func TestTheStoreIsSaidToBeBackThoughNothingWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.store.fails(ErrStoreAway, "pending")
		b.start(t)
		time.Sleep(3 * time.Second)
		b.store.fails(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 1, b.logged("all updates wait"))
		assert.Equal(t, 1, b.logged("updates are handled again"))
	})
}

func TestAnUpdateThatCannotBeRoutedNowIsRoutedLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.routes["card"] = func() Route {
			if time.Since(b.begun) < 2*time.Second {
				return Route{Err: fmt.Errorf("find the card: %w", ErrStoreAway)}
			}
			return Route{Key: "k"}
		}
		b.receive(t, "k/before", "k/card", "k/behind")
		b.start(t)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, []string{"before@2", "behind@2"}, b.tries)
		assert.Equal(t, 3, b.table().count("handled"))
	})
}

func TestABatchThatIsNotStoredIsAnError(t *testing.T) {
	t.Parallel()
	b := newBench(&table{})
	b.store.fails(ErrStoreAway, "append")
	err := b.Append(t.Context(), []Raw{{ID: 1}})
	require.ErrorIs(t, err, ErrStoreAway)
	assert.Zero(t, b.meter.received.Load())
}

// die has a process end as by SIGKILL: nothing of it reaches the table.
func (b *bench) die() { b.store.fails(ErrStoreAway, "all") }

// A killer ends its process each time; whatever ran beside it is innocent.
func TestAnUpdateThatKillsTheProcessIsSetAsideAndItsNeighboursAreNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tb := &table{}
		died := make(chan struct{})
		deaths := 0
		for process := 0; tb.count("waiting") > 0 || process == 0; process++ {
			require.Less(t, process, 6, "it must come to an end")
			b := newBench(tb)
			if process == 0 {
				for i := range 20 {
					b.receive(t, fmt.Sprintf("key%d/%d", i, i))
				}
			}
			for i := range 20 {
				b.handles[strconv.Itoa(i)] = func(context.Context) error { <-died; return nil }
			}
			b.handles["7"] = func(context.Context) error {
				deaths++
				b.die()
				if deaths == 1 {
					close(died)
				}
				return errors.New("no commit")
			}
			b.start(t)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			b.stopNow(t)
		}
		assert.Equal(t, 3, deaths)
		assert.Equal(t, 19, tb.count("handled"))
		assert.Equal(t, "dead", tb.get(8).state)
		assert.Equal(t, errDied.Error(), tb.get(8).reason)
		for i := range int64(20) {
			if i != 7 {
				assert.LessOrEqual(t, tb.get(i+1).Attempt, 2, "update %d", i+1)
			}
		}
	})
}

// Processes that die as they start, whatever they do, must not have the update
// that is the first in each of them set aside.
func TestProcessesThatDieAsTheyStartSetNothingAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tb := &table{}
		tries := 0
		for process := range 30 {
			b := newBench(tb)
			if process == 0 {
				b.receive(t, "a/first", "a/its second", "b/other")
			}
			for _, name := range []string{"first", "its second", "other"} {
				b.handles[name] = func(context.Context) error {
					tries++
					b.die()
					return errors.New("no commit")
				}
			}
			b.start(t)
			synctest.Wait() // a second has not passed
			b.stopNow(t)
		}
		assert.Equal(t, 3, tb.count("waiting"))
		assert.Equal(t, 3, tries, "the one that died first, then each of the two heads alone")

		b := newBench(tb)
		b.start(t)
		synctest.Wait()
		assert.Zero(t, tb.count("handled"), "the suspects wait")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 3, tb.count("handled"))
		assert.Less(t, slices.Index(b.tries, "first@2"), slices.Index(b.tries, "its second@2"), "in order")
	})
}

func TestWhatADeadProcessClaimedRunsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.receive(t, "a/1", "b/2", "c/3", "d/4")
		b.table().rows[1].Attempt = 1
		release := make(chan struct{})
		running, most := 0, 0
		for _, name := range []string{"1", "2", "3", "4"} {
			b.handles[name] = func(context.Context) error {
				b.mu.Lock()
				running++
				if name == "2" {
					most = running
				}
				b.mu.Unlock()
				release <- struct{}{}
				b.mu.Lock()
				running--
				b.mu.Unlock()
				return nil
			}
		}
		b.start(t)
		synctest.Wait()
		assert.Equal(t, []string{"1@0"}, b.tries, "the suspect waits until nothing runs")
		<-release
		synctest.Wait()
		assert.Equal(t, []string{"1@0", "2@0"}, b.tries, "and nothing runs beside it")
		<-release
		<-release
		<-release
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 1, most)
		assert.Equal(t, 4, b.table().count("handled"))
	})
}
