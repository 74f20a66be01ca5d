package user_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// has gives Ivan tickets in these statuses, with the numbers 1, 2 and so on.
func (w *world) has(in ...ticket.Status) {
	for i, status := range in {
		v := []byte(goodVIN)
		v[16] = byte('1' + i)
		w.tickets = append(w.tickets, ticket.Ticket{ID: int64(i + 1), VIN: string(v), OwnerID: ivan, Status: status})
	}
}

func TestCancelAsksAboutWhatCanBeCancelled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		has   []ticket.Status
		sends string
		text  string
		names int64
		of    int
	}{
		"nothing is open":           {[]ticket.Status{ticket.Done, ticket.Cancelled}, "/cancel", message.TextCancelNone, 0, 0},
		"one is":                    {[]ticket.Status{ticket.Done, ticket.New}, "/cancel", message.TextCancelAsk, 2, 0},
		"one in work":               {[]ticket.Status{ticket.Taken}, "/cancel", message.TextCancelAsk, 1, 0},
		"one whose report waits":    {[]ticket.Status{ticket.Undelivered}, "/cancel", message.TextCancelAsk, 1, 0},
		"one on its way":            {[]ticket.Status{ticket.Delivering}, "/cancel", message.TextCancelLate, 1, 0},
		"one beside one on it":      {[]ticket.Status{ticket.Delivering, ticket.New}, "/cancel", message.TextCancelAsk, 2, 0},
		"several":                   {[]ticket.Status{ticket.New, ticket.Taken, ticket.Delivering}, "/cancel", message.TextCancelWhich, 0, 2},
		"one of several is named":   {[]ticket.Status{ticket.New, ticket.Taken}, "/cancel #2", message.TextCancelAsk, 2, 0},
		"the one on its way is":     {[]ticket.Status{ticket.New, ticket.Delivering}, "/cancel 2", message.TextCancelLate, 2, 0},
		"one that is not open is":   {[]ticket.Status{ticket.New, ticket.Done}, "/cancel 2", message.TextCancelNone, 2, 0},
		"something else is written": {[]ticket.Status{ticket.New}, "/cancel # please", message.TextCancelAsk, 1, 0},
	} {
		w := newWorld(t)
		w.has(c.has...)
		s := said(t, w.text(c.sends))
		assert.Equal(t, c.text, s.Text, name)
		assert.Equal(t, c.names, s.Ticket, name)
		assert.Len(t, s.Numbers, c.of, name)
		assert.Equal(t, ticket.Place{Chat: ivan}, s.To, name)
	}
}

func TestAButtonCancels(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		has    []ticket.Status
		text   string
		alert  bool
		silent bool
	}{
		"one that waits":          {[]ticket.Status{ticket.New}, message.PressCancelledNow, false, false},
		"one in work":             {[]ticket.Status{ticket.Taken}, message.PressCancelledNow, false, false},
		"one that was":            {[]ticket.Status{ticket.Cancelled}, message.PressCancelledNow, false, true},
		"one on its way":          {[]ticket.Status{ticket.Delivering}, message.PressTooLate, true, true},
		"one that is done":        {[]ticket.Status{ticket.Done}, message.PressTooLate, true, true},
		"one that does not exist": {nil, message.PressGone, false, true},
	} {
		w := newWorld(t)
		w.has(c.has...)
		effects := w.presses("cancel:1")
		a := pressAnswer(t, effects)
		assert.Equal(t, c.text, a.Text, name)
		assert.Equal(t, c.alert, a.Alert, name)
		assert.EqualValues(t, 1, a.Ticket, name)
		assert.Equal(t, c.silent, len(says(effects)) == 0, name)
		assert.Equal(t, ticket.EffectRetract, effects[len(effects)-1].Kind, name)
	}
}

func TestNobodyCancelsAnothersTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tickets = []ticket.Ticket{{ID: 1, OwnerID: ivan + 1, Status: ticket.New}}
	assert.Equal(t, message.PressGone, pressAnswer(t, w.presses("cancel:1")).Text)
	assert.Equal(t, ticket.New, w.tickets[0].Status)
	assert.Equal(t, message.TextCancelNone, said(t, w.text("/cancel 1")).Text)
}

func TestNothingIsCancelledWhereTheOwnerKeepsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.has(ticket.New)
	effects := w.presses("keep:1")
	assert.Equal(t, message.PressKept, pressAnswer(t, effects).Text)
	assert.Equal(t, ticket.EffectRetract, effects[1].Kind)
	assert.Equal(t, ticket.New, w.tickets[0].Status)
}
