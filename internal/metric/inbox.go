package metric

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// inbox counts what comes from Telegram.
type inbox struct {
	received, handled, retried, setAside prometheus.Counter

	polls    *prometheus.CounterVec
	lastPoll prometheus.Gauge
}

func newInbox() inbox {
	return inbox{
		received: counter("updates", "received_total", "Updates that were stored."),
		handled:  counter("updates", "handled_total", "Updates that were handled to their end."),
		retried:  counter("updates", "retried_total", "Failed tries to handle an update that are followed by another."),
		setAside: counter("updates", "set_aside_total", "Updates that failed too often and were set aside."),
		polls:    counters("", "polls_total", "Long polls by outcome.", "outcome"),
		lastPoll: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "last_successful_poll_timestamp_seconds",
			Help: "When Telegram last answered a long poll, in Unix time; 0 if never.",
		}),
	}
}

func (i inbox) all() []prometheus.Collector {
	return []prometheus.Collector{i.received, i.handled, i.retried, i.setAside, i.polls, i.lastPoll}
}

// UpdatesReceived counts updates that were stored.
func (m *Metrics) UpdatesReceived(n int) { m.inbox.received.Add(float64(n)) }

// UpdateHandled counts an update that was handled to its end.
func (m *Metrics) UpdateHandled() { m.inbox.handled.Inc() }

// UpdateRetried counts a failed try that will be followed by another.
func (m *Metrics) UpdateRetried() { m.inbox.retried.Inc() }

// UpdateSetAside counts an update that failed too often.
func (m *Metrics) UpdateSetAside() { m.inbox.setAside.Inc() }

// Polled counts a long poll by its outcome, like "conflict" or "timeout".
func (m *Metrics) Polled(outcome string) { m.inbox.polls.WithLabelValues(outcome).Inc() }

// PollSucceeded counts a long poll that Telegram answered, and when.
func (m *Metrics) PollSucceeded(at time.Time) {
	m.Polled("ok")
	m.inbox.lastPoll.Set(float64(at.UnixMilli()) / 1000)
}

// WatchInbox shows how old the oldest update is that waits to be handled: 0 if
// none waits, nothing where that cannot be found out. It may be called once.
func (m *Metrics) WatchInbox(oldest func() (age time.Duration, known bool)) error {
	return m.watchAll("updates_oldest_pending_age_seconds", family{
		descs: []*prometheus.Desc{described("updates", "oldest_pending_age_seconds", "Age of the oldest update that waits to be handled.")},
		read: func(set func(int, float64, ...string)) {
			if age, known := oldest(); known {
				set(0, age.Seconds())
			}
		},
	})
}
