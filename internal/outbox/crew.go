package outbox

import "time"

// breather is how long a member of the crew waits for the next flight.
const breather = 100 * time.Millisecond

// crew carries flights out. A goroutine that is made for each would begin with a
// small stack every time, and copying that as it grows took a fortieth of the
// work for a VIN; so who is done waits a moment for another.
type crew struct {
	next chan func()   // nobody waits in it
	gone chan struct{} // closed at the end
}

func newCrew() *crew { return &crew{next: make(chan func()), gone: make(chan struct{})} }

// carryOut has somebody do it, at once.
func (c *crew) carryOut(do func()) {
	select {
	case c.next <- do:
	default:
		go c.work(do)
	}
}

func (c *crew) work(do func()) {
	timer := time.NewTimer(breather)
	defer timer.Stop()
	for {
		do()
		timer.Reset(breather)
		select {
		case do = <-c.next:
		case <-timer.C:
			return
		case <-c.gone:
			return
		}
	}
}

// disband sends those home who wait, and the others when they are done.
func (c *crew) disband() { close(c.gone) }
