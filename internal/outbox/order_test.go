package outbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

var errBroken = errors.New("broken")

// bubble runs a test in fake time.
func bubble(t *testing.T, test func(b *bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.t = t
		test(b)
	})
}

func TestALaneGoesInOrderOneAtATime(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		running := map[string]bool{}
		for i := range 60 {
			lane := fmt.Sprintf("lane%d", i%3)
			name := fmt.Sprintf("%s-%02d", lane, i)
			b.on(name, func(context.Context, Job) Outcome {
				b.mu.Lock()
				assert.False(t, running[lane], "two of a lane at once")
				running[lane] = true
				b.mu.Unlock()
				time.Sleep(time.Second)
				b.mu.Lock()
				running[lane] = false
				b.mu.Unlock()
				return Done(nil)
			})
			b.put(say(name, 1, lane, i%4)) // urgency does not break a lane
		}
		b.start(t)
		time.Sleep(time.Minute)
		b.stopNow(t)
		last := map[string]string{}
		for _, try := range b.tried() {
			lane, _, _ := strings.Cut(try, "-")
			assert.Less(t, last[lane], try)
			last[lane] = try
		}
		assert.Equal(t, 60, b.store.count("done"))
		assert.Contains(t, b.tried(), "lane0-57@19", "three lanes took no longer than one")
	})
}

func TestLanesGoInParallel(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		var all sync.WaitGroup
		all.Add(usualAtOnce)
		for i := range usualAtOnce {
			name := fmt.Sprintf("job%d", i)
			b.on(name, func(context.Context, Job) Outcome { all.Done(); all.Wait(); return Done(nil) })
			b.put(say(name, int64(1+i%5), name, 0))
		}
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, usualAtOnce, b.store.count("done"))
	})
}

func TestTheUrgentGoFirstWithinAChat(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.gate.rules[-7] = everySecond()
		b.put(say("first", -7, "a", 2)) // takes the second's slot
		b.start(t)
		synctest.Wait()
		b.put(say("edit1", -7, "b", 2), say("card1", -7, "c", 1), say("edit2", -7, "d", 2),
			say("card2", -7, "e", 1), say("answer", -7, "f", 0))
		time.Sleep(10 * time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"first@0", "answer@1", "card1@2", "card2@3", "edit1@4", "edit2@5"}, b.tried())
	})
}

func TestTheUrgentGoFirstAcrossChats(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.gate.rules[0] = everySecond() // the limit of all chats together
		b.put(say("first", 1, "a", 0))
		b.start(t)
		synctest.Wait()
		b.put(say("card", -7, "b", 1), say("edit", -7, "c", 2), say("answer2", 2, "d", 0), say("answer3", 3, "e", 0))
		time.Sleep(500 * time.Millisecond)
		b.put(say("answer4", 4, "f", 0))
		time.Sleep(10 * time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"first@0", "answer2@1", "answer3@2", "answer4@3", "card@4", "edit@5"}, b.tried())
	})
}

func TestASlotThatIsGivenBackIsTakenAtOnce(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.gate.rules[-7] = func(time.Time) time.Duration {
			if b.gate.under[-7] >= 2 { // until an answer comes nobody knows when there is room
				return time.Hour
			}
			return 0
		}
		for i := range 6 {
			name := strconv.Itoa(i)
			b.on(name, func(context.Context, Job) Outcome { time.Sleep(time.Second); return Done(nil) })
			b.put(say(name, -7, name, 1))
		}
		b.start(t)
		time.Sleep(10 * time.Second)
		b.stopNow(t)
		assert.Len(t, b.tried(), 6)
		assert.Equal(t, []string{"2"}, b.triesOf("5"))
	})
}

func TestABlockedChatHoldsNoOther(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.gate.rules[-7] = never
		b.put(say("held", -7, "ticket:1", 0), say("other group", -8, "ticket:1", 1), say("owner", 5, "chat:5", 2))
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.ElementsMatch(t, []string{"other group@0", "owner@0"}, b.tried())
		assert.Equal(t, 1, b.store.count("waiting"))
	})
}

