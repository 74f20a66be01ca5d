package outbox

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestRowsOfAnotherProcessAreCarriedOutAtOnce(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.start(t)
		synctest.Wait()
		insert := func(name string) int64 { return b.store.insert(say(name, 0, name, 0)).ID }
		begun := time.Now()

		insert("silent")
		b.Look(insert("first"))
		b.Look(insert("second"))
		synctest.Wait()
		assert.ElementsMatch(t, []string{"first@0", "second@0"}, b.tried(), "each once, and none before")

		before := insert("more 0")
		for i := 1; i < page+10; i++ {
			insert("more " + strconv.Itoa(i))
		}
		b.Look(before + 5) // they are told of out of order
		b.Look(before)
		b.Look(before + 7)
		synctest.Wait()
		assert.Equal(t, begun, time.Now(), "nothing had to be waited for")
		assert.Len(t, b.tried(), 2+page+10+1, "more than a page has all be looked for")
		b.stopNow(t)
	})
}

func TestRowsOfAnotherProcessWaitForAStoreThatIsAway(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.start(t)
		synctest.Wait()
		b.store.fails(ErrStoreAway, "waiting")
		b.Look(b.store.insert(say("a", 1, "a", 0)).ID)
		time.Sleep(3 * time.Second)
		assert.Empty(t, b.tried())
		b.store.fails(nil)
		time.Sleep(away)
		synctest.Wait()
		assert.Len(t, b.tried(), 1)
		b.stopNow(t)
	})
}
