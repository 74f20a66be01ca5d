package stats

import (
	"context"
	"sync"
	"time"
)

const (
	// keptDurations bounds what is remembered: two megabytes, which is three
	// months of a business with a million tickets a year.
	keptDurations = 500_000
	// keptFor is how long it is remembered without being asked for: less than
	// the shortest time after which tickets of the bin are purged, and their
	// history with them.
	keptFor = time.Hour
)

// Mark is a place in the history of all tickets.
type Mark struct {
	// Event is the id up to which every event has been seen.
	Event int64
	// Where several write at once, events become visible out of their order.
	// Those up to Later are all to be seen once every transaction before Next
	// has ended.
	Later, Next int64
}

// Move moves the mark to what is known now: the last event that is to be seen,
// the oldest transaction that still runs, and the next that will.
func (m Mark) Move(last, oldest, next int64) Mark {
	switch {
	case oldest >= next:
		m.Event = last
	case m.Next > 0 && oldest >= m.Next:
		m.Event = m.Later
	case m.Next > 0:
		return m
	}
	m.Later, m.Next = last, next
	return m
}

// Changes tell what is to be counted anew.
type Changes struct {
	At   []time.Time // every stretch of time with one of these in it
	All  bool        // everything
	Mark Mark        // up to where that was looked for
}

// memory remembers what was counted of each stretch of time, until something
// changes there. It asks only for what has changed since, so that a month is
// counted in no more time than its busiest days.
type memory struct {
	mu      sync.Mutex
	mark    Mark
	checked time.Time
	known   map[stretch][]Part
}

// stretch is a stretch of time, in microseconds.
type stretch struct{ from, to int64 }

func (s Slot) stretch() stretch { return stretch{s.From.UnixMicro(), s.To.UnixMicro()} }

func (s stretch) holds(at time.Time) bool { return s.from <= at.UnixMicro() && at.UnixMicro() < s.to }

// count counts each of the slots.
func (m *memory) count(ctx context.Context, source source, slots []Slot, now time.Time) ([][]Part, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.checked) > keptFor || now.Before(m.checked) {
		m.known, m.mark = nil, Mark{}
	}
	if err := m.refresh(ctx, source); err != nil {
		return nil, err
	}
	m.checked = now
	counted := make([][]Part, len(slots))
	var asked []func() error
	for i, slot := range slots {
		parts, ok := m.known[slot.stretch()]
		if counted[i] = parts; !ok {
			asked = append(asked, func() (err error) {
				counted[i], err = source.Count(ctx, slot.From, slot.To)
				return err
			})
		}
	}
	if err := together(asked); err != nil {
		return nil, err
	}
	m.keep(slots, counted)
	return counted, nil
}

// refresh forgets what has changed.
func (m *memory) refresh(ctx context.Context, source source) error {
	changes, err := source.Changed(ctx, m.mark)
	if err != nil {
		return err
	}
	m.mark = changes.Mark
	if changes.All || m.known == nil {
		m.known = map[stretch][]Part{}
	}
	for s := range m.known {
		for _, at := range changes.At {
			if s.holds(at) {
				delete(m.known, s)
				break
			}
		}
	}
	return nil
}

// keep remembers what was counted, and forgets others where it becomes too
// much, or all of it.
func (m *memory) keep(slots []Slot, counted [][]Part) {
	room := keptDurations
	fresh := make(map[stretch][]Part, len(slots))
	for i, slot := range slots {
		if room -= size(counted[i]); room >= 0 {
			fresh[slot.stretch()] = counted[i]
		}
	}
	for s, parts := range m.known {
		if _, ok := fresh[s]; ok {
			continue
		}
		if room -= size(parts); room < 0 {
			delete(m.known, s)
		}
	}
	for s, parts := range fresh {
		m.known[s] = parts
	}
}

// size is how much it takes to remember parts, in durations.
func size(parts []Part) int {
	const rest = 20 // all but the durations
	n := 1
	for _, p := range parts {
		n += rest + len(p.ToTake) + len(p.ToDone)
	}
	return n
}
