// Package metric counts what the program does, for Prometheus: one struct of
// collectors with a registry of its own. Rooms count through small interfaces
// of their own, which this struct satisfies.
package metric

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace begins the name of every metric.
const namespace = "vinbot"

// Build says which program counts.
type Build struct {
	Version   string
	Commit    string
	GoVersion string
}

// Metrics is every collector of the program. Its methods are safe to call from
// several goroutines.
type Metrics struct {
	registry *prometheus.Registry

	inbox   inbox
	outbox  outbox
	botAPI  botAPI
	tickets tickets
	owners  owners
	http    served

	webhooks webhooks
	crm      crm
	s3       s3
	database database
}

// New makes the collectors, all at zero.
func New(build Build) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		inbox:    newInbox(), outbox: newOutbox(), botAPI: newBotAPI(), tickets: newTickets(), owners: newOwners(), http: newServed(),
		webhooks: newWebhooks(), crm: newCRM(), s3: newS3(), database: newDatabase(),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the labels say which build runs.",
		ConstLabels: prometheus.Labels{"version": build.Version, "commit": build.Commit, "goversion": build.GoVersion},
	})
	info.Set(1)
	m.registry.MustRegister(info, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, group := range [][]prometheus.Collector{
		m.inbox.all(), m.outbox.all(), m.botAPI.all(), m.tickets.all(), m.owners.all(), m.http.all(), m.webhooks.all(), m.crm.all(),
		m.s3.all(), m.database.all(),
	} {
		m.registry.MustRegister(group...)
	}
	return m
}

// Handler serves all metrics in Prometheus's text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

func counter(subsystem, name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: namespace, Subsystem: subsystem, Name: name, Help: help,
	})
}

func counters(subsystem, name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Subsystem: subsystem, Name: name, Help: help,
	}, labels)
}

// durations makes histograms from 5 ms, which a local server needs, to the
// length of a long poll.
func durations(subsystem, name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Subsystem: subsystem, Name: name, Help: help,
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	}, labels)
}

// span makes a histogram of what has other bounds.
func span(subsystem, name, help string, bounds ...float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Subsystem: subsystem, Name: name, Help: help, Buckets: bounds,
	})
}

// expect begins counters of a label at zero: a rate needs the first point.
func expect(of *prometheus.CounterVec, values ...string) *prometheus.CounterVec {
	for _, v := range values {
		of.WithLabelValues(v)
	}
	return of
}
