package inbox

import (
	"slices"
	"time"
)

// plan is what the dispatcher knows of the updates in memory: a queue for each
// order key, the keys whose head may run, and those whose head waits for its
// next try.
type plan struct {
	last    int64 // sequence number of the newest update read
	from    int64 // from which on those read before are read again; 0 for none
	more    bool  // the store may hold more
	running int

	awayUntil time.Time // all wait until then for the store; zero if it answers

	known   map[int64]struct{} // sequence numbers of what is loaded
	queues  map[string][]*item
	runs    []string // keys whose head may run, oldest first
	delayed []*item  // heads that wait for their next try
	loaded  int
	counted int     // of loaded, those that count against the window
	alone   bool    // one that must be alone runs
	owed    []int64 // attempts that the store must take back
}

func newPlan() *plan {
	return &plan{more: true, known: map[int64]struct{}{}, queues: map[string][]*item{}}
}

// room is how many updates may still be loaded.
func (p *plan) room() int { return min(window-p.counted, maxLoaded-p.loaded) }

// add takes a new update behind those that share its key.
func (p *plan) add(it *item) {
	p.last = it.Seq
	p.known[it.Seq] = struct{}{}
	p.loaded++
	q := p.queues[it.route.Key]
	if len(q) < share {
		p.counted++
	} else {
		it.park(q[0].route.Key)
	}
	p.queues[it.route.Key] = append(q, it)
	if len(q) == 0 {
		p.runs = append(p.runs, it.route.Key)
	}
}

// knows reports whether an update is in the plan.
func (p *plan) knows(seq int64) bool {
	_, ok := p.known[seq]
	return ok
}

// insert takes an older update in: among those that share its key it stands in
// the order of arrival, but for the first, whose turn it is already.
func (p *plan) insert(it *item) {
	p.known[it.Seq] = struct{}{}
	p.loaded++
	q := p.queues[it.route.Key]
	if len(q) < share {
		p.counted++
	}
	if len(q) == 0 {
		p.queues[it.route.Key] = append(q, it)
		p.runs = append(p.runs, it.route.Key)
		return
	}
	it.route.Key = q[0].route.Key
	at := len(q)
	for at > 1 && q[at-1].Seq > it.Seq {
		at--
	}
	p.queues[it.route.Key] = slices.Insert(q, at, it)
}

// ready removes up to n heads that may run now from the plan. One that must
// run alone comes by itself, when nothing else runs.
func (p *plan) ready(now time.Time, n int) []*item {
	p.wakeDue(now)
	if p.alone {
		return nil
	}
	var batch []*item
	for len(batch) < n && len(p.runs) > 0 {
		it := p.queues[p.runs[0]][0]
		if it.runAt.After(now) {
			p.runs = p.runs[1:]
			p.delayed = append(p.delayed, it)
			continue
		}
		if it.alone {
			if len(batch) > 0 || p.running > 0 {
				break
			}
			p.alone = true
			p.runs = p.runs[1:]
			return []*item{it}
		}
		p.runs = p.runs[1:]
		batch = append(batch, it)
	}
	return batch
}

// putBack undoes ready.
func (p *plan) putBack(batch []*item) {
	keys := make([]string, 0, len(batch)+len(p.runs))
	for _, it := range batch {
		keys = append(keys, it.route.Key)
		if it.alone {
			p.alone = false
		}
	}
	p.runs = append(keys, p.runs...)
}

// finish removes a handled head; the next of its key may run.
func (p *plan) finish(it *item) {
	p.release(it)
	delete(p.known, it.Seq)
	p.loaded--
	q := p.queues[it.route.Key]
	q[0] = nil // its body is not held any longer
	q = q[1:]
	if len(q) < share {
		p.counted--
	}
	if len(q) == 0 {
		delete(p.queues, it.route.Key)
		return
	}
	p.queues[it.route.Key] = q
	p.runs = append(p.runs, it.route.Key)
}

// again keeps a failed head at its key until it is due.
func (p *plan) again(it *item, at time.Time) {
	p.release(it)
	it.runAt = at
	p.delayed = append(p.delayed, it)
}

// excuse has a head tried again whose attempt does not count, since the store
// was away.
func (p *plan) excuse(it *item, now time.Time) {
	it.Attempt--
	p.owed = append(p.owed, it.Seq)
	p.again(it, now)
}

func (p *plan) release(it *item) {
	if it.alone {
		p.alone = false
	}
}

// wakeDue lets delayed heads run whose time has come, before newer ones.
func (p *plan) wakeDue(now time.Time) {
	var due []string
	p.delayed = slices.DeleteFunc(p.delayed, func(it *item) bool {
		if it.runAt.After(now) {
			return false
		}
		due = append(due, it.route.Key)
		return true
	})
	if len(due) > 0 {
		p.runs = append(due, p.runs...)
	}
}

// waits reports whether all wait for the store.
func (p *plan) waits(now time.Time) bool { return now.Before(p.awayUntil) }

// nextDue gives the time at which there is something to do without a signal:
// when the store is asked again, or the earliest delayed head is due.
func (p *plan) nextDue(now time.Time) (time.Time, bool) {
	if p.waits(now) {
		return p.awayUntil, true
	}
	var first time.Time
	for _, it := range p.delayed {
		if first.IsZero() || it.runAt.Before(first) {
			first = it.runAt
		}
	}
	return first, !first.IsZero()
}
