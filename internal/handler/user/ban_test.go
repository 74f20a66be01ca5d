package user_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/account"
	"vinbot/internal/message"
)

func TestWhoeverIsBannedIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bans[ivan] = account.Ban{Reason: "спам"}
	s := said(t, w.text(goodVIN))
	assert.Equal(t, message.TextBanned, s.Text)
	assert.Equal(t, "спам", s.Input)
	assert.Empty(t, w.text(goodVIN))
	assert.Empty(t, w.receives(update(t, `{"edited_message":`+ivansMessage(`"text":"`+goodVIN+`"`)+`}`)))
	assert.Empty(t, w.opened)
	assert.Empty(t, w.people, "nothing is kept of what they do")
	assert.Empty(t, pressAnswer(t, w.presses("vinok:"+typoVIN)).Text, "a button does not wait for ever")
	assert.NoError(t, w.handler.HandleUnknown(t.Context(), ivan, ivan, "ru"))
	assert.Empty(t, w.people)

	delete(w.bans, ivan)
	assert.Equal(t, message.TextOpened, said(t, w.text(goodVIN)).Text)
}

func TestABanIsToldWhateverTheyDoFirst(t *testing.T) {
	t.Parallel()
	for name, does := range map[string]func(w *world){
		"press":   func(w *world) { w.presses("vinok:" + typoVIN) },
		"edit":    func(w *world) { w.receives(update(w.t, `{"edited_message":`+ivansMessage(`"text":"x"`)+`}`)) },
		"unknown": func(w *world) { assert.NoError(w.t, w.handler.HandleUnknown(w.t.Context(), ivan, ivan, "ru")) },
	} {
		w := newWorld(t)
		w.bans[ivan] = account.Ban{}
		does(w)
		assert.Equal(t, message.TextBanned, said(t, w.effects).Text, name)
	}
}
