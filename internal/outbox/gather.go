package outbox

import (
	"container/heap"
	"iter"
	"slices"
	"time"
)

// gather has others go with an entry that was admitted, in the same message:
// where so many wait that their chat's limit would hold some back, and enough
// to be worth it. Those that wait behind others of their lane, or for a time,
// are not among them.
func (p *plan) gather(e *entry, now time.Time, gate Gate) {
	how := p.kinds[e.Kind].Gather
	if how == nil || !e.gathers(e) {
		return
	}
	g := e.group
	room := gate.Room(e.Chat, e.Urgency, now)
	if len(g.ready) <= room {
		return
	}
	var mates []*entry
	for _, other := range g.ready {
		if e.gathers(other) {
			mates = append(mates, other)
		}
	}
	if len(mates) <= room || len(mates)+1 < how.Least {
		return
	}
	slices.SortFunc(mates, func(a, b *entry) int {
		if before(a, b) {
			return -1
		}
		return 1
	})
	e.mates = mates[:min(len(mates), how.Most-1)]
	for _, m := range e.mates {
		heap.Remove(&g.ready, m.index)
		p.fly(m)
	}
}

// together gives an entry and those that are carried out with it.
func (e *entry) together() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		if !yield(e) {
			return
		}
		for _, m := range e.mates {
			if !yield(m) {
				return
			}
		}
	}
}

// gathers reports whether another entry may be carried out as one with this.
func (e *entry) gathers(other *entry) bool {
	return e.Gather != "" && !other.alone &&
		e.Kind == other.Kind && e.Chat == other.Chat && e.Gather == other.Gather && e.Urgency == other.Urgency
}
