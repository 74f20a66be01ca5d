package inbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errBroken = errors.New("broken")

func TestUpdatesOfOneKeyAreHandledInOrderOfArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		var texts []string
		for i := range 200 {
			texts = append(texts, fmt.Sprintf("key%d/%d", i%5, i))
		}
		b.receive(t, texts...)
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		last := map[int]int{}
		for _, try := range b.tries {
			var n int
			_, err := fmt.Sscanf(try, "%d@", &n)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, n, last[n%5], "of key %d", n%5)
			last[n%5] = n
		}
		assert.Len(t, b.tries, 200)
		assert.EqualValues(t, 200, b.meter.handled.Load())
		assert.EqualValues(t, 200, b.meter.received.Load())
	})
}

func TestKeysGoInParallel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		var all sync.WaitGroup
		all.Add(maxRunning)
		for i := range maxRunning {
			name := strconv.Itoa(i)
			b.handles[name] = func(context.Context) error { // waits until every key is being handled
				all.Done()
				all.Wait()
				return nil
			}
			b.receive(t, "key"+name+"/"+name)
		}
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, maxRunning, b.table().count("handled"))
	})
}

func TestIDsMayJumpToLowerOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.start(t)
		require.NoError(t, b.Append(t.Context(), []Raw{
			{ID: 900, Body: []byte("k/first")}, {ID: 901, Body: []byte("k/second")},
		}))
		synctest.Wait()
		require.NoError(t, b.Append(t.Context(), []Raw{
			{ID: 5, Body: []byte("k/third")}, {ID: 901, Body: []byte("k/again")}, {ID: 6, Body: []byte("k/fourth")},
		}))
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, []string{"first@0", "second@0", "third@0", "fourth@0"}, b.tries)
		assert.EqualValues(t, 4, b.meter.received.Load(), "one came twice")
	})
}

func TestAFailingUpdateHoldsItsKeyForThreeTries(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(context.Context) error{
		"an error": func(context.Context) error { return errBroken },
		"a panic":  func(context.Context) error { panic("secret") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(&table{})
				b.handles["bad"] = broken
				b.receive(t, "k/bad", "k/behind", "other/beside")
				b.start(t)
				time.Sleep(10 * time.Second)
				synctest.Wait()
				b.stopNow(t)
				assert.Equal(t, []string{"0", "0.5", "2.5"}, b.triesOf("bad"))
				assert.Equal(t, []string{"2.5"}, b.triesOf("behind"), "the key moves on")
				assert.Equal(t, []string{"0"}, b.triesOf("beside"), "no other key waits")
				assert.Equal(t, []string{"bad"}, b.told)
				assert.Equal(t, "dead", b.table().get(1).state)
				assert.NotEmpty(t, b.table().get(1).reason)
				assert.EqualValues(t, 2, b.meter.retried.Load())
				assert.EqualValues(t, 1, b.meter.aside.Load())
				assert.Zero(t, b.logged("secret"), "what panicked may be somebody's text")
			})
		})
	}
}

func TestASecondTryMayHelp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.handles["shaky"] = func(context.Context) error {
			if len(b.triesOf("shaky")) == 1 {
				return errBroken
			}
			return nil
		}
		b.receive(t, "k/shaky", "k/behind")
		b.start(t)
		time.Sleep(time.Second)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, []string{"shaky@0", "shaky@0.5", "behind@0.5"}, b.tries)
		assert.Zero(t, b.meter.aside.Load())
	})
}

func TestAnUpdateThatDoesNotRouteIsSetAsideAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.routes["garbled"] = func() Route { return Route{Err: errBroken} }
		b.routes["strange"] = func() Route { return Route{Key: "k", Err: errBroken, Tell: b.tell("strange")} }
		b.routes["explosive"] = func() Route { panic("no such variant") }
		b.routes["idle"] = func() Route { return Route{Key: "k"} }
		b.receive(t, "k/a", "k/garbled", "k/strange", "k/explosive", "k/idle", "k/b")
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, []string{"a@0", "b@0"}, b.tries)
		assert.Equal(t, 3, b.table().count("dead"))
		assert.Equal(t, 3, b.table().count("handled"), "one of them with nothing to do")
		assert.Equal(t, []string{"strange"}, b.told)
		assert.EqualValues(t, 3, b.meter.aside.Load())
		assert.Zero(t, b.meter.retried.Load())
	})
}

func TestUpdatesThatDoNotRouteWaitForNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		release := make(chan struct{})
		b.routes["stuck"] = func() Route {
			return Route{Err: errBroken, Tell: func(context.Context) error { <-release; return nil }}
		}
		b.routes["garbled"] = func() Route { return Route{Err: errBroken} }
		b.receive(t, "k/stuck", "k/garbled")
		b.start(t)
		synctest.Wait()
		assert.Equal(t, "waiting", b.table().get(1).state)
		assert.Equal(t, "dead", b.table().get(2).state)
		close(release)
		b.stopNow(t)
	})
}

func TestAnUpdateIsSetAsideThoughItsPersonCannotBeTold(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(context.Context) error{
		"an error": func(context.Context) error { return errBroken },
		"a panic":  func(context.Context) error { panic("at the disco") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(&table{})
				b.routes["bad"] = func() Route { return Route{Key: "k", Err: errBroken, Tell: tell} }
				b.receive(t, "k/bad", "k/behind")
				b.start(t)
				synctest.Wait()
				b.stopNow(t)
				assert.Equal(t, errBroken.Error(), b.table().get(1).reason)
				assert.Equal(t, []string{"behind@0"}, b.tries)
			})
		})
	}
}

func TestAnUpdateThatCannotEvenBeSetAsideKeepsItsReason(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		b.handles["bad"] = func(context.Context) error { return errBroken }
		b.store.fails(errors.New("constraint"), "set aside")
		b.receive(t, "k/bad")
		b.start(t)
		time.Sleep(3 * time.Second)
		b.store.fails(nil)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		b.stopNow(t)
		assert.Len(t, b.triesOf("bad"), 3)
		assert.Equal(t, "dead", b.table().get(1).state)
		assert.Contains(t, b.table().get(1).reason, "constraint")
	})
}
