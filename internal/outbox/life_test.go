package outbox

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

func TestStopWaitsForRunningJobsAndStartGoesOn(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.on("slow", func(ctx context.Context, _ Job) Outcome {
			time.Sleep(5 * time.Second)
			assert.NoError(t, ctx.Err(), "it is not ended early")
			return Done(nil)
		})
		b.put(say("slow", 1, "a", 0), say("behind", 1, "a", 0))
		b.start(t)
		b.start(t) // twice is once
		synctest.Wait()
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, b.Stop(ctx))
		require.NoError(t, b.Stop(ctx), "once more does nothing")
		assert.Equal(t, 5*time.Second, time.Since(begun))
		assert.Equal(t, "done", b.store.get(1).state)
		assert.Equal(t, "waiting", b.store.get(2).state, "nothing new began")

		b.put(say("new", 2, "b", 0))
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 3, b.store.count("done"))
		assert.Zero(t, b.resent.Load())
	})
}

func TestStopEndsRunningJobsAtItsDeadline(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]bool{"with a store": false, "without a store": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(b *bench) {
				t := b.t
				b.on("stuck", func(ctx context.Context, _ Job) Outcome {
					if away {
						b.store.fails(ErrStoreAway, "retry", "finish", "bury")
					}
					<-ctx.Done()
					return Unknown(ctx.Err())
				})
				b.put(say("stuck", 1, "a", 0))
				b.start(t)
				synctest.Wait()
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				require.NoError(t, b.Stop(ctx))
				assert.Equal(t, 10*time.Second, time.Since(begun))

				b.store.fails(nil)
				b.on("stuck", func(context.Context, Job) Outcome { return Done(nil) })
				b.start(t)
				time.Sleep(time.Second)
				b.stopNow(t)
				assert.Equal(t, "done", b.store.get(1).state, "it was in the store")
				assert.Len(t, b.tried(), 2)
			})
		})
	}
}

func TestStartingAndStoppingWhileRowsComeLosesNone(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		for i := range 200 {
			go func() {
				if i%2 == 0 {
					assert.NoError(t, b.Start(t.Context()))
				} else {
					assert.NoError(t, b.Stop(t.Context()))
				}
			}()
			b.put(say(strconv.Itoa(i), int64(1+i%7), strconv.Itoa(i%20), i%4))
		}
		synctest.Wait()
		b.start(t)
		synctest.Wait()
		b.stopNow(t)
		assert.Equal(t, 200, b.store.count("done"))
		assert.Len(t, b.tried(), 200)
	})
}

// However much waits behind one group's limit, an owner's answer takes as many
// steps as if nothing waited.
func TestAHundredThousandBlockedRowsSlowNoOwner(t *testing.T) {
	t.Parallel()
	steps := func(rows int) (admits, claims int) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.gate.rules[-7] = never
			heads := make([]Head, rows)
			for i := range heads {
				heads[i] = Head{ID: int64(1000 + i), Kind: "say", Lane: fmt.Sprint("ticket:", i), Chat: -7, Urgency: 1}
			}
			b.start(t)
			synctest.Wait()
			b.Announce(heads)
			synctest.Wait()
			before, claimed := b.gate.asked(-7), b.store.callsOf("claim")
			for i := range 100 {
				b.put(say("answer", int64(1+i), fmt.Sprint("chat:", i), 0))
				synctest.Wait()
			}
			require.Len(t, b.tried(), 100)
			b.stopNow(t)
			admits = b.gate.asked(-7) - before
			for chat := range int64(100) {
				admits += b.gate.asked(1 + chat)
			}
			claims = b.store.callsOf("claim") - claimed
		})
		return admits, claims
	}
	few, fewClaims := steps(1)
	many, manyClaims := steps(100_000)
	assert.Equal(t, few, many)
	assert.Equal(t, fewClaims, manyClaims)
	assert.Equal(t, 100, many, "one question an answer")
}
