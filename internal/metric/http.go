package metric

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// served counts the requests that the program answers.
type served struct {
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
}

func newServed() served {
	return served{
		requests: counters("http", "requests_total", "HTTP requests by route and status.", "route", "status"),
		latency:  durations("http", "request_duration_seconds", "How long HTTP requests took.", "route"),
	}
}

func (s served) all() []prometheus.Collector {
	return []prometheus.Collector{s.requests, s.latency}
}

// Served counts an HTTP request. The route is the pattern that matched, never
// the path, of which there are endlessly many.
func (m *Metrics) Served(route string, status int, took time.Duration) {
	m.http.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.http.latency.WithLabelValues(route).Observe(took.Seconds())
}
