package webhook

import (
	"sync"
	"time"

	"vinbot/internal/outbox"
)

const (
	// mostAtOnce is how many messages may be on their way to one endpoint, and
	// to one that fails only one: a receiver that answers nothing shall not take
	// the places that others need.
	mostAtOnce = 4
	// full is how long a message waits for a slot that nobody gives back.
	full = time.Second
)

// Gate bounds what is on its way to each endpoint, and keeps the pauses that
// endpoints asked for.
type Gate struct {
	mu        sync.Mutex
	endpoints map[int64]*slots
}

var _ outbox.Gate = (*Gate)(nil)

// slots are those of one endpoint.
type slots struct {
	taken   int
	fails   bool
	resumes time.Time
}

// NewGate makes a gate.
func NewGate() *Gate { return &Gate{endpoints: map[int64]*slots{}} }

// Admit takes a slot of the endpoint, or says how long to wait for one.
func (g *Gate) Admit(endpoint int64, _ int, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.of(endpoint)
	if wait := s.resumes.Sub(now); wait > 0 {
		return wait
	}
	if s.taken >= s.most() {
		return full
	}
	s.taken++
	return 0
}

// Room tells how many more the endpoint would take now.
func (g *Gate) Room(endpoint int64, _ int, _ time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.of(endpoint)
	return max(0, s.most()-s.taken)
}

// Release gives a slot back.
func (g *Gate) Release(endpoint int64, _ time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(endpoint).taken--
}

// Penalize pauses an endpoint: a shorter pause does not end a longer one.
func (g *Gate) Penalize(endpoint int64, pause time.Duration, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.of(endpoint)
	if until := now.Add(pause); until.After(s.resumes) {
		s.resumes = until
	}
}

// note remembers whether an endpoint took the last message.
func (g *Gate) note(endpoint int64, failed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(endpoint).fails = failed
}

func (g *Gate) of(endpoint int64) *slots {
	s := g.endpoints[endpoint]
	if s == nil {
		s = &slots{}
		g.endpoints[endpoint] = s
	}
	return s
}

func (s *slots) most() int {
	if s.fails {
		return 1
	}
	return mostAtOnce
}
