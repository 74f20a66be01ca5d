package telegram

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is the pause after the nth failure in a row, from 1. It doubles from
// half a second to 24 seconds, and up to a quarter is added at random, so that
// many bots do not come back at once (random in [0,1)):
//
//	failures  1     2     3    4   5    6    7 and more
//	pause     0.5s  1s    2s   4s  8s   16s  24s
//	at most   0.6s  1.3s  2.5s 5s  10s  20s  30s
//
// Half a second at least: who asks sooner for the same updates is given them
// one at a time.
func backoff(failures int, random float64) time.Duration {
	const first, most = 500 * time.Millisecond, 24 * time.Second
	pause := most
	if failures < 7 {
		pause = first << max(failures-1, 0)
	}
	return pause + time.Duration(random*float64(pause)/4)
}

// pause waits, unless the context ends before, and reports whether it waited.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func randOr(given func() float64) func() float64 {
	if given != nil {
		return given
	}
	return rand.Float64
}
