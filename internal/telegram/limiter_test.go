package telegram

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const ms = time.Millisecond

// at is a moment of a test, counted from its beginning.
func at(d time.Duration) time.Time { return epoch.Add(d) }

// send admits and is answered in the same moment.
func send(t *testing.T, l *Limiter, chat int64, d time.Duration) {
	t.Helper()
	require.Zero(t, l.Admit(chat, at(d)))
	l.Release(chat, at(d))
}

func TestAPersonGetsThreeInThreeSeconds(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	for _, d := range []time.Duration{0, 500 * ms, 900 * ms} {
		send(t, l, 5, d)
	}
	assert.Equal(t, 2000*ms, l.Admit(5, at(1000*ms)))
	assert.Zero(t, l.Admit(6, at(1000*ms)), "others do not wait")
	send(t, l, 5, 3000*ms)
	assert.Equal(t, 400*ms, l.Admit(5, at(3100*ms)))
}

func TestAGroupGetsTwentyAMinute(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	for i := range 20 {
		send(t, l, -5, time.Duration(i)*100*ms)
	}
	assert.Equal(t, 58*time.Second, l.Admit(-5, at(2*time.Second)))
	send(t, l, -5, 60*time.Second)
	assert.Equal(t, 100*ms, l.Admit(-5, at(60*time.Second)))
}

func TestThirtyASecondOverall(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	for i := range int64(30) {
		send(t, l, 1+i, time.Duration(i)*10*ms)
	}
	assert.Equal(t, 700*ms, l.Admit(100, at(300*ms)))
	assert.Equal(t, 1*ms, l.Admit(-100, at(999*ms)))
	send(t, l, 100, 1000*ms)
}

func TestASlotIsHeldFromTheStartAndFreedAfterTheAnswer(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	for range 3 {
		require.Zero(t, l.Admit(5, at(0)))
	}
	assert.Equal(t, recheck, l.Admit(5, at(10*time.Second)), "no answer yet: nobody knows when the server counts")
	l.Release(5, at(10*time.Second))
	assert.Equal(t, 3000*ms, l.Admit(5, at(10*time.Second)))
	l.Release(5, at(11*time.Second))
	l.Release(5, at(9*time.Second)) // clocks read out of order
	send(t, l, 5, 13*time.Second)
	assert.Equal(t, 1000*ms, l.Admit(5, at(13*time.Second)))
	l.Release(5, at(13*time.Second)) // one too many
	l.Release(99, at(13*time.Second))
	send(t, l, 5, 14*time.Second)
}

func TestAtMostFourAreUnderWayToAGroup(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	for range 4 {
		require.Zero(t, l.Admit(-5, at(0)))
	}
	assert.Equal(t, recheck, l.Admit(-5, at(ms)))
	assert.Zero(t, l.Admit(-6, at(ms)), "another group")
	l.Release(-5, at(2*ms))
	assert.Zero(t, l.Admit(-5, at(2*ms)))
}

func TestRetryAfterPausesTheChat(t *testing.T) {
	t.Parallel()
	for _, off := range []bool{false, true} {
		l := NewLimiter(LimiterOptions{Off: off})
		require.Zero(t, l.Admit(5, at(0)))
		l.Release(5, at(0))
		l.Penalize(5, 7*time.Second, at(0))
		l.Penalize(5, time.Second, at(100*ms)) // shorter, and the same chat
		assert.Equal(t, 5*time.Second, l.Admit(5, at(2*time.Second)))
		assert.Zero(t, l.Admit(6, at(2*time.Second)))
		assert.Zero(t, l.Admit(5, at(7*time.Second)))
	}
}

func TestTwoChatsRefusedWithinASecondPauseAll(t *testing.T) {
	t.Parallel()
	for _, off := range []bool{false, true} {
		l := NewLimiter(LimiterOptions{Off: off})
		l.Penalize(5, 3*time.Second, at(0))
		l.Penalize(-6, 4*time.Second, at(1001*ms)) // too late to mean all
		assert.Zero(t, l.Admit(7, at(1100*ms)))
		l.Penalize(5, 9*time.Second, at(2000*ms))
		assert.Equal(t, 8*time.Second, l.Admit(7, at(3000*ms)))
		assert.Zero(t, l.Admit(7, at(11*time.Second)))
	}
}

func TestWithLimitsOffOnlyTelegramIsObeyed(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{Off: true})
	for range 1000 {
		require.Zero(t, l.Admit(-5, at(0)))
		l.Release(-5, at(0))
	}
	assert.Empty(t, l.chats)
}

func TestIdleChatsAreForgotten(t *testing.T) {
	t.Parallel()
	for _, off := range []bool{false, true} {
		l := NewLimiter(LimiterOptions{Off: off})
		now := time.Duration(0)
		for chat := range int64(5000) {
			now += 200 * ms
			if l.Admit(chat, at(now)) == 0 {
				l.Release(chat, at(now))
			}
			l.Penalize(-chat, time.Second, at(now))
		}
		assert.Less(t, len(l.chats), 5000/8)
	}
	l := NewLimiter(LimiterOptions{})
	require.Zero(t, l.Admit(-5, at(0))) // under way: not idle
	l.Penalize(6, time.Hour, at(0))     // paused: not idle
	send(t, l, 7, 2*time.Minute)
	send(t, l, 7, 4*time.Minute)
	assert.Len(t, l.chats, 3)
	l.Release(-5, at(4*time.Minute))
	assert.Equal(t, 56*time.Minute, l.Admit(6, at(4*time.Minute)))
}

