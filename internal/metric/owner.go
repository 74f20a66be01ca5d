package metric

import "github.com/prometheus/client_golang/prometheus"

// owners counts what owners do besides sending VINs.
type owners struct {
	cancelled, again prometheus.Counter
	ratings, limited *prometheus.CounterVec
}

func newOwners() owners {
	return owners{
		cancelled: counter("tickets", "cancelled_total", "Tickets that their owner cancelled."),
		again:     counter("reports", "sent_again_total", "Delivered reports that went out once more since their owner asked."),
		ratings:   counters("ratings", "given_total", "Ratings by the number of stars, changes of mind included.", "stars"),
		limited: counters("owners", "limited_total",
			"What owners sent over a limit, by the limit: messages, tickets (in an hour) or open.", "limit"),
	}
}

func (o owners) all() []prometheus.Collector {
	return []prometheus.Collector{o.cancelled, o.again, o.ratings, o.limited}
}

// TicketCancelled counts a ticket that its owner cancelled.
func (m *Metrics) TicketCancelled() { m.owners.cancelled.Inc() }

// TicketRated counts a rating by its number of stars.
func (m *Metrics) TicketRated(stars string) { m.owners.ratings.WithLabelValues(stars).Inc() }

// ReportSentAgain counts a delivered report that its owner got once more.
func (m *Metrics) ReportSentAgain() { m.owners.again.Inc() }

// OwnerLimited counts what an owner sent over a limit.
func (m *Metrics) OwnerLimited(limit string) { m.owners.limited.WithLabelValues(limit).Inc() }
