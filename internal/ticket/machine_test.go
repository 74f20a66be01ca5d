package ticket_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/ticket"
)

// machine does at random what people and Telegram may do in any order, and
// holds the world to what must always be true.
type machine struct {
	*world
	before  data
	message int
}

func TestNothingThatHappensBreaksTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{world: newWorld(t), message: 100}
		m.before = m.clone()
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "open": m.open, "post": m.post, "take": m.take, "receive": m.receiveOne,
			"check": m.checked, "confirm": m.confirm, "outcome": m.outcome, "return": m.returned,
			"close": m.close, "reopen": m.reopen, "release": m.release, "assign": m.assign, "prioritize": m.prioritize,
		})
	})
}

// done says that what was tried is allowed to be refused, and no more.
func (m *machine) done(t *rapid.T, err error) {
	if err != nil {
		assert.Contains(t, []ticket.Code{ticket.CodeConflict, ticket.CodeNotFound}, ticket.CodeOf(err), err.Error())
		assert.Equal(t, m.before, m.clone(), "what is refused changes nothing")
	}
}

func (m *machine) ticketID(t *rapid.T) int64 { return int64(rapid.IntRange(1, 3).Draw(t, "ticket")) }

func (m *machine) reportID(t *rapid.T) int64 {
	return int64(rapid.IntRange(1, max(1, len(m.reports))).Draw(t, "report"))
}

func (m *machine) open(t *rapid.T) {
	if len(m.tickets) == 3 {
		t.Skip("enough")
	}
	o := ticket.Opening{Owner: owner, VIN: rapid.SampledFrom([]string{vin, another}).Draw(t, "vin")}
	_, _, err := m.Open(context.Background(), o)
	m.done(t, err)
}

func (m *machine) post(t *rapid.T) {
	m.message++
	id := m.ticketID(t)
	m.done(t, m.CardPosted(context.Background(), shown(ticket.Ticket{
		ID: id, Version: rapid.Int64Range(1, max(1, m.tickets[id].Version)).Draw(t, "rendered"),
	}, group, m.message)))
}

func (m *machine) take(t *rapid.T) {
	_, _, err := m.Take(context.Background(), m.ticketID(t), rapid.SampledFrom([]ticket.Actor{anna(), boris()}).Draw(t, "by"))
	m.done(t, err)
}

func (m *machine) receiveOne(t *rapid.T) {
	_, err := m.ReceiveReport(context.Background(), pdf(m.ticketID(t), rapid.IntRange(60, 66).Draw(t, "message"), anna()))
	m.done(t, err)
}

func (m *machine) checked(t *rapid.T) {
	reason := rapid.SampledFrom([]string{"", "", ticket.ReasonUnchecked, ticket.ReasonDamaged}).Draw(t, "reason")
	m.done(t, m.Checked(context.Background(), m.reportID(t), ticket.Finding{Reason: reason}))
}

func (m *machine) confirm(t *rapid.T) {
	_, err := m.ConfirmReport(context.Background(), m.reportID(t), boris(), rapid.Bool().Draw(t, "send"))
	m.done(t, err)
}

func (m *machine) outcome(t *rapid.T) {
	id := m.reportID(t)
	switch rapid.IntRange(0, 2).Draw(t, "outcome") {
	case 0:
		m.done(t, m.Delivered(context.Background(), id, 900))
	case 1:
		m.done(t, m.Undelivered(context.Background(), id, ticket.UndeliveredBlocked))
	default:
		m.done(t, m.FileRefused(context.Background(), id))
	}
}

func (m *machine) returned(t *rapid.T) {
	_, err := m.OwnerReturned(context.Background(), owner)
	m.done(t, err)
}

func (m *machine) manager(t *rapid.T) ticket.Actor {
	return rapid.SampledFrom([]ticket.Actor{anna(), boris()}).Draw(t, "manager")
}

func (m *machine) close(t *rapid.T) {
	if rapid.Bool().Draw(t, "by its owner") {
		_, _, err := m.Cancel(context.Background(), m.ticketID(t), owner)
		m.done(t, err)
		return
	}
	reason := rapid.SampledFrom(append(ticket.UsualRejections(), ticket.RejectOther)).Draw(t, "reason")
	_, _, err := m.Reject(context.Background(), m.ticketID(t), ticket.Rejection{Reason: reason}, m.manager(t))
	m.done(t, err)
}

func (m *machine) reopen(t *rapid.T) {
	_, _, err := m.Reopen(context.Background(), m.ticketID(t), m.manager(t))
	m.done(t, err)
}

