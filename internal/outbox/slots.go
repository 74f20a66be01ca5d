package outbox

import (
	"sync"
	"time"
)

// full is how long a job waits for a slot that nobody gives back.
const full = time.Second

// Slots is a gate that bounds what is on its way to each system, and keeps the
// pauses that systems ask for. To one that fails only one job goes at a time: a
// system that answers nothing shall not take the places that others need.
type Slots struct {
	most int

	mu      sync.Mutex
	systems map[int64]*slots
}

var _ Gate = (*Slots)(nil)

// slots are those of one system.
type slots struct {
	taken   int
	fails   bool
	resumes time.Time
}

// NewSlots makes a gate that lets so many jobs be on their way to each system.
func NewSlots(most int) *Slots { return &Slots{most: most, systems: map[int64]*slots{}} }

// Admit takes a slot of a system, or says how long to wait for one.
func (g *Slots) Admit(system int64, _ int, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.of(system)
	if wait := s.resumes.Sub(now); wait > 0 {
		return wait
	}
	if s.taken >= g.mostOf(s) {
		return full
	}
	s.taken++
	return 0
}

// Room tells how many more a system would take now.
func (g *Slots) Room(system int64, _ int, _ time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.of(system)
	return max(0, g.mostOf(s)-s.taken)
}

// Release gives a slot back.
func (g *Slots) Release(system int64, _ time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(system).taken--
}

// Penalize pauses a system: a shorter pause does not end a longer one.
func (g *Slots) Penalize(system int64, pause time.Duration, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.of(system)
	if until := now.Add(pause); until.After(s.resumes) {
		s.resumes = until
	}
}

// Note remembers whether a system failed to take the last job.
func (g *Slots) Note(system int64, failed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(system).fails = failed
}

func (g *Slots) of(system int64) *slots {
	s := g.systems[system]
	if s == nil {
		s = &slots{}
		g.systems[system] = s
	}
	return s
}

func (g *Slots) mostOf(s *slots) int {
	if s.fails {
		return 1
	}
	return g.most
}
