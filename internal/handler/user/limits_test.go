package user_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/handler/user"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// vins are VINs that nothing is wrong with.
func vins() []string {
	return []string{
		"WVWZZZ1JZ3W000001", "WVWZZZ1JZ3W000002", "WVWZZZ1JZ3W000003", "WVWZZZ1JZ3W000004", "WVWZZZ1JZ3W000005", "WVWZZZ1JZ3W000006",
	}
}

// limited is a world with limits.
func limited(t *testing.T, l user.Limits) *world {
	t.Helper()
	return newWorld(t, func(c *user.Config) { c.Limits = l })
}

// anew handles an update as another than the one before.
func (w *world) anew(what func()) {
	w.request++
	what()
}

func (w *world) sends(text string) (effects []ticket.Effect) {
	w.anew(func() { effects = w.text(text) })
	return effects
}

func TestOneTooManyOpenIsToldOnce(t *testing.T) {
	t.Parallel()
	w := limited(t, user.Limits{Open: 2})
	w.sends(vins()[0])
	w.sends(vins()[1])
	s := said(t, w.sends(vins()[2]))
	assert.Equal(t, message.TextLimited, s.Text)
	assert.Equal(t, message.LimitOpen, s.Reason)
	assert.Equal(t, 2, s.Limit)
	assert.Zero(t, s.Wait, "nobody knows when one closes")
	assert.Empty(t, w.sends(vins()[3]), "then silence")
	assert.Equal(t, message.TextExists, said(t, w.sends(vins()[0])).Text, "what is open is shown all the same")
	assert.Equal(t, message.TextUnclear, said(t, w.sends("hello")).Text)
	assert.Len(t, w.opened, 2)

	w.tickets[0].Status = ticket.Done
	assert.Equal(t, message.TextOpened, said(t, w.sends(vins()[2])).Text)
	assert.Equal(t, message.TextLimited, said(t, w.sends(vins()[3])).Text, "told again after it went on")
	w.now = w.now.Add(time.Hour)
	assert.Equal(t, message.TextLimited, said(t, w.sends(vins()[3])).Text, "and after an hour")
}

func TestOneTooManyInAnHourIsToldWhenToTryAgain(t *testing.T) {
	t.Parallel()
	w := limited(t, user.Limits{Tickets: 2})
	w.sends(vins()[0])
	w.now = w.now.Add(20 * time.Minute)
	w.sends(vins()[1])
	w.tickets[0].Status, w.tickets[1].Status = ticket.Cancelled, ticket.Done
	s := said(t, w.sends(vins()[2]))
	assert.Equal(t, message.LimitTickets, s.Reason)
	assert.Equal(t, 40*60, s.Wait, "what became of them does not matter")
	assert.Empty(t, w.sends(vins()[2]))
	w.now = w.now.Add(40 * time.Minute)
	assert.Equal(t, message.TextOpened, said(t, w.sends(vins()[2])).Text)
	assert.Equal(t, 20*60, said(t, w.sends(vins()[3])).Wait)
}

func TestSeveralOpenNoMoreThanTheLimitAndTheRestIsNamed(t *testing.T) {
	t.Parallel()
	w := limited(t, user.Limits{Open: 2})
	all := vins()[0] + " " + vins()[1] + " " + vins()[2] + " " + vins()[3]
	s := said(t, w.sends(all))
	assert.Equal(t, message.TextSeveral, s.Text)
	assert.Equal(t, message.LimitOpen, s.Reason)
	assert.Equal(t, 2, s.Limit)
	require.Len(t, s.Numbers, 4)
	for i, n := range s.Numbers {
		assert.Equal(t, i < 2, n.Ticket != 0)
		assert.Equal(t, vins()[i], n.VIN)
	}
	assert.Len(t, w.opened, 2)
	again := said(t, w.sends(all))
	require.Len(t, again.Numbers, 4, "an answer that is due anyway names them all")
	assert.Empty(t, w.sends(vins()[2]+" "+vins()[3]), "one that would say nothing else is not")
}

func TestAButtonOverTheLimitStays(t *testing.T) {
	t.Parallel()
	for limit, l := range map[string]user.Limits{message.PressLimitedOpen: {Open: 1}, message.PressLimitedTickets: {Tickets: 1}} {
		w := limited(t, l)
		w.sends(vins()[0])
		for range 2 {
			w.request++
			effects := w.presses("vinok:" + typoVIN)
			a := pressAnswer(t, effects)
			assert.Equal(t, limit, a.Text)
			assert.True(t, a.Alert)
			assert.Equal(t, 1, a.Count)
			assert.Len(t, effects, 1, "the buttons stay")
		}
		assert.Len(t, w.opened, 1)
	}
}

func TestWhoWritesTooFastIsToldOnce(t *testing.T) {
	t.Parallel()
	w := limited(t, user.Limits{Messages: 2})
	w.now = time.Unix(1, 0) // when the messages were sent
	w.sends("hello")
	w.sends("hello")
	s := said(t, w.sends(goodVIN))
	assert.Equal(t, message.TextTooFast, s.Text)
	assert.Equal(t, 60, s.Wait)
	assert.Equal(t, said(t, w.text(goodVIN)), s, "the same update again is answered again: its first try was undone")
	assert.Empty(t, w.sends(goodVIN))
	w.request++
	a := pressAnswer(t, w.presses("my:1"))
	assert.Equal(t, message.PressTooFast, a.Text, "no button waits")
	w.anew(func() {
		assert.Empty(t, w.receives(update(t, `{"edited_message":`+ivansMessage(`"text":"x","edit_date":1`)+`}`)))
	})
	w.anew(func() {
		w.effects = nil
		require.NoError(t, w.handler.HandleUnknown(w.context(), ivan, ivan, "en"))
		assert.Empty(t, w.effects)
	})
	assert.Empty(t, w.opened)

	w.anew(func() {
		effects := w.receives(update(t, `{"message":{"message_id":1,"date":1,"chat":{"id":8,"type":"private"},"from":{"id":8},"text":"hi"}}`))
		assert.Len(t, effects, 1, "somebody else has a minute of their own")
	})
	w.now = time.Unix(61, 0)
	w.anew(func() {
		effects := w.receives(update(t, `{"message":{"message_id":2,"date":61,"chat":{"id":7,"type":"private"},"from":{"id":7},"text":"later"}}`))
		assert.Len(t, effects, 1, "a minute later, by Telegram's clock")
	})
}
