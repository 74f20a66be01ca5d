package outbox

import (
	"cmp"
	"container/heap"
	"slices"
	"sync/atomic"
	"time"
)

// plan is what the relay knows of the rows that wait: lanes, whose heads may
// go one at a time; and groups, one for each chat (or kind, where there is no
// chat), whose limits let them go or not.
type plan struct {
	kinds    map[string]Kind
	known    map[int64]struct{}
	lanes    map[laneKey]*lane
	groups   map[groupKey]*group
	chats    groupHeap // chats with a head that may be tried, the most urgent first
	others   groupHeap // and kinds that have no chat
	timers   timerHeap // what becomes possible at a time
	inFlight map[int64]*entry
	flights  int // that carry out what is in flight: several entries may share one
	sending  int // of the flights, those to a chat
}

// laneKey names a lane. Each chat has its own of a name: a group that cannot
// be written to does not keep a ticket's card from another.
type laneKey struct {
	name string
	chat int64
}

type lane struct {
	queue []*entry // by id; the first may be running
}

// entry is a row in memory.
type entry struct {
	Head
	group *group
	stage stage
	index int // in group.ready while it is a candidate

	mates       []*entry     // that are carried out with it, while it is in flight
	alone       bool         // it failed together with others
	failures    int          // attempts that ended as failed
	leasedUntil atomic.Int64 // Unix nanoseconds: its lease surely holds until then

	// How its last attempt ended: again at runAt, or not; err is why that is
	// not written.
	again bool
	runAt time.Time
	err   error
}

// stage is how far an entry has come in the plan.
type stage int

const (
	queued    stage = iota // behind another of its lane
	timed                  // head of its lane, before its time
	candidate              // head of its lane, may go
	flying                 // being carried out
)

type groupKey struct {
	chat int64
	kind string
}

// group is what shares a limit.
type group struct {
	key      groupKey
	ready    entryHeap
	index    int // in its heap of the plan, -1 if not
	parallel int // 0: no bound
	running  int
	entries  int  // that name the group
	blocked  bool // the gate held it back: a timer tries it again
	held     int  // the urgency of what it held back
}

func newPlan(kinds map[string]Kind) *plan {
	return &plan{
		kinds: kinds, known: map[int64]struct{}{}, inFlight: map[int64]*entry{},
		lanes: map[laneKey]*lane{}, groups: map[groupKey]*group{},
	}
}

func (h Head) lane() laneKey { return laneKey{name: h.Lane, chat: h.Chat} }

// add takes a row into the plan, and reports whether it was new there. Rows
// may come in any order: an older one goes before those of its lane that have
// not begun.
func (p *plan) add(h Head, now time.Time) bool {
	if _, ok := p.known[h.ID]; ok {
		return false
	}
	p.known[h.ID] = struct{}{}
	l := p.lanes[h.lane()]
	if l == nil {
		l = &lane{}
		p.lanes[h.lane()] = l
	}
	e := &entry{Head: h, runAt: h.RunAt, group: p.group(h)}
	e.group.entries++
	p.enter(l, e, now)
	return true
}

// enter puts an entry into its place in a lane, and offers it if that is the
// first.
func (p *plan) enter(l *lane, e *entry, now time.Time) {
	at := len(l.queue)
	for at > 0 && l.queue[at-1].ID > e.ID && l.queue[at-1].stage != flying {
		at--
	}
	if at == 0 && len(l.queue) > 0 {
		p.withdraw(l.queue[0])
	}
	l.queue = slices.Insert(l.queue, at, e)
	if at == 0 {
		p.offer(e, now)
	}
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
			g.parallel = cmp.Or(p.kinds[h.Kind].Parallel, defaultParallel)
		}
		p.groups[key] = g
	}
	return g
}

// offer makes the head of a lane a candidate, now or when its time comes.
func (p *plan) offer(e *entry, now time.Time) {
	if e.runAt.After(now) {
		e.stage = timed
		heap.Push(&p.timers, timer{at: e.runAt, entry: e})
		return
	}
	e.stage = candidate
	g := e.group
	heap.Push(&g.ready, e)
	if e.Urgency < g.held { // what holds back a card may let an answer go
		g.blocked = false
	}
	p.activate(g)
}

