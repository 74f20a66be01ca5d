package panel

import (
	"net/netip"
	"sync"
	"time"

	"vinbot/internal/httpd"
)

const (
	// maxAttempts is how many links that there are not an address may ask for in
	// a minute.
	maxAttempts = 10
	// maxAddresses bounds what is remembered in a minute.
	maxAddresses = 10_000
)

// attempts counts attempts to sign in that failed, by address, in the memory of
// the process: a secret of 256 bits is not guessed with any number of processes,
// and what this saves is their work.
type attempts struct {
	mu       sync.Mutex
	minute   time.Time
	failures map[netip.Addr]int
}

// wait is how long an address must wait until it may try again.
func (a *attempts) wait(from netip.Addr, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn(now)
	if a.failures[httpd.Network(from)] < maxAttempts {
		return 0
	}
	return a.minute.Add(time.Minute).Sub(now)
}

// failed notes that an attempt of an address failed.
func (a *attempts) failed(from netip.Addr, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn(now)
	if len(a.failures) < maxAddresses {
		a.failures[httpd.Network(from)]++
	}
}

// turn forgets the minute before.
func (a *attempts) turn(now time.Time) {
	if minute := now.Truncate(time.Minute); a.failures == nil || !minute.Equal(a.minute) {
		a.minute, a.failures = minute, map[netip.Addr]int{}
	}
}
