package metric

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// crm counts what the CRM is asked.
type crm struct {
	asked *prometheus.CounterVec
	took  *prometheus.HistogramVec
}

func newCRM() crm {
	return crm{
		asked: expect(counters("crm", "requests_total",
			"Requests to the CRM, by result: ok, or away, busy, refused, gone, invalid.", "result"),
			"ok", "away", "busy", "refused", "gone", "invalid"),
		took: durations("crm", "request_seconds", "How long a request to the CRM took."),
	}
}

func (c crm) all() []prometheus.Collector { return []prometheus.Collector{c.asked, c.took} }

// CRMAsked counts a request to the CRM by its result.
func (m *Metrics) CRMAsked(result string, took time.Duration) {
	m.crm.asked.WithLabelValues(result).Inc()
	m.crm.took.WithLabelValues().Observe(took.Seconds())
}

// WatchCRM shows how many jobs wait for the CRM, how long the oldest has, and how
// many were given up; nothing of what cannot be found out. It may be called once.
func (m *Metrics) WatchCRM(backlog Backlog, given func() (n int, known bool)) error {
	if err := m.watchBacklog("crm", "Tickets that wait to be brought into the CRM.", "Age of the oldest of them.", backlog); err != nil {
		return err
	}
	return m.watchAll("crm_given_up", family{
		descs: []*prometheus.Desc{described("crm", "given_up", "Jobs for the CRM that were given up, and neither tried again nor dropped since.")},
		read: func(set func(int, float64, ...string)) {
			if n, known := given(); known {
				set(0, float64(n))
			}
		},
	})
}

// WatchRefusal shows whether the CRM refuses the program; nothing where that
// cannot be found out. It may be called once.
func (m *Metrics) WatchRefusal(refused func() (is, known bool)) error {
	return m.watchAll("crm_refused", family{
		descs: []*prometheus.Desc{described("crm", "refused", "1 while the CRM does not take the token, and the queue stands still.")},
		read: func(set func(int, float64, ...string)) {
			if is, known := refused(); known {
				set(0, truth(is))
			}
		},
	})
}
