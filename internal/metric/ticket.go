package metric

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// tickets counts the business itself.
type tickets struct {
	opened, taken, done, undelivered, rejected prometheus.Counter

	reports, verdicts, mismatches, overdue *prometheus.CounterVec

	toTake, toDone, size prometheus.Histogram
}

// workingTime makes a histogram of what a ticket takes, from a minute to a week.
func workingTime(name, help string) prometheus.Histogram {
	return span("tickets", name, help, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 345600, 604800)
}

func newTickets() tickets {
	return tickets{
		opened:      counter("tickets", "opened_total", "Tickets that were opened."),
		taken:       counter("tickets", "taken_total", "Times that a manager took a ticket."),
		done:        counter("tickets", "done_total", "Tickets whose report was delivered."),
		undelivered: counter("tickets", "undelivered_total", "Times that a report did not reach the owner."),
		rejected:    counter("tickets", "rejected_total", "Tickets that a manager rejected."),
		overdue: counters("sla", "breaches_total",
			"Times that a ticket's time was up, by the step that was taken then.", "step"),
		toTake: workingTime("time_to_take_seconds", "Working time until somebody took a ticket."),
		toDone: workingTime("time_to_done_seconds", "Working time until a ticket's report was delivered."),
		size: span("reports", "size_bytes", "Size of the files of reports that were checked.",
			1<<16, 1<<18, 1<<20, 1<<21, 1<<22, 1<<23, 1<<24, 20<<20, 50<<20),
		reports:  counters("reports", "checked_total", "Reports by the result of their check.", "result"),
		verdicts: counters("vin", "verdicts_total", "VINs from owners by verdict and reason.", "verdict", "reason"),
		mismatches: counters("vin", "check_digit_mismatches_total",
			"VINs from owners whose check digit is wrong, by maker's code and verdict: ok with a code that is seen often "+
				"says that its maker carries none.", "wmi", "verdict"),
	}
}

func (t tickets) all() []prometheus.Collector {
	return []prometheus.Collector{
		t.opened, t.taken, t.done, t.undelivered, t.rejected, t.reports, t.verdicts, t.mismatches, t.overdue,
		t.toTake, t.toDone, t.size,
	}
}

// TicketOpened counts a ticket that was opened.
func (m *Metrics) TicketOpened() { m.tickets.opened.Inc() }

// TicketTaken counts a ticket that a manager took, after so much working time.
func (m *Metrics) TicketTaken(after time.Duration) {
	m.tickets.taken.Inc()
	m.tickets.toTake.Observe(after.Seconds())
}

// TicketDone counts a ticket whose report Telegram accepted, after so much working
// time.
func (m *Metrics) TicketDone(after time.Duration) {
	m.tickets.done.Inc()
	m.tickets.toDone.Observe(after.Seconds())
}

// TicketUndelivered counts a report that did not reach the owner.
func (m *Metrics) TicketUndelivered() { m.tickets.undelivered.Inc() }

// TicketRejected counts a ticket that a manager rejected.
func (m *Metrics) TicketRejected() { m.tickets.rejected.Inc() }

// ExpectSteps names the steps that may be taken of a ticket whose time is up.
func (m *Metrics) ExpectSteps(steps ...string) { expect(m.tickets.overdue, steps...) }

// WatchTickets shows how many tickets are open, by status and priority: read calls
// set with each. It may be called once.
func (m *Metrics) WatchTickets(read func(set func(status, priority string, n int))) error {
	return m.watchAll("tickets_open", family{
		descs: []*prometheus.Desc{described("tickets", "open", "Tickets that are open, by status and priority.", "status", "priority")},
		read: func(set func(int, float64, ...string)) {
			read(func(status, priority string, n int) { set(0, float64(n), status, priority) })
		},
	})
}

// TicketOverdue counts a ticket whose time was up, by the step that was taken.
func (m *Metrics) TicketOverdue(step string) { m.tickets.overdue.WithLabelValues(step).Inc() }

// ReportChecked counts a file of a report by the result of its check and its size
// in bytes.
func (m *Metrics) ReportChecked(result string, size int64) {
	m.tickets.reports.WithLabelValues(result).Inc()
	m.tickets.size.Observe(float64(size))
}

// VINJudged counts a VIN by its verdict and the reason for it, which is empty
// where there is nothing to say.
func (m *Metrics) VINJudged(verdict, reason string) {
	m.tickets.verdicts.WithLabelValues(verdict, reason).Inc()
}

// CheckDigitMismatched counts a VIN whose check digit is wrong, by its maker's
// code, of which the caller gives only known ones, and its verdict.
func (m *Metrics) CheckDigitMismatched(wmi, verdict string) {
	m.tickets.mismatches.WithLabelValues(wmi, verdict).Inc()
}
