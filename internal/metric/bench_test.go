package metric_test

import (
	"testing"
	"time"

	"vinbot/internal/metric"
)

// BenchmarkVIN counts all that a VIN brings about until its card is posted: an
// update, a ticket, an answer and a card.
func BenchmarkVIN(b *testing.B) {
	m := metric.New(metric.Build{})
	b.ReportAllocs()
	for b.Loop() {
		m.UpdatesReceived(1)
		m.VINJudged("ok", "")
		m.TicketOpened()
		m.UpdateHandled()
		for _, kind := range [...]string{"say", "card.post"} {
			m.OutboxEnqueued(kind)
			m.Call("sendMessage", "ok", 20*time.Millisecond)
			m.OutboxSent(kind, "done")
			m.Transaction("ok", time.Millisecond)
		}
		m.Transaction("ok", time.Millisecond)
	}
}
