package telegram

import "time"

// window lets at most len(ends) sends be in any stretch of time as long as
// span, wherever between its start and its answer each of them counts at the
// server. A send holds a slot from its start until span after its answer.
type window struct {
	span     time.Duration
	inFlight int
	ends     []time.Duration // a ring: when slots of answered sends come free
	first    int
	held     int // how many of the ring are in use
}

// expire frees the slots whose time is over.
func (w *window) expire(now time.Duration) {
	for w.held > 0 && w.ends[w.first] <= now {
		w.first = (w.first + 1) % len(w.ends)
		w.held--
	}
}

// free is how many slots may be taken now if so many are kept.
func (w *window) free(now time.Duration, kept int) int {
	w.expire(now)
	return max(len(w.ends)-kept-w.held-w.inFlight, 0)
}

// wait is how long until a slot may be free beside those that are kept; 0 for
// now. Where sends in flight must end first nobody can tell, and it is recheck.
func (w *window) wait(now time.Duration, kept int) time.Duration {
	w.expire(now)
	switch lack := w.held + w.inFlight + kept + 1 - len(w.ends); {
	case lack <= 0:
		return 0
	case lack <= w.held:
		return w.ends[(w.first+lack-1)%len(w.ends)] - now
	default:
		return recheck
	}
}

func (w *window) take() { w.inFlight++ }

// release begins the time after an answer. A send that none began is ignored.
func (w *window) release(now time.Duration) {
	if w.inFlight == 0 {
		return
	}
	w.inFlight--
	end := now + w.span
	if w.held > 0 { // slots come free in the ring's order, whatever the order of the clocks' readings
		end = max(end, w.ends[(w.first+w.held-1)%len(w.ends)])
	}
	w.ends[(w.first+w.held)%len(w.ends)] = end
	w.held++
}

func (w *window) idle(now time.Duration) bool {
	w.expire(now)
	return w.held == 0 && w.inFlight == 0
}
