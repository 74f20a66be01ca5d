package outbox

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// under counts the messages that are under way.
func (b *bench) under() (n int) {
	b.gate.mu.Lock()
	defer b.gate.mu.Unlock()
	for _, count := range b.gate.under {
		n += count
	}
	return n
}

// sends has so many messages wait, to a chat each, that take some time.
func (b *bench) sends(n int, takes time.Duration) {
	for i := range n {
		name := fmt.Sprintf("message%d", i)
		b.on(name, func(context.Context, Job) Outcome { time.Sleep(takes); return Done(nil) })
		b.put(say(name, int64(1+i), name, 0))
	}
}

func TestAYoungProcessSendsFewAtOnce(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.adult = false
		b.sends(2700, 20*time.Millisecond)
		b.start(t)
		synctest.Wait()
		assert.Equal(t, 1, b.under(), "what dies now is sent twice")
		widest := 0
		for b.store.count("done") < 2700 {
			time.Sleep(time.Millisecond)
			synctest.Wait()
			done, lived := b.store.count("done"), time.Since(b.begun)
			widest = max(widest, b.under())
			assert.LessOrEqual(t, b.under(), 1+done*done/(widenBy*widenBy)+int(lived/widenEvery))
		}
		assert.Equal(t, usualAtOnce, widest)
		assert.Less(t, time.Since(b.begun), 3*time.Second, "it grows up fast")
		b.stopNow(t)
		b.start(t)
		b.sends(100, time.Hour)
		synctest.Wait()
		assert.Equal(t, 1, b.under(), "each start is one")
		b.stopNow(t)
	})
}

func TestAYoungProcessThatHearsNoAnswerGrowsAllTheSame(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.adult = false
		b.sends(100, time.Hour)
		b.start(t)
		for second := range usualAtOnce {
			synctest.Wait()
			assert.Equal(t, 1+second, b.under())
			time.Sleep(widenEvery)
		}
		synctest.Wait()
		assert.Equal(t, usualAtOnce, b.under())
		b.stopNow(t)
	})
}

func TestWhatIsNoMessageDoesNotWaitForAYoungProcess(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.adult = false
		b.sends(2, time.Hour)
		for i := range 3 {
			name := fmt.Sprintf("hook%d", i)
			b.put(row{Job: Job{Head: Head{Kind: "hook", Lane: name, Urgency: 3}, Payload: []byte(name)}})
		}
		b.start(t)
		synctest.Wait()
		assert.ElementsMatch(t, []string{"message0@0", "hook0@0", "hook1@0", "hook2@0"}, b.tried())
		b.stopNow(t)
	})
}
