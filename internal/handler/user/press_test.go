package user_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/handler/user"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

func TestALikelyTypoIsAskedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := said(t, w.text(typoVIN))
	assert.Equal(t, message.TextConfirm, s.Text)
	assert.Equal(t, typoVIN, s.VIN)
	assert.Empty(t, w.opened, "no ticket until then")

	effects := w.presses("vinok:" + typoVIN)
	assert.Equal(t, []ticket.Opening{{Owner: ivan, VIN: typoVIN, Confirmed: true}}, w.opened)
	assert.Equal(t, ticket.PressAnswer{Press: "q1", Text: message.PressOpened, User: ivan, Ticket: 1}, pressAnswer(t, effects))
	assert.Equal(t, message.TextOpened, said(t, effects).Text)
	retracted := effects[len(effects)-1]
	assert.Equal(t, ticket.EffectRetract, retracted.Kind)
	assert.Equal(t, ticket.Retract{At: ticket.Place{Chat: ivan, Message: 40}}, retracted.Payload)

	s = said(t, w.text(typoVIN))
	assert.Equal(t, message.TextExists, s.Text, "what was confirmed is not asked again")
}

func TestPressingTwiceOpensOneTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.presses("vinok:" + typoVIN)
	effects := w.presses("vinok:" + typoVIN)
	assert.Len(t, w.opened, 1)
	assert.Equal(t, message.PressExists, pressAnswer(t, effects).Text)
	assert.Len(t, effects, 2, "the answer and the buttons, no second message")
}

func TestTwoButtonsOfOneQuestionOpenOneTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.presses("vinok:" + typoVIN)
	effects := w.presses("vinrep:" + goodVIN)
	assert.Len(t, w.opened, 1)
	a := pressAnswer(t, effects)
	assert.Equal(t, message.PressAnswered, a.Text)
	assert.EqualValues(t, 1, a.Ticket)
	assert.Len(t, effects, 2, "the answer and the buttons, no second message")
}

func TestTheOwnerWillFixIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.presses("vinfix:" + typoVIN)
	assert.Equal(t, message.PressFix, pressAnswer(t, effects).Text)
	assert.Equal(t, message.TextFix, said(t, effects).Text)
	assert.Equal(t, ticket.EffectRetract, effects[2].Kind)
	assert.Empty(t, w.opened)
}

func TestAForgedPressIsCheckedLikeAText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.presses("vinok:" + goodVIN)
	assert.False(t, w.opened[0].Confirmed, "there was nothing to confirm")

	strict := newWorld(t, func(c *user.Config) { c.Policy = vin.PolicyStrict })
	effects := strict.presses("vinok:" + typoVIN)
	assert.Equal(t, message.PressVINRefused, pressAnswer(t, effects).Text)
	assert.Empty(t, strict.opened)
}

func TestEveryPressIsAnswered(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "nonsense", "take:1", "rsend:1", "vinok:123", "vinok:" + typoVIN + "0"} {
		effects := newWorld(t).presses(data)
		assert.Equal(t, message.PressUnknown, pressAnswer(t, effects).Text, data)
		assert.Len(t, effects, 1)
	}
}

func TestAPressOnAMessageOutOfSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.receives(update(t, `{"callback_query":{"id":"q","from":{"id":7},"data":"vinok:`+typoVIN+`",`+
		`"message":{"message_id":40,"date":0,"chat":{"id":7}}}}`))
	assert.Len(t, effects, 3, "it works, and the buttons go")

	w = newWorld(t)
	effects = w.receives(update(t, `{"callback_query":{"id":"q","from":{"id":7},"data":"vinok:`+typoVIN+`"}}`))
	require.Len(t, effects, 2, "nobody knows whose buttons to remove")
	assert.Equal(t, ticket.Place{Chat: ivan}, said(t, effects).To)
}
