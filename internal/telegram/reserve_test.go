package telegram

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAQuarterOfAGroupsSendsIsKeptForAnswers(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	for i := range 15 {
		require.Zero(t, l.AdmitUnasked(-5, at(time.Duration(i)*time.Second)))
		l.Release(-5, at(time.Duration(i)*time.Second))
	}
	now := 15 * time.Second
	assert.Equal(t, 45*time.Second, l.AdmitUnasked(-5, at(now)), "when the first of them is a minute old")
	for range 5 {
		send(t, l, -5, now)
	}
	assert.Equal(t, 45*time.Second, l.Admit(-5, at(now)))
	assert.Equal(t, 50*time.Second, l.AdmitUnasked(-5, at(now)), "six must end: the answers took theirs")
	assert.Zero(t, l.AdmitUnasked(5, at(now)), "nothing is kept from a person")
}

func TestWhereSendsUnderWayHoldASlotNobodyKnowsForHowLong(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	for range 12 {
		send(t, l, -5, 0)
	}
	for range 3 {
		require.Zero(t, l.AdmitUnasked(-5, at(0)))
	}
	assert.Equal(t, time.Minute, l.AdmitUnasked(-5, at(0)))
	for range 16 {
		l.Release(-5, at(time.Second))
	}
	assert.Equal(t, 59*time.Second, l.AdmitUnasked(-5, at(time.Second)))
}

func TestRoomIsWhatWouldBeAdmitted(t *testing.T) {
	t.Parallel()
	l := NewLimiter(LimiterOptions{})
	assert.Equal(t, 15, l.Room(-5, at(0)))
	assert.Equal(t, 3, l.Room(5, at(0)))
	l.Penalize(-5, time.Second, at(0))
	assert.Zero(t, l.Room(-5, at(0)))
	l.Penalize(-5, 0, at(2*time.Second))
	assert.Equal(t, 15, l.Room(-5, at(2*time.Second)))
	assert.Equal(t, math.MaxInt, NewLimiter(LimiterOptions{Off: true}).Room(-5, at(0)))

	rapid.Check(t, func(t *rapid.T) {
		l, now := NewLimiter(LimiterOptions{}), time.Duration(0)
		for range rapid.IntRange(0, 60).Draw(t, "sends") {
			now += time.Duration(rapid.IntRange(0, 5000).Draw(t, "pause")) * ms
			if l.Admit(-5, at(now)) == 0 {
				l.Release(-5, at(now))
			}
		}
		room, admitted := l.Room(-5, at(now)), 0
		for l.AdmitUnasked(-5, at(now)) == 0 {
			l.Release(-5, at(now))
			admitted++
		}
		assert.Equal(t, room, admitted)
		if wait := l.AdmitUnasked(-5, at(now)); assert.Positive(t, wait) {
			assert.Positive(t, l.AdmitUnasked(-5, at(now+wait-1)), "not sooner than it said")
			assert.Zero(t, l.AdmitUnasked(-5, at(now+wait)), "but then")
		}
	})
}
