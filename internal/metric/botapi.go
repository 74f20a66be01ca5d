package metric

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// botAPI counts the calls to Telegram.
type botAPI struct {
	calls   *prometheus.CounterVec
	latency *prometheus.HistogramVec
	refused prometheus.Counter
	paused  prometheus.Counter
}

func newBotAPI() botAPI {
	return botAPI{
		calls:   counters("bot_api", "calls_total", "Calls to the Bot API by method and result.", "method", "result"),
		latency: durations("bot_api", "call_duration_seconds", "How long calls to the Bot API took.", "method"),
		refused: counter("bot_api", "too_many_requests_total", "Calls refused with 429."),
		paused:  counter("bot_api", "paused_seconds_total", "Time for which 429 made sending pause."),
	}
}

func (b botAPI) all() []prometheus.Collector {
	return []prometheus.Collector{b.calls, b.latency, b.refused, b.paused}
}

// Call counts a call to the Bot API by its result, like "ok", "400" or
// "timeout", and how long it took.
func (m *Metrics) Call(method, result string, took time.Duration) {
	m.botAPI.calls.WithLabelValues(method, result).Inc()
	m.botAPI.latency.WithLabelValues(method).Observe(took.Seconds())
}

// TooManyRequests counts a 429, and the pause that it asked for.
func (m *Metrics) TooManyRequests(pause time.Duration) {
	m.botAPI.refused.Inc()
	m.botAPI.paused.Add(max(0, pause.Seconds()))
}
