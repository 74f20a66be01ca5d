// Package metric counts what the program does, for Prometheus: one struct of
// collectors with a registry of its own. Rooms count through small interfaces
// of their own, which this struct satisfies.
package metric

import (
	"fmt"
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
}

// New makes the collectors, all at zero.
func New(build Build) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		inbox:    newInbox(), outbox: newOutbox(), botAPI: newBotAPI(), tickets: newTickets(), owners: newOwners(), http: newServed(),
		webhooks: newWebhooks(), crm: newCRM(),
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
	} {
		m.registry.MustRegister(group...)
	}
	return m
}

// Handler serves all metrics in Prometheus's text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// WatchLeader has it asked whether this process is the one that polls and
// sends: of all processes' figures one is 1.
func (m *Metrics) WatchLeader(leads func() bool) error {
	return m.watch("", "leader", "1 in the process that polls, handles and sends, 0 in one that waits for its turn.", func() float64 {
		if leads() {
			return 1
		}
		return 0
	})
}

// watch registers a gauge that is asked whenever the metrics are read.
func (m *Metrics) watch(subsystem, name, help string, value func() float64) error {
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Subsystem: subsystem, Name: name, Help: help,
	}, value)
	if err := m.registry.Register(gauge); err != nil {
		return fmt.Errorf("watch %s_%s: %w", subsystem, name, err)
	}
	return nil
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