// withdraw takes the head of a lane back, since an older one came. A timer of
// its own that is left behind means nothing any more.
func (p *plan) withdraw(e *entry) {
	if g := e.group; e.stage == candidate {
		heap.Remove(&g.ready, e.index)
		switch {
		case g.index < 0:
		case len(g.ready) == 0:
			heap.Remove(p.active(g), g.index)
		default:
			heap.Fix(p.active(g), g.index)
		}
	}
	e.stage = queued
}

// activate has a group tried again.
func (p *plan) activate(g *group) {
	switch {
	case len(g.ready) == 0 || g.blocked:
	case g.index >= 0:
		heap.Fix(p.active(g), g.index)
	case g.parallel == 0 || g.running < g.parallel:
		heap.Push(p.active(g), g)
	}
}

// active is the heap that a group belongs to.
func (p *plan) active(g *group) *groupHeap {
	if g.key.chat != 0 {
		return &p.chats
	}
	return &p.others
}

// first is the group with the most urgent head, of the chats only while fewer
// than width messages are under way; nil if there is none.
func (p *plan) first(width int) *group {
	chats := len(p.chats) > 0 && p.sending < width
	switch {
	case chats && (len(p.others) == 0 || before(p.chats[0].ready[0], p.others[0].ready[0])):
		return p.chats[0]
	case len(p.others) > 0:
		return p.others[0]
	}
	return nil
}

// next removes the most urgent entry that may go now from the candidates; nil
// if none may. Chats that the gate holds back are tried when it says; width is
// how many messages may be under way.
func (p *plan) next(now time.Time, gate Gate, width int) *entry {
	p.wakeDue(now)
	for g := p.first(width); g != nil; g = p.first(width) {
		if g.key.chat != 0 {
			urgency := g.ready[0].Urgency
			if wait := gate.Admit(g.key.chat, urgency, now); wait > 0 {
				heap.Pop(p.active(g))
				g.blocked, g.held = true, urgency
				heap.Push(&p.timers, timer{at: now.Add(wait), group: g})
				continue
			}
		}
		e, _ := heap.Pop(&g.ready).(*entry)
		p.fly(e)
		if e.Chat != 0 {
			p.sending++
			p.gather(e, now, gate)
		}
		p.flights++
		g.running++
		heap.Pop(p.active(g))
		p.activate(g)
		return e
	}
	return nil
}

func (p *plan) fly(e *entry) {
	e.stage = flying
	p.inFlight[e.ID] = e
}

// settle takes the end of an attempt into the plan: of the entry's, and of
// those that were carried out with it.
func (p *plan) settle(e *entry, now time.Time) {
	g := e.group
	p.flights--
	g.running--
	if e.Chat != 0 {
		p.sending--
	}
	g.blocked = false // a slot was given back
	mates := e.mates
	e.mates = nil
	p.land(e, now)
	for _, m := range mates {
		p.land(m, now)
	}
	p.activate(g)
}

// land takes an entry out of the air, and lets the next of its lane come.
func (p *plan) land(e *entry, now time.Time) {
	g := e.group
	delete(p.inFlight, e.ID)
	l := p.lanes[e.lane()]
	l.queue[0] = nil
	l.queue = l.queue[1:]
	if e.again { // before those that come after it
		e.again, e.stage = false, queued
		p.enter(l, e, now)
	} else {
		delete(p.known, e.ID)
		if g.entries--; g.entries == 0 {
			delete(p.groups, g.key)
		}
	}
	switch {
	case len(l.queue) == 0:
		delete(p.lanes, e.lane())
	case l.queue[0].stage == queued:
		p.offer(l.queue[0], now)
	}
}

func (p *plan) wakeDue(now time.Time) {
	for len(p.timers) > 0 && !p.timers[0].at.After(now) {
		t, _ := heap.Pop(&p.timers).(timer)
		switch e := t.entry; {
		case e == nil:
			t.group.blocked = false
			p.activate(t.group)
		case e.stage == timed:
			p.offer(e, now)
		}
	}
}

// leasesHold gives a time until which the leases of all that is in flight
// surely hold: what is expired by then is nobody's.
func (p *plan) leasesHold(now time.Time) time.Time {
	first := now
	for _, e := range p.inFlight {
		if until := time.Unix(0, e.leasedUntil.Load()).Add(-time.Second); until.Before(first) {
			first = until
		}
	}
	return first
}

// nextDue gives the time at which something becomes possible by itself.
func (p *plan) nextDue() (time.Time, bool) {
	if len(p.timers) == 0 {
		return time.Time{}, false
	}
	return p.timers[0].at, true
}
