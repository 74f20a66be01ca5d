package inbox

import "time"

// plan is what the dispatcher knows of the updates in memory: a queue for each
// order key, the keys whose head may run, and those whose head waits for its
// next try.
type plan struct {
	last    int64 // sequence number of the newest update read
	more    bool  // the store may hold more
	running int

	awayUntil time.Time // all wait until then for the store; zero if it answers

	queues  map[string][]*item
	runs    []string // keys whose head may run, oldest first
	delayed []*item  // heads that wait for their next try
	loaded  int
	alone   bool // one that must be alone runs
}

func newPlan() *plan { return &plan{more: true, queues: map[string][]*item{}} }

func (p *plan) size() int { return p.loaded }

// add takes a new update behind those that share its key.
func (p *plan) add(it *item) {
	p.last = it.Seq
	p.loaded++
	q := p.queues[it.route.Key]
	p.queues[it.route.Key] = append(q, it)
	if len(q) == 0 {
		p.runs = append(p.runs, it.route.Key)
	}
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
	p.loaded--
	q := p.queues[it.route.Key][1:]
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

func (p *plan) release(it *item) {
	if it.alone {
		p.alone = false
	}
}

// wakeDue lets delayed heads run whose time has come, before newer ones.
func (p *plan) wakeDue(now time.Time) {
	waiting := p.delayed[:0]
	for _, it := range p.delayed {
		if it.runAt.After(now) {
			waiting = append(waiting, it)
			continue
		}
		p.runs = append([]string{it.route.Key}, p.runs...)
	}
	p.delayed = waiting
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
