package metric

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// family is gauges of one name, or several that are found out together, that are
// asked for whenever the metrics are read.
type family struct {
	descs []*prometheus.Desc
	read  func(set func(of int, value float64, labels ...string))
}

var _ prometheus.Collector = family{}

// Describe gives the names.
func (f family) Describe(to chan<- *prometheus.Desc) {
	for _, d := range f.descs {
		to <- d
	}
}

// Collect asks.
func (f family) Collect(to chan<- prometheus.Metric) {
	f.read(func(of int, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(f.descs[of], prometheus.GaugeValue, value, labels...)
	})
}

// described is the name of a gauge of a family.
func described(subsystem, name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, subsystem, name), help, labels, nil)
}

// watchAll registers a family.
func (m *Metrics) watchAll(what string, f family) error {
	if err := m.registry.Register(f); err != nil {
		return fmt.Errorf("watch %s: %w", what, err)
	}
	return nil
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

// Backlog tells how much waits and how long the oldest of it has; known is false
// where that cannot be found out, so that nothing is shown.
type Backlog func() (waiting int, oldest time.Duration, known bool)

// watchBacklog shows a backlog as two gauges.
func (m *Metrics) watchBacklog(subsystem, waits, ages string, read Backlog) error {
	return m.watchAll(subsystem+"_waiting", family{
		descs: []*prometheus.Desc{described(subsystem, "waiting", waits), described(subsystem, "oldest_age_seconds", ages)},
		read: func(set func(int, float64, ...string)) {
			if waiting, oldest, known := read(); known {
				set(0, float64(waiting))
				set(1, oldest.Seconds())
			}
		},
	})
}

// WatchLeader has it asked whether this process is the one that polls and
// sends: of all processes' figures one is 1.
func (m *Metrics) WatchLeader(leads func() bool) error {
	return m.watch("", "leader", "1 in the process that polls, handles and sends, 0 in one that waits for its turn.",
		func() float64 { return truth(leads()) })
}

// WatchDisk shows how much room there is where the program writes: read calls set
// with a word for the folder, how many bytes are free there, and how many there
// are. It may be called once.
func (m *Metrics) WatchDisk(read func(set func(folder string, free, size uint64))) error {
	return m.watchAll("disk", family{
		descs: []*prometheus.Desc{
			described("disk", "free_bytes", "Room that is left for the program on the disk of a folder: data or database.", "folder"),
			described("disk", "size_bytes", "Size of that disk.", "folder"),
		},
		read: func(set func(int, float64, ...string)) {
			read(func(folder string, free, size uint64) {
				set(0, float64(free), folder)
				set(1, float64(size), folder)
			})
		},
	})
}

// truth is 1 for what is so.
func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
