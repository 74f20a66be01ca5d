package outbox

import (
	"container/heap"
	"time"
)

// plan is what the relay knows of the rows that wait: lanes, whose heads may
// go one at a time; and groups, one for each chat (or kind, where there is no
// chat), whose limits let them go or not.
type plan struct {
	kinds   map[string]Kind
	known   map[int64]struct{}
	lanes   map[string]*lane
	groups  map[groupKey]*group
	active  groupHeap // groups with a head that may be tried, the most urgent first
	timers  timerHeap // what becomes possible at a time
	running int
}

type lane struct {
	queue []*entry // by id; the first may be running
}

// entry is a row in memory.
type entry struct {
	Head
	group *group

	// How its last attempt ended: again at runAt, or not.
	again bool
	runAt time.Time
	err   error
}

type groupKey struct {
	chat int64
	kind string
}

// group is what shares a limit.
type group struct {
	key      groupKey
	ready    entryHeap
	index    int // in plan.active, -1 if not
	parallel int // 0: no bound
	running  int
	entries  int  // that name the group
	blocked  bool // the gate held it back: a timer tries it again
}

func newPlan(kinds map[string]Kind) *plan {
	return &plan{
		kinds: kinds, known: map[int64]struct{}{},
		lanes: map[string]*lane{}, groups: map[groupKey]*group{},
	}
}

// add takes a row into the plan, and reports whether it was new there.
func (p *plan) add(h Head, now time.Time) bool {
	if _, ok := p.known[h.ID]; ok {
		return false
	}
	p.known[h.ID] = struct{}{}
	l := p.lanes[h.Lane]
	if l == nil {
		l = &lane{}
		p.lanes[h.Lane] = l
	}
	e := &entry{Head: h, runAt: h.RunAt, group: p.group(h)}
	e.group.entries++
	l.queue = append(l.queue, e)
	if len(l.queue) == 1 {
		p.offer(e, now)
	}
	return true
}

func (p *plan) group(h Head) *group {
	key := groupKey{chat: h.Chat}
	if h.Chat == 0 {
		key.kind = h.Kind
	}
	g := p.groups[key]
	if g == nil {
		g = &group{key: key, index: -1}
		if h.Chat == 0 {
			g.parallel = p.kinds[h.Kind].Parallel
		}
		p.groups[key] = g
	}
	return g
}

// offer makes the head of a lane a candidate, now or when its time comes.
func (p *plan) offer(e *entry, now time.Time) {
	if e.runAt.After(now) {
		heap.Push(&p.timers, timer{at: e.runAt, entry: e})
		return
	}
	heap.Push(&e.group.ready, e)
	p.activate(e.group)
}

// activate has a group tried again.
func (p *plan) activate(g *group) {
	switch {
	case len(g.ready) == 0 || g.blocked:
	case g.index >= 0:
		heap.Fix(&p.active, g.index)
	case g.parallel == 0 || g.running < g.parallel:
		heap.Push(&p.active, g)
	}
}

// next removes the most urgent entry that may go now from the candidates; nil
// if none may. Chats that the gate holds back are tried when it says.
func (p *plan) next(now time.Time, gate Gate) *entry {
	p.wakeDue(now)
	for len(p.active) > 0 {
		g := p.active[0]
		if g.key.chat != 0 {
			if wait := gate.Admit(g.key.chat, now); wait > 0 {
				heap.Pop(&p.active)
				g.blocked = true
				heap.Push(&p.timers, timer{at: now.Add(wait), group: g})
				continue
			}
		}
		e, _ := heap.Pop(&g.ready).(*entry)
		g.running++
		heap.Pop(&p.active)
		p.activate(g)
		return e
	}
	return nil
}

// settle takes the end of an entry's attempt into the plan.
func (p *plan) settle(e *entry, now time.Time) {
	g := e.group
	g.running--
	g.blocked = false // a slot was given back
	if e.again {
		e.again = false
		p.offer(e, now)
		p.activate(g)
		return
	}
	delete(p.known, e.ID)
	if g.entries--; g.entries == 0 {
		delete(p.groups, g.key)
	}
	l := p.lanes[e.Lane]
	l.queue[0] = nil
	l.queue = l.queue[1:]
	if len(l.queue) == 0 {
		delete(p.lanes, e.Lane)
	} else {
		p.offer(l.queue[0], now)
	}
	p.activate(g)
}

func (p *plan) wakeDue(now time.Time) {
	for len(p.timers) > 0 && !p.timers[0].at.After(now) {
		t, _ := heap.Pop(&p.timers).(timer)
		if t.entry != nil {
			heap.Push(&t.entry.group.ready, t.entry)
			p.activate(t.entry.group)
			continue
		}
		t.group.blocked = false
		p.activate(t.group)
	}
}

// nextDue gives the time at which something becomes possible by itself.
func (p *plan) nextDue() (time.Time, bool) {
	if len(p.timers) == 0 {
		return time.Time{}, false
	}
	return p.timers[0].at, true
}
