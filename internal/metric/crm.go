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
// many were given up. It may be called once.
func (m *Metrics) WatchCRM(waiting func() int, oldest func() time.Duration, given func() int) error {
	err := m.watch("crm", "waiting", "Tickets that wait to be brought into the CRM.", func() float64 { return float64(waiting()) })
	if err != nil {
		return err
	}
	err = m.watch("crm", "given_up", "Jobs for the CRM that were given up, and neither tried again nor dropped since.", func() float64 { return float64(given()) })
	if err != nil {
		return err
	}
	return m.watch("crm", "oldest_age_seconds", "Age of the oldest of them.", func() float64 { return oldest().Seconds() })
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
