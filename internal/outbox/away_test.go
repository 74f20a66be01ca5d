package outbox

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAllWaitForAStoreThatCannotBeClaimedFrom(t *testing.T) {
	t.Parallel()
	for name, ops := range map[string][]string{
		"written": {"claim"}, "read or written": {"claim", "waiting", "reclaim", "finish", "retry"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(b *bench) {
				t := b.t
				b.start(t)
				synctest.Wait()
				b.store.fails(ErrStoreAway, ops...)
				for _, lane := range []string{"a", "b", "c", "d"} {
					b.put(say(lane+"1", 1, lane, 0), say(lane+"2", 1, lane, 0))
				}
				time.Sleep(2 * time.Minute)
				assert.Empty(t, b.tried())
				assert.LessOrEqual(t, b.gate.asked(1), 300, "the chat's slots are not used up meanwhile")
				assert.LessOrEqual(t, b.store.callsOf("claim")+b.store.callsOf("waiting"), 300)
				b.store.fails(nil)
				time.Sleep(time.Second)
				b.stopNow(t)
				assert.Len(t, b.tried(), 8)
				assert.Equal(t, 8, b.store.count("done"))
				assert.Equal(t, 1, b.store.get(1).Attempt)
				assert.GreaterOrEqual(t, b.logged("all jobs wait"), 2)
				assert.LessOrEqual(t, b.logged("all jobs wait"), 4, "once a minute, of each of its two faults")
				assert.Equal(t, 1, b.logged("carried out again"))
				assert.Zero(t, b.gate.under[1])
			})
		})
	}
}

// The probe that finds the store back may be a long one: the others do not
// wait for its end.
func TestOneSlowJobDoesNotHoldTheOthersWhenTheStoreIsBack(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.start(t)
		synctest.Wait()
		b.store.fails(ErrStoreAway, "claim")
		b.on("slow", func(context.Context, Job) Outcome { time.Sleep(time.Minute); return Done(nil) })
		b.put(say("slow", 1, "a", 0), say("quick", 2, "b", 0))
		time.Sleep(3 * time.Second)
		b.store.fails(nil)
		time.Sleep(time.Second)
		assert.Len(t, b.triesOf("slow"), 1)
		assert.Len(t, b.triesOf("quick"), 1)
		b.stopNow(t)
	})
}

// What was sent while the store was away, even for longer than a lease, is
// recorded when it is back, and not sent again.
func TestWhatWasSentIsRecordedWhenTheStoreIsBack(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		recorded := 0
		b.on("report", func(context.Context, Job) Outcome {
			b.store.fails(ErrStoreAway, "claim", "waiting", "reclaim", "finish", "retry", "bury", "renew")
			return Done(func(context.Context) error { recorded++; return nil })
		})
		b.on("question", func(context.Context, Job) Outcome {
			time.Sleep(3 * lease) // its lease cannot be renewed, either
			if len(b.triesOf("question")) == 2 {
				return Done(nil)
			}
			return Unknown(errBroken)
		})
		b.put(say("report", 1, "a", 0), say("question", 2, "b", 0))
		b.start(t)
		time.Sleep(10*lease + time.Second/4)
		assert.Zero(t, recorded)
		b.store.fails(nil)
		time.Sleep(5 * time.Minute)
		b.stopNow(t)
		assert.Equal(t, []string{"0"}, b.triesOf("report"))
		assert.Equal(t, 1, recorded)
		assert.Equal(t, "done", b.store.get(1).state)
		assert.Equal(t, []string{"0", "600.5"}, b.triesOf("question"))
		assert.EqualValues(t, 1, b.resent.Load(), "it counts once, however long it took to record")
	})
}

func TestALongJobKeepsItsLease(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.on("long", func(context.Context, Job) Outcome { time.Sleep(10 * lease); return Done(nil) })
		b.put(say("long", 1, "a", 0))
		b.start(t)
		for range 10*60 - 1 {
			time.Sleep(time.Second)
			assert.True(t, b.store.get(1).leasedUntil.After(time.Now()))
		}
		time.Sleep(2 * time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"long@0"}, b.tried())
		assert.Equal(t, "done", b.store.get(1).state)
		assert.InDelta(t, 30, b.store.callsOf("renew"), 1)
	})
}

