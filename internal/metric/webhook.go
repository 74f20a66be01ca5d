package metric

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// webhooks counts what other systems are told.
type webhooks struct {
	tries, stopped *prometheus.CounterVec

	took *prometheus.HistogramVec
}

func newWebhooks() webhooks {
	return webhooks{
		tries: expect(counters("webhook", "attempts_total",
			"Tries to deliver to a webhook, by outcome: delivered, failed, or dead where it was the last.", "outcome"),
			"delivered", "failed", "dead"),
		stopped: counters("webhook", "stopped_total", "Webhooks that were switched off, by reason.", "reason"),
		took:    durations("webhook", "attempt_seconds", "How long a try to deliver to a webhook took."),
	}
}

func (w webhooks) all() []prometheus.Collector {
	return []prometheus.Collector{w.tries, w.stopped, w.took}
}

// WebhookTried counts a try to deliver to a webhook by its outcome.
func (m *Metrics) WebhookTried(outcome string, took time.Duration) {
	m.webhooks.tries.WithLabelValues(outcome).Inc()
	m.webhooks.took.WithLabelValues().Observe(took.Seconds())
}

// WebhookStopped counts a webhook that was switched off, by reason.
func (m *Metrics) WebhookStopped(reason string) { m.webhooks.stopped.WithLabelValues(reason).Inc() }

// WatchWebhooks shows how many deliveries wait, and how long the oldest has;
// nothing where that cannot be found out. It may be called once.
func (m *Metrics) WatchWebhooks(backlog Backlog) error {
	return m.watchBacklog("webhook", "Deliveries to webhooks that wait.", "Age of the oldest delivery that waits.", backlog)
}