func (m *machine) release(t *rapid.T) {
	_, _, err := m.Release(context.Background(), m.ticketID(t), m.manager(t))
	m.done(t, err)
}

func (m *machine) assign(t *rapid.T) {
	_, _, err := m.Assign(context.Background(), m.ticketID(t), m.manager(t), m.manager(t))
	m.done(t, err)
}

func (m *machine) prioritize(t *rapid.T) {
	p := rapid.SampledFrom(ticket.Priorities()).Draw(t, "priority")
	_, _, err := m.Prioritize(context.Background(), m.ticketID(t), p, m.manager(t))
	m.done(t, err)
}

func (m *machine) check(t *rapid.T) {
	events := m.events[len(m.before.events):]
	for id, k := range m.tickets {
		m.checkTicket(t, m.before.tickets[id], k, events)
		m.checkReports(t, k)
	}
	for id, r := range m.reports {
		was, known := m.before.reports[id]
		if known && was.Status != r.Status {
			assert.True(t, reachable(was.Status, r.Status), "report %d: %s to %s", id, was.Status, r.Status)
			assert.True(t, slices.ContainsFunc(events, func(e ticket.Event) bool { return e.ReportID == id }) ||
				r.Status == ticket.ReportChecking, "report %d became %s without an event", id, r.Status)
		}
	}
	m.before = m.clone()
}

// checkTicket compares a ticket with what it was one step before.
func (m *machine) checkTicket(t *rapid.T, was, k ticket.Ticket, events []ticket.Event) {
	moves := 0
	status := was.Status
	for _, e := range events {
		if e.TicketID != k.ID {
			continue
		}
		if e.Kind == ticket.EventPriority || e.Kind == ticket.EventAssigned && e.From == e.To {
			moves++ // it changes, and stays where it is
		}
		if e.From != e.To {
			moves++
			assert.Equal(t, status, e.From, "the history has no gaps")
			assert.True(t, mayBecome()[e.From][e.To], "%s to %s", e.From, e.To)
		}
		status = e.To
	}
	assert.Equal(t, k.Status, status, "the history ends in the present")
	switch {
	case was.ID == 0:
		assert.EqualValues(t, 1, k.Version)
	case moves == 0:
		assert.Equal(t, was, k, "no change without an event")
	default:
		assert.Equal(t, was.Version+int64(moves), k.Version, "the version grows with each change")
	}
	if k.Status == ticket.Done && was.Status != ticket.Done {
		assert.True(t, slices.ContainsFunc(events, func(e ticket.Event) bool {
			return e.TicketID == k.ID && e.Kind == ticket.EventDelivered && m.reports[e.ReportID].Status == ticket.ReportDelivered
		}), "done means delivered")
		assert.False(t, k.ClosedAt.IsZero())
	}
	if k.Status == ticket.New {
		assert.Zero(t, k.AssigneeID, "nobody has it")
	}
	assert.Equal(t, k.Status == ticket.Rejected, k.Rejection != "", "why, and only then")
	if k.Status == ticket.Taken || k.Status == ticket.Delivering {
		assert.NotZero(t, k.AssigneeID, "somebody has it")
	}
	assert.Equal(t, k.Status == ticket.Undelivered, k.Undeliverable != "", "the card says why, and only then")
}

// checkReports holds the reports of a ticket against each other.
func (m *machine) checkReports(t *rapid.T, k ticket.Ticket) {
	live, waiting := 0, 0
	for _, r := range m.reports {
		if r.TicketID != k.ID {
			continue
		}
		if r.Status.Live() {
			live++
		}
		if r.Status == ticket.ReportReceived {
			waiting++
		}
		assert.NotEqual(t, ticket.ReportAccepted, r.Status, "what is accepted is in the owner's queue at once")
	}
	assert.LessOrEqual(t, live, 1, "one live report a ticket")
	if waiting > 0 {
		assert.Equal(t, 1, live, "a report waits for nothing but another")
	}
	if k.Status == ticket.Delivering {
		_, err := m.LiveReport(context.Background(), k.ID)
		require.NoError(t, err, "nothing is stuck on its way")
	}
}

// reachable reports whether one step of the service leads from a status to
// another: a few moves may be made at once.
func reachable(from, to ticket.ReportStatus) bool {
	seen, next := map[ticket.ReportStatus]bool{from: true}, []ticket.ReportStatus{from}
	for len(next) > 0 {
		s := next[0]
		next = next[1:]
		for follow := range reportMayBecome()[s] {
			if !seen[follow] {
				seen[follow] = true
				next = append(next, follow)
			}
		}
	}
	return seen[to]
}
