package metric

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// outbox counts what must be carried out after a commit.
type outbox struct {
	enqueued, finished, repeated *prometheus.CounterVec

	digests, digested prometheus.Counter
}

func newOutbox() outbox {
	return outbox{
		enqueued: counters("outbox", "enqueued_total", "Effects that were put into the outbox.", "kind"),
		finished: counters("outbox", "attempts_total", "Tries to carry an effect out, by outcome.", "kind", "outcome"),
		repeated: counters("outbox", "resent_after_unknown_total",
			"Sends repeated because nobody knows whether the first one arrived.", "kind"),
		digests:  counter("digests", "posted_total", "Messages in which cards that a group's limit held back were gathered."),
		digested: counter("digests", "tickets_total", "Tickets that such messages showed when they were posted."),
	}
}

func (o outbox) all() []prometheus.Collector {
	return []prometheus.Collector{o.enqueued, o.finished, o.repeated, o.digests, o.digested}
}

// OutboxEnqueued counts an effect that was put into the outbox.
func (m *Metrics) OutboxEnqueued(kind string) { m.outbox.enqueued.WithLabelValues(kind).Inc() }

// OutboxSent counts a try to carry an effect out, by outcome, like "sent",
// "retry" or "dead".
func (m *Metrics) OutboxSent(kind, outcome string) {
	m.outbox.finished.WithLabelValues(kind, outcome).Inc()
}

// ResentAfterUnknown counts a send that is repeated since the answer to the
// first one was lost: Telegram has no idempotency, so it may arrive twice.
func (m *Metrics) ResentAfterUnknown(kind string) { m.outbox.repeated.WithLabelValues(kind).Inc() }

// DigestPosted counts a digest of so many tickets.
func (m *Metrics) DigestPosted(tickets int) {
	m.outbox.digests.Inc()
	m.outbox.digested.Add(float64(tickets))
}

// WatchOutbox shows how many effects of each kind wait, and how old the oldest of
// them is that is due; 0 if none is. Read calls set with each kind. It may be
// called once.
func (m *Metrics) WatchOutbox(read func(set func(kind string, waiting int, oldest time.Duration))) error {
	return m.watchAll("outbox_depth", family{
		descs: []*prometheus.Desc{
			described("outbox", "depth", "Effects that wait to be carried out, by kind.", "kind"),
			described("outbox", "oldest_due_age_seconds", "Age of the oldest effect of a kind that is due.", "kind"),
		},
		read: func(set func(int, float64, ...string)) {
			read(func(kind string, waiting int, oldest time.Duration) {
				set(0, float64(waiting), kind)
				set(1, oldest.Seconds(), kind)
			})
		},
	})
}