func TestALeaseThatCannotBeRenewedIsLoggedAndLostOnesAreLeft(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.on("long", func(context.Context, Job) Outcome {
			b.store.fails(ErrLost, "renew")
			time.Sleep(5 * lease)
			return Done(nil)
		})
		b.put(say("long", 1, "a", 0))
		b.start(t)
		time.Sleep(6 * lease)
		b.stopNow(t)
		assert.Equal(t, 1, b.store.callsOf("renew"))
		assert.Equal(t, 1, b.logged("lease not renewed"))
	})
}

func TestWhatADeadProcessHadLeasedIsCarriedOutAtTheStart(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		leased := say("leased", 1, "a", 0)
		leased.state, leased.Attempt, leased.leasedUntil = "leased", 1, time.Now().Add(lease)
		b.store.insert(leased)
		b.store.insert(say("behind", 1, "a", 0))
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, []string{"leased@0", "behind@0"}, b.tried())
		assert.EqualValues(t, 1, b.resent.Load())
	})
}

// A claim whose answer was lost leaves the row leased to nobody.
func TestARowThatWasLostTrackOfIsFoundAgain(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.start(t)
		synctest.Wait()
		lost := say("lost", 1, "a", 0)
		lost.state, lost.Attempt, lost.leasedUntil = "leased", 1, time.Now().Add(lease)
		b.store.insert(lost)
		b.put(say("other", 1, "b", 0))
		time.Sleep(lease + 2*rescan)
		b.stopNow(t)
		assert.Equal(t, []string{"other@0", "lost@90"}, b.tried())
		assert.EqualValues(t, 1, b.resent.Load())
	})
}

func TestRowsThatNobodyAnnouncedAreFound(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.start(t)
		synctest.Wait()
		for range 3*page + 1 { // more than a page: they are read by and by
			b.store.insert(say("silent", 1, "a", 0))
		}
		time.Sleep(rescan + time.Second)
		b.stopNow(t)
		assert.Len(t, b.tried(), 3*page+1)
		assert.Equal(t, 1+4, b.store.callsOf("waiting"))
	})
}

// Reading the store again goes page by page: what comes meanwhile goes out
// between two of them.
func TestReadingMuchAgainHoldsNobodyUp(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.gate.rules[-7] = never
		for i := range 5 * page {
			b.store.insert(say("card", -7, strconv.Itoa(i), 1))
		}
		var waited []int // answers that were not out when a page was read
		b.store.onPage = func(after int64) {
			if time.Since(b.begun) == 0 {
				return
			}
			if after == 0 {
				b.put(say("answer", 1, "chat:1", 0))
			}
			time.Sleep(time.Second) // a slow disk
			waited = append(waited, 1-len(b.tried()))
		}
		b.start(t)
		time.Sleep(rescan + 20*time.Second)
		b.stopNow(t)
		assert.Equal(t, []int{1, 1, 0, 0, 0, 0}, waited, "it waits for a page at most")
	})
}

func TestARowThatAnotherTookIsForgotten(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		ghost := say("ghost", 1, "a", 0)
		ghost.state = "done"
		b.put(ghost, say("behind", 1, "a", 0))
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, []string{"behind@0"}, b.tried())
		assert.Zero(t, b.gate.under[1])
	})
}

func TestFinishedRowsAreForgottenAfterAWeek(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.start(t)
		time.Sleep(time.Hour + time.Second)
		b.store.fails(ErrStoreAway, "prune")
		time.Sleep(time.Hour)
		b.stopNow(t)
		assert.Equal(t, b.begun.Add(2*time.Hour-7*24*time.Hour), b.store.pruned)
		assert.Equal(t, 1, b.logged("could not prune"))
	})
}
