package panel

import "vinbot/internal/ticket"

// queueSize is how many tickets a page of the queue shows.
const queueSize = 50

func (p *Panel) queueRoutes() []route {
	return []route{{"GET", "/{$}", managers, (*visit).showQueue}}
}

// queue is what the page of the queue shows.
type queue struct {
	Tickets []ticket.Ticket
	Total   int
}

// showQueue lists the tickets that nobody has taken.
func (v *visit) showQueue() error {
	waiting, total, err := v.Store.Queue(v.ctx(), 0, queueSize)
	if err != nil {
		return err
	}
	shown := queue{waiting, total}
	if v.partial() {
		return v.part("queue", shown)
	}
	return v.show("queue", "queue.title", shown)
}
