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
type memory[T any] struct {
	source source
	ask    func(s source, ctx context.Context, from, to time.Time) ([]T, error) // what is counted, of a stretch of time
	size   func(T) int                                                          // how much it takes to remember it, in durations

	mu      sync.Mutex
	mark    Mark
	checked time.Time
	known   map[stretch][]T
}

// stretch is a stretch of time, in microseconds.
type stretch struct{ from, to int64 }

func (s Slot) stretch() stretch { return stretch{s.From.UnixMicro(), s.To.UnixMicro()} }

func (s stretch) holds(at time.Time) bool { return s.from <= at.UnixMicro() && at.UnixMicro() < s.to }

// count counts each of the slots.
func (m *memory[T]) count(ctx context.Context, slots []Slot, now time.Time) ([][]T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.checked) > keptFor || now.Before(m.checked) {
		m.known, m.mark = nil, Mark{}
	}
	if err := m.refresh(ctx); err != nil {
		return nil, err
	}
	m.checked = now
	counted := make([][]T, len(slots))
	var asked []func() error
	for i, slot := range slots {
		parts, ok := m.known[slot.stretch()]
		if counted[i] = parts; !ok {
			asked = append(asked, func() (err error) {
				counted[i], err = m.ask(m.source, ctx, slot.From, slot.To)
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
func (m *memory[T]) refresh(ctx context.Context) error {
	changes, err := m.source.Changed(ctx, m.mark)
	if err != nil {
		return err
	}
	m.mark = changes.Mark
	if changes.All || m.known == nil {
		m.known = map[stretch][]T{}
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
func (m *memory[T]) keep(slots []Slot, counted [][]T) {
	room := keptDurations
	fresh := make(map[stretch][]T, len(slots))
	for i, slot := range slots {
		if room -= m.sizeOf(counted[i]); room >= 0 {
			fresh[slot.stretch()] = counted[i]
		}
	}
	for s, parts := range m.known {
		if _, ok := fresh[s]; ok {
			continue
		}
		if room -= m.sizeOf(parts); room < 0 {
			delete(m.known, s)
		}
	}
	for s, parts := range fresh {
		m.known[s] = parts
	}
}

// sizeOf is how much it takes to remember what was counted, in durations.
func (m *memory[T]) sizeOf(parts []T) int {
	n := 1
	for _, p := range parts {
		n += m.size(p)
	}
	return n
}

// size is how much it takes to remember a part.
func (p Part) size() int {
	const rest = 20 // all but the durations
	return rest + len(p.ToTake) + len(p.ToDone)
}
