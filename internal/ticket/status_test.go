package ticket_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/ticket"
)

// The table of the product's description, by hand.
func mayBecome() map[ticket.Status]map[ticket.Status]bool {
	return map[ticket.Status]map[ticket.Status]bool{
		"new":         {"taken": true, "delivering": true, "rejected": true, "cancelled": true},
		"taken":       {"new": true, "delivering": true, "rejected": true, "cancelled": true},
		"delivering":  {"done": true, "undelivered": true, "taken": true},
		"undelivered": {"delivering": true, "rejected": true, "cancelled": true},
		"done":        {"done": true, "new": true},
		"rejected":    {"new": true},
		"cancelled":   {"new": true},
	}
}

func reportMayBecome() map[ticket.ReportStatus]map[ticket.ReportStatus]bool {
	return map[ticket.ReportStatus]map[ticket.ReportStatus]bool{
		// A correction is asked about before it is checked, and a ticket may
		// be closed while a report waits.
		"received": {"checking": true, "needs_confirmation": true, "refused": true},
		"checking": {"refused": true, "needs_confirmation": true, "accepted": true},
		// A correction that is confirmed is checked then.
		"needs_confirmation": {"refused": true, "accepted": true, "checking": true},
		"accepted":           {"delivering": true, "refused": true},
		// Telegram may refuse the file.
		"delivering":  {"delivered": true, "undelivered": true, "refused": true},
		"undelivered": {"delivering": true, "refused": true},
		"delivered":   {},
		"refused":     {},
	}
}

func TestTicketsMoveAlongTheTableOnly(t *testing.T) {
	t.Parallel()
	table := mayBecome()
	assert.Len(t, ticket.Statuses(), len(table))
	for _, from := range append(ticket.Statuses(), "nonsense") {
		for _, to := range append(ticket.Statuses(), "nonsense") {
			assert.Equal(t, table[from][to], from.May(to), "%s to %s", from, to)
		}
		assert.Len(t, from.Next(), len(table[from]))
	}
}

func TestReportsMoveAlongTheTableOnly(t *testing.T) {
	t.Parallel()
	table := reportMayBecome()
	for from := range table {
		for to := range table {
			assert.Equal(t, table[from][to], from.May(to), "%s to %s", from, to)
		}
		assert.Len(t, from.Next(), len(table[from]))
	}
	assert.Empty(t, ticket.ReportStatus("nonsense").Next())
}

func TestWhatIsOpenAndWhatIsLive(t *testing.T) {
	t.Parallel()
	for _, s := range append(ticket.Statuses(), "nonsense") {
		open := s == "new" || s == "taken" || s == "delivering" || s == "undelivered"
		assert.Equal(t, open, s.Open(), s)
	}
	for s := range reportMayBecome() {
		live := s != "received" && s != "delivered" && s != "refused"
		assert.Equal(t, live, s.Live(), s)
	}
}
