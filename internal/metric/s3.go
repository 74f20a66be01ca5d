package metric

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// s3 counts what the archive's server is asked.
type s3 struct {
	asked *prometheus.CounterVec
	took  prometheus.Histogram
}

func newS3() s3 {
	return s3{
		asked: expect(counters("s3", "requests_total",
			"Requests to the archive in S3, by result: ok, away or refused.", "result"), "ok", "away", "refused"),
		took: span("s3", "request_seconds", "How long requests to the archive in S3 took, until the answer began.",
			.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30),
	}
}

func (s s3) all() []prometheus.Collector { return []prometheus.Collector{s.asked, s.took} }

// S3Asked counts a request to the archive by its result.
func (m *Metrics) S3Asked(result string, took time.Duration) {
	m.s3.asked.WithLabelValues(result).Inc()
	m.s3.took.Observe(took.Seconds())
}
