package inbox

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// putBack has a dead update wait again, as an operator does.
func (b *bench) putBack(id int64) {
	b.table().mu.Lock()
	r := b.store.rows[id-1]
	r.state, r.reason, r.Attempt = "waiting", "", 0
	b.table().mu.Unlock()
	b.Look(id)
}

func TestAnUpdateThatWasPutBackIsHandledInItsKeysOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		broken := true
		b.handles["1"] = func(context.Context) error {
			if broken {
				return errBroken
			}
			return nil
		}
		gate := make(chan struct{})
		b.handles["3"] = func(context.Context) error { <-gate; return nil }
		b.receive(t, "k/1", "other/2")
		b.start(t)
		time.Sleep(10 * time.Second)
		assert.Equal(t, "dead", b.table().get(1).state)
		b.receive(t, "k/3", "k/4", "k/5") // the first of which is being handled
		synctest.Wait()
		broken = false
		b.putBack(1)
		b.Look(1) // said twice, and of one that waits anyway
		b.Look(4)
		synctest.Wait()
		close(gate)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, []string{"3", "1", "4", "5"}, b.lastTries("1", "3", "4", "5"), "behind the one whose turn it was, before the newer ones")
		assert.Equal(t, 5, b.table().count("handled"))
		assert.Len(t, b.triesOf("1"), 4, "three before, one after")
		assert.Len(t, b.triesOf("4"), 1)
	})
}

func TestAnUpdateThatWasPutBackWaitsForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(&table{})
		broken := true
		b.handles["1"] = func(context.Context) error {
			if broken {
				return errBroken
			}
			return nil
		}
		b.receive(t, "k/1")
		b.start(t)
		time.Sleep(10 * time.Second)
		b.receive(t, "k/2")
		synctest.Wait()
		broken = false
		b.store.fails(ErrStoreAway, "pending")
		b.putBack(1)
		time.Sleep(5 * time.Second)
		assert.Equal(t, "waiting", b.table().get(1).state)
		b.store.fails(nil)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 2, b.table().count("handled"))
	})
}
