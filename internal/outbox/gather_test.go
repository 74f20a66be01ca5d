package outbox

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

const flooded = int64(-7)

// card is a row that may be gathered with others.
func card(i int) row {
	name := "card" + strconv.Itoa(i)
	r := say(name, flooded, name, 2)
	r.Kind, r.Gather = "card", "topic:0"
	return r
}

// crowd is a bench where cards are gathered, and the gatherings that there were.
type crowd struct {
	*bench
	mu       sync.Mutex
	together []string // "name…@seconds", as they began
	outcome  func(jobs []Job) Outcome
}

func crowded(t *testing.T, test func(c *crowd)) {
	t.Helper()
	bubble(t, func(b *bench) {
		c := &crowd{bench: b, outcome: func([]Job) Outcome { return Done(nil) }}
		b.Kinds["card"] = Kind{Handler: HandlerFunc(b.handle), Gather: &Gathering{Handle: c.gathered, Least: 3, Most: 30}}
		test(c)
	})
}

func (c *crowd) gathered(_ context.Context, jobs []Job) Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.together = append(c.together, fmt.Sprintf("%d from %s@%g", len(jobs), jobs[0].Payload, time.Since(c.begun).Seconds()))
	return c.outcome(jobs)
}

func (c *crowd) gatherings() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.together
}

func (c *crowd) puts(from, to int) {
	for i := from; i <= to; i++ {
		c.put(card(i))
	}
}

func TestWhatTheLimitWouldHoldBackIsCarriedOutAsOne(t *testing.T) {
	crowded(t, func(c *crowd) {
		c.gate.rooms[flooded] = 2
		c.gate.rules[flooded] = everySecond()
		c.start(c.t)
		synctest.Wait()
		c.puts(1, 40)
		synctest.Wait()
		c.put(say("owner", 5, "chat:5", 0), say("answer", flooded, "user:9", 1))
		time.Sleep(5 * time.Second)
		c.stopNow(c.t)
		assert.Equal(c.t, []string{"30 from card1@0"}, c.gatherings()[:1])
		assert.Equal(c.t, []string{"0"}, c.triesOf("owner"))
		assert.Equal(c.t, []string{"1"}, c.triesOf("answer"), "before the cards that are left")
		assert.Equal(c.t, "10 from card31@2", c.gatherings()[1])
		assert.Equal(c.t, 42, c.store.count("done"))
	})
}

func TestAFewGoOneByOneThoughTheLimitHoldsThemBack(t *testing.T) {
	crowded(t, func(c *crowd) {
		c.gate.rooms[flooded] = 0
		c.gate.rules[flooded] = everySecond()
		c.puts(1, 2)
		c.start(c.t)
		time.Sleep(5 * time.Second)
		c.stopNow(c.t)
		assert.Empty(c.t, c.gatherings())
		assert.Equal(c.t, []string{"card1@0", "card2@1"}, c.tried())
	})
}

func TestWithRoomForAllEachGoesAlone(t *testing.T) {
	crowded(t, func(c *crowd) {
		c.gate.rooms[flooded] = 10
		c.puts(1, 9)
		c.start(c.t)
		synctest.Wait()
		c.stopNow(c.t)
		assert.Empty(c.t, c.gatherings())
		assert.Len(c.t, c.tried(), 9)
	})
}

// What could not be sent together is tried together again, with those that came
// meanwhile; what is under way takes nothing in.
func TestWhatWasGatheredComesAgainTogether(t *testing.T) {
	for name, tc := range map[string]struct {
		out    Outcome
		resent int32
	}{
		"not sent":     {Later(errBroken, 3*time.Second), 0},
		"nobody knows": {Outcome{verdict: unknown, err: errBroken, after: 3 * time.Second}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			crowded(t, func(c *crowd) {
				c.gate.rooms[flooded] = 0
				c.outcome = func([]Job) Outcome {
					if len(c.together) == 1 {
						return tc.out
					}
					return Done(nil)
				}
				c.puts(1, 20)
				c.start(c.t)
				time.Sleep(2 * time.Second)
				assert.Equal(c.t, 20, c.store.count("waiting"))
				c.gate.rules[flooded] = func(time.Time) time.Duration { return time.Until(c.begun.Add(4 * time.Second)) }
				c.puts(21, 24)
				time.Sleep(5 * time.Second)
				c.stopNow(c.t)
				assert.Equal(c.t, []string{"20 from card1@0", "24 from card1@4"}, c.gatherings())
				assert.Equal(c.t, 24, c.store.count("done"))
				assert.Equal(c.t, tc.resent, c.resent.Load(), "one message")
			})
		})
	}
}

