package panel

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// maxAttempts is how many links that there are not an address may ask for in
	// a minute.
	maxAttempts = 10
	// maxAddresses bounds what is remembered in a minute.
	maxAddresses = 10_000
	// netBits is what of an IPv6 address tells its network, which is one customer's.
	netBits = 64
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
	if a.failures[network(from)] < maxAttempts {
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
		a.failures[network(from)]++
	}
}

// turn forgets the minute before.
func (a *attempts) turn(now time.Time) {
	if minute := now.Truncate(time.Minute); a.failures == nil || !minute.Equal(a.minute) {
		a.minute, a.failures = minute, map[netip.Addr]int{}
	}
}

func network(address netip.Addr) netip.Addr {
	if !address.Is6() {
		return address
	}
	masked, err := address.Prefix(netBits)
	if err != nil { // it has that many bits
		return address
	}
	return masked.Addr()
}
