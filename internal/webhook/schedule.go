package webhook

import (
	"math/rand/v2"
	"time"
)

const (
	// giveUpAfter is how long a delivery is tried, since it was queued.
	giveUpAfter = 24 * time.Hour
	// stopAfter is how long an endpoint may fail until it is switched off.
	stopAfter = 3 * 24 * time.Hour
	// sameTrouble is how long after a failure another belongs to the same
	// trouble: more than the longest wait between two tries, and a pause. What an
	// endpoint that hears little failed to take days ago says nothing of today.
	sameTrouble = 12 * time.Hour
	// longestPause is as long as an endpoint that asks for a pause may have it.
	longestPause = time.Hour
)

// MostAtOnce is how many messages may be on their way to one endpoint.
const MostAtOnce = 4

// waits are the times between the tries at a delivery: eleven tries within 24
// hours.
func waits() []time.Duration {
	return []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 10 * time.Hour,
	}
}

// backoff is how long to wait after a number of failures: up to a fifth less
// than waits says, so that many do not come back at once. It reports false
// where a delivery is to be given up, since there is no further try, or it
// would come too late.
func backoff(failures int, queued, now time.Time) (time.Duration, bool) {
	all := waits()
	if failures < 1 || failures > len(all) {
		return 0, false
	}
	wait := time.Duration(float64(all[failures-1]) * (0.8 + 0.2*rand.Float64())) //nolint:gosec // jitter needs no secrecy
	return wait, now.Add(wait).Sub(queued) <= giveUpAfter
}
