package metric

import "github.com/prometheus/client_golang/prometheus"

// tickets counts the business itself.
type tickets struct {
	opened, taken, done, undelivered, rejected prometheus.Counter

	reports, verdicts, mismatches, overdue *prometheus.CounterVec
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
	}
}

// TicketOpened counts a ticket that was opened.
func (m *Metrics) TicketOpened() { m.tickets.opened.Inc() }

// TicketTaken counts a ticket that a manager took.
func (m *Metrics) TicketTaken() { m.tickets.taken.Inc() }

// TicketDone counts a ticket whose report Telegram accepted.
func (m *Metrics) TicketDone() { m.tickets.done.Inc() }

// TicketUndelivered counts a report that did not reach the owner.
func (m *Metrics) TicketUndelivered() { m.tickets.undelivered.Inc() }

// TicketRejected counts a ticket that a manager rejected.
func (m *Metrics) TicketRejected() { m.tickets.rejected.Inc() }

// TicketOverdue counts a ticket whose time was up, by the step that was taken.
func (m *Metrics) TicketOverdue(step string) { m.tickets.overdue.WithLabelValues(step).Inc() }

// ReportChecked counts a report by the result of its check.
func (m *Metrics) ReportChecked(result string) { m.tickets.reports.WithLabelValues(result).Inc() }

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
