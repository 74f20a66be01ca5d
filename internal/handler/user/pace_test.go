package user

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func start() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// sends has an owner send at a time, each message a new one.
func (p *pace) sends(owner int64, at time.Time, n *int) tempo {
	*n++
	speed, _ := p.admit(owner, beat{strconv.Itoa(*n), at})
	return speed
}

func TestSoManyMessagesAreAnsweredInAnyMinute(t *testing.T) {
	t.Parallel()
	p, n := newPace(3), 0
	for range 3 {
		assert.Equal(t, inTime, p.sends(1, start(), &n))
	}
	speed, wait := p.admit(1, beat{"one too many", start().Add(10 * time.Second)})
	assert.Equal(t, tooFast, speed)
	assert.Equal(t, 50*time.Second, wait)
	for range 100 {
		assert.Equal(t, ignored, p.sends(1, start().Add(20*time.Second), &n), "they have been told")
	}
	assert.Equal(t, inTime, p.sends(2, start().Add(20*time.Second), &n), "it is nobody else's")
	for range 3 {
		assert.Equal(t, inTime, p.sends(1, start().Add(time.Minute), &n), "when they were told to go on")
	}
	assert.Equal(t, tooFast, p.sends(1, start().Add(time.Minute), &n), "and told again in the next window")
}

func TestTheSameMessageAgainIsJudgedTheSame(t *testing.T) {
	t.Parallel()
	p := newPace(1)
	for range 3 {
		speed, _ := p.admit(1, beat{"a", start()})
		assert.Equal(t, inTime, speed)
	}
	for range 3 {
		speed, _ := p.admit(1, beat{"b", start()})
		assert.Equal(t, tooFast, speed, "its first try was undone, so that nobody was told")
	}
	speed, _ := p.admit(1, beat{"c", start()})
	assert.Equal(t, ignored, speed)
}

func TestWithoutALimitEverythingIsAnswered(t *testing.T) {
	t.Parallel()
	p, n := newPace(0), 0
	for range 1000 {
		assert.Equal(t, inTime, p.sends(1, start(), &n))
	}
	assert.Empty(t, p.strides)
}

func TestWhoIsQuietIsForgotten(t *testing.T) {
	t.Parallel()
	p, n := newPace(2), 0
	for owner := range int64(1000) {
		p.sends(owner, start(), &n)
	}
	p.sends(5000, start().Add(2*time.Minute), &n)
	assert.Len(t, p.strides, 1)
}

// However somebody writes, no minute has more answers than the limit, and
// whoever keeps to the limit is never silenced.
func TestNoMinuteIsOverfull(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 5).Draw(t, "most")
		p, n, at := newPace(most), 0, start()
		var taken []time.Time
		told := time.Time{}
		for _, pause := range rapid.SliceOf(rapid.IntRange(0, 40)).Draw(t, "pauses") {
			at = at.Add(time.Duration(pause) * time.Second)
			recent := 0
			for _, then := range taken {
				if at.Sub(then) < time.Minute {
					recent++
				}
			}
			switch p.sends(1, at, &n) {
			case inTime:
				assert.Less(t, recent, most)
				taken = append(taken, at)
			case tooFast:
				assert.Equal(t, most, recent)
				told = at
			case ignored:
				assert.Less(t, at.Sub(told), time.Minute, "nobody is silenced who was not told a minute ago")
			}
		}
	})
}

func TestManyWriteAtOnce(t *testing.T) {
	t.Parallel()
	p := newPace(10)
	var all sync.WaitGroup
	var mu sync.Mutex
	answered := map[int64]int{}
	for i := range 8 {
		all.Go(func() {
			for j := range 100 {
				owner := int64(j % 4)
				if speed, _ := p.admit(owner, beat{strconv.Itoa(i) + "/" + strconv.Itoa(j), start()}); speed == inTime {
					mu.Lock()
					answered[owner]++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	assert.Equal(t, map[int64]int{0: 10, 1: 10, 2: 10, 3: 10}, answered)
}