// One of thirty that breaks whatever is made of it takes no other with it.
func TestWhatFailsTogetherIsTriedOneByOne(t *testing.T) {
	for name, out := range map[string]Outcome{
		"failed": Failed(errBroken), "refused": Dead(errBroken, nil),
	} {
		t.Run(name, func(t *testing.T) {
			crowded(t, func(c *crowd) {
				c.gate.rooms[flooded] = 0
				c.outcome = func([]Job) Outcome { return out }
				c.on("card3", func(context.Context, Job) Outcome { return Dead(errBroken, nil) })
				c.puts(1, 5)
				c.start(c.t)
				time.Sleep(5 * time.Second)
				c.stopNow(c.t)
				assert.Len(c.t, c.gatherings(), 1)
				assert.Equal(c.t, 4, c.store.count("done"))
				assert.Equal(c.t, 1, c.store.count("dead"))
			})
		})
	}
}

func TestAPanicAmongManyIsAFailureOfThemTogether(t *testing.T) {
	crowded(t, func(c *crowd) {
		c.gate.rooms[flooded] = 0
		c.outcome = func([]Job) Outcome { panic("x") }
		c.puts(1, 5)
		c.start(c.t)
		time.Sleep(5 * time.Second)
		c.stopNow(c.t)
		assert.Equal(c.t, 5, c.store.count("done"))
		assert.Equal(c.t, 1, c.logged("a handler panicked"))
	})
}

func TestTheRecordOfManyIsWrittenOnceWithThem(t *testing.T) {
	crowded(t, func(c *crowd) {
		c.gate.rooms[flooded] = 0
		recorded := 0
		c.outcome = func([]Job) Outcome {
			return Done(func(context.Context) error { recorded++; return nil })
		}
		c.puts(1, 5)
		c.start(c.t)
		synctest.Wait()
		c.stopNow(c.t)
		assert.Equal(c.t, 1, recorded)
		assert.Equal(c.t, 5, c.store.count("done"))
	})
}

func TestTheLeasesOfManyAreRenewed(t *testing.T) {
	crowded(t, func(c *crowd) {
		c.gate.rooms[flooded] = 0
		c.outcome = func([]Job) Outcome { time.Sleep(150 * time.Second); return Done(nil) }
		c.puts(1, 5)
		c.start(c.t)
		time.Sleep(100 * time.Second)
		for id := range int64(5) {
			assert.True(c.t, c.store.get(id+1).leasedUntil.After(time.Now()), "row %d", id+1)
		}
		time.Sleep(100 * time.Second)
		c.stopNow(c.t)
		assert.Len(c.t, c.gatherings(), 1)
		assert.Equal(c.t, 5, c.store.count("done"))
	})
}

// A process that dies with many under way leaves each of them to the next.
func TestWhatWasUnderWayTogetherIsReclaimed(t *testing.T) {
	crowded(t, func(c *crowd) {
		c.gate.rooms[flooded] = 0
		for i := range 6 {
			r := card(i + 1)
			r.state, r.leasedUntil = "leased", time.Now().Add(time.Minute)
			c.store.insert(r)
		}
		c.start(c.t)
		synctest.Wait()
		c.stopNow(c.t)
		assert.Equal(c.t, []string{"6 from card1@0"}, c.gatherings())
		assert.Equal(c.t, 6, c.store.count("done"))
	})
}

// An answer does not wait for the part of the limit that holds cards back.
func TestAnAnswerPassesCardsThatAreHeldBack(t *testing.T) {
	crowded(t, func(c *crowd) {
		c.gate.rooms[flooded], c.gate.kept[flooded] = 0, time.Hour
		c.puts(1, 5)
		c.start(c.t)
		time.Sleep(time.Second)
		c.put(say("answer", flooded, "user:9", 1))
		synctest.Wait()
		assert.Equal(c.t, []string{"answer@1"}, c.tried())
		asked := c.gate.asked(flooded)
		c.puts(6, 9)
		synctest.Wait()
		assert.LessOrEqual(c.t, c.gate.asked(flooded), asked+1, "another card changes nothing")
		c.stopNow(c.t)
		assert.Empty(c.t, c.gatherings())
		assert.Equal(c.t, 9, c.store.count("waiting"))
	})
}