func TestARetryKeepsTheLanesOrder(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.on("shaky", func(context.Context, Job) Outcome {
			if len(b.triesOf("shaky")) < 3 {
				return Later(errBroken, 2*time.Second)
			}
			return Done(nil)
		})
		b.put(say("shaky", 1, "a", 0), say("behind", 1, "a", 0), say("beside", 1, "b", 0))
		b.start(t)
		time.Sleep(10 * time.Second)
		b.stopNow(t)
		assert.ElementsMatch(t, []string{"shaky@0", "beside@0", "shaky@2", "shaky@4", "behind@4"}, b.tried())
		assert.Equal(t, []string{"4"}, b.triesOf("behind"))
	})
}

func TestARowWaitsForItsTime(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		late := say("late", 1, "a", 0)
		late.RunAt = time.Now().Add(5 * time.Second)
		b.put(late, say("behind", 1, "a", 0), say("beside", 1, "b", 0))
		b.start(t)
		time.Sleep(10 * time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"beside@0", "late@5", "behind@5"}, b.tried())
	})
}

func TestRowsAnnouncedOutOfOrderStillGoInOrder(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.gate.rules[1] = everySecond()
		b.put(say("first", 1, "x", 0))
		b.start(t)
		synctest.Wait()
		third, second := say("third", 1, "a", 0), say("second", 1, "a", 0)
		third.ID, second.ID = 30, 20
		b.put(third)
		synctest.Wait()
		b.put(second)
		time.Sleep(5 * time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"first@0", "second@1", "third@2"}, b.tried())
	})
}

// A row that is announced while the start still reads older ones of its lane
// does not overtake them.
func TestNothingBeginsBeforeTheStoreWasReadWhole(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		for range 2*page + 10 {
			b.store.insert(say("x", 1, "x", 1))
		}
		b.store.insert(say("older", 2, "a", 0))
		b.put(say("newer", 2, "a", 0))
		b.store.fails(ErrStoreAway, "waiting")
		b.gate.rules[1] = never
		b.start(t)
		time.Sleep(1200 * time.Millisecond)
		assert.Empty(t, b.tried())
		b.store.fails(nil)
		time.Sleep(time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"older@1.5", "newer@1.5"}, b.tried())
		assert.Equal(t, 1, b.logged("all jobs wait"))
		assert.Equal(t, 1, b.logged("carried out again"))
	})
}

func TestKindsWithoutAChatAreBounded(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		release := make(chan struct{})
		for i := range 50 {
			for _, kind := range []string{"check", "hook"} {
				name := fmt.Sprintf("%s%d", kind, i)
				b.on(name, func(context.Context, Job) Outcome { <-release; return Done(nil) })
				b.put(row{Job: Job{Head: Head{Kind: kind, Lane: name, Urgency: 3}, Payload: []byte(name)}})
			}
		}
		b.start(t)
		synctest.Wait()
		at := func(kind string) (n int) {
			for _, try := range b.tried() {
				if strings.HasPrefix(try, kind) {
					n++
				}
			}
			return n
		}
		assert.Equal(t, 2, at("check"))
		assert.Equal(t, defaultParallel, at("hook"))
		b.put(say("owner", 1, "chat:1", 0))
		synctest.Wait()
		assert.Equal(t, []string{"0"}, b.triesOf("owner"), "there is room for people")
		close(release)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 101, b.store.count("done"))
	})
}

// With every place taken, what becomes due must wait, not spin: in fake time a
// loop that never blocks would hang the test.
func TestDueRowsWaitQuietlyWhileAllPlacesAreTaken(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		for i := range usualAtOnce {
			name := fmt.Sprintf("slow%d", i)
			b.on(name, func(context.Context, Job) Outcome { time.Sleep(10 * time.Second); return Done(nil) })
			b.put(say(name, 1, name, 0))
		}
		due := say("due", 2, "due", 0)
		due.RunAt = time.Now().Add(time.Second)
		b.put(due)
		b.start(t)
		time.Sleep(15 * time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"10"}, b.triesOf("due"))
	})
}

func TestBackoffStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempt := rapid.IntRange(-5, 10_000).Draw(t, "attempt")
		base := 30 * time.Second
		for i, d := range []string{"500ms", "1s", "2s", "4s", "8s", "16s"} {
			if max(attempt, 1) == i+1 {
				base, _ = time.ParseDuration(d)
			}
		}
		got := Backoff(attempt)
		assert.GreaterOrEqual(t, got, base*8/10)
		assert.LessOrEqual(t, got, base*12/10)
	})
}