// sent is a send whose time at the server lies between its start and its answer.
type sent struct {
	chat   int64
	server time.Duration
	answer time.Duration
}

// For any traffic with any latencies, no window at the server is overfull, and
// who waits as long as told is let through.
func TestNoWindowAtTheServerIsOverfull(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := NewLimiter(LimiterOptions{})
		chats := rapid.SliceOfN(rapid.Int64Range(-4, 40), 1, 20).Draw(t, "chats")
		slowest := rapid.SampledFrom([]time.Duration{0, ms, 50 * ms, 2 * time.Second, 90 * time.Second}).Draw(t, "slowest")
		gap := rapid.SampledFrom([]time.Duration{0, ms, 30 * ms, time.Second}).Draw(t, "gap")
		var all, flying []sent
		now := time.Duration(0)
		for range rapid.IntRange(1, 300).Draw(t, "sends") {
			now += time.Duration(rapid.Int64Range(0, int64(gap)).Draw(t, "pause"))
			chat := rapid.SampledFrom(chats).Draw(t, "chat")
			for tries := 0; ; tries++ {
				flying = land(l, flying, now)
				wait := l.Admit(chat, at(now))
				if wait == 0 {
					break
				}
				if tries > 100_000 {
					t.Fatalf("chat %d waits for ever", chat)
				}
				if wait == recheck && len(flying) > 0 { // until an answer makes room
					wait = max(flying[0].answer-now, 0)
				}
				now += wait
			}
			took := time.Duration(rapid.Int64Range(0, int64(slowest)).Draw(t, "took"))
			there := time.Duration(rapid.Int64Range(0, int64(took)).Draw(t, "there"))
			s := sent{chat, now + there, now + took}
			all, flying = append(all, s), append(flying, s)
			slices.SortStableFunc(flying, func(a, b sent) int { return int(a.answer - b.answer) })
		}
		checkWindows(t, all)
	})
}

// land releases the sends that are answered by now.
func land(l *Limiter, flying []sent, now time.Duration) []sent {
	for len(flying) > 0 && flying[0].answer <= now {
		l.Release(flying[0].chat, at(flying[0].answer))
		flying = flying[1:]
	}
	return flying
}

func checkWindows(t *rapid.T, all []sent) {
	perChat := map[int64][]time.Duration{}
	var overall []time.Duration
	for _, s := range all {
		overall = append(overall, s.server)
		perChat[s.chat] = append(perChat[s.chat], s.server)
	}
	check := func(times []time.Duration, limit int, span time.Duration) {
		slices.Sort(times)
		for i := limit; i < len(times); i++ {
			if gap := times[i] - times[i-limit]; gap < span {
				t.Fatalf("%d sends within %s, where %d may be in %s", limit+1, gap, limit, span)
			}
		}
	}
	check(overall, 30, time.Second)
	for chat, times := range perChat {
		if chat < 0 {
			check(times, 20, time.Minute)
		} else {
			check(times, 3, 3*time.Second)
		}
	}
}

func FuzzLimiter(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 1, 100, 7})
	f.Fuzz(func(t *testing.T, script []byte) {
		l := NewLimiter(LimiterOptions{})
		now, admitted := time.Duration(0), map[int64]int{}
		for i, b := range script {
			chat := int64(b%7) - 3
			now += time.Duration(b) * 10 * ms
			switch i % 4 {
			case 0, 1:
				if wait := l.Admit(chat, at(now)); wait == 0 {
					admitted[chat]++
				} else {
					assert.Positive(t, wait)
					assert.LessOrEqual(t, wait, time.Minute)
				}
			case 2:
				l.Release(chat, at(now-time.Duration(b)*5*ms))
				admitted[chat] = max(admitted[chat]-1, 0)
			default:
				l.Penalize(chat, time.Duration(b)*ms, at(now))
			}
			for chat, n := range admitted {
				if n > 0 {
					assert.Equal(t, n, l.chats[chat].inFlight)
				}
			}
		}
	})
}

func TestTheLimiterServesManyAtOnce(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	var all sync.WaitGroup
	var mu sync.Mutex
	admitted := 0
	for n := range 16 {
		all.Go(func() {
			for i := range 100 {
				chat := int64(n*100 + i + 1)
				if l.Admit(chat, at(0)) == 0 {
					mu.Lock()
					admitted++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	assert.Equal(t, overallSends, admitted)
}

func BenchmarkLimiter(b *testing.B) {
	l := NewLimiter(LimiterOptions{})
	now := epoch
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		chat := int64(i%3000) + 1
		now = now.Add(34 * ms)
		if l.Admit(chat, now) == 0 {
			l.Release(chat, now)
		}
	}
}

func BenchmarkLimiterOff(b *testing.B) {
	l := NewLimiter(LimiterOptions{Off: true})
	b.ReportAllocs()
	for b.Loop() {
		l.Admit(5, epoch)
		l.Release(5, epoch)
	}
}
