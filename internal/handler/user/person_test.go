package user_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func membership(status string) string {
	return `{"my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7,"first_name":"Иван"},` +
		`"old_chat_member":{"status":"member"},"new_chat_member":{"status":"` + status + `","until_date":0}}}`
}

func TestAnOwnerBlocksTheBotAndComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.receives(update(t, membership("kicked")))
	assert.True(t, w.people[ivan].Unreachable)
	assert.Zero(t, w.returned)

	w.receives(update(t, membership("member")))
	assert.False(t, w.people[ivan].Unreachable)
	assert.Positive(t, w.returned)
}

func TestWhateverAnOwnerDoesMeansBack(t *testing.T) {
	t.Parallel()
	for name, does := range map[string]func(w *world){
		"writes":        func(w *world) { w.text("привет") },
		"sends a photo": func(w *world) { w.writes(`"photo":[{"file_id":"x"}]`) },
		"edits":         func(w *world) { w.receives(update(w.t, `{"edited_message":`+ivansMessage(`"text":"x"`)+`}`)) },
		"presses":       func(w *world) { w.presses("nonsense") },
		"sends what nobody can read": func(w *world) {
			require.NoError(w.t, w.handler.HandleUnknown(w.t.Context(), ivan, ivan, "ru"))
		},
	} {
		w := newWorld(t)
		w.people[ivan] = account.User{ID: ivan, Unreachable: true}
		does(w)
		assert.Equal(t, 1, w.returned, name)
		assert.False(t, w.people[ivan].Unreachable, name)
		does(w)
		assert.Equal(t, 1, w.returned, "%s: once", name)
	}
}

func TestAMessageWithoutASenderIsTheChats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.receives(update(t, `{"message":{"message_id":41,"chat":{"id":7,"type":"private","first_name":"Иван"},"text":"`+goodVIN+`"}}`))
	assert.Equal(t, ivan, said(t, effects).User)
	assert.Equal(t, "Иван", w.people[ivan].Name)
	assert.Equal(t, ivan, w.opened[0].Owner)
}

func TestAnUpdateThatCannotBeReadIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.handler.HandleUnknown(t.Context(), ivan, 0, "en-US"))
	s := said(t, w.effects)
	assert.Equal(t, message.TextUnknown, s.Text)
	assert.Equal(t, ticket.Place{Chat: ivan}, s.To)
	assert.Equal(t, account.User{ID: ivan, Language: "en"}, w.people[ivan])

	w.people[ivan] = account.User{ID: ivan, Name: "Иван", Language: "ru"}
	require.NoError(t, w.handler.HandleUnknown(t.Context(), ivan, ivan, "en-US"))
	assert.Equal(t, "Иван", w.people[ivan].Name, "a known name is kept")

	w.effects = nil
	require.NoError(t, w.handler.HandleUnknown(t.Context(), -7, ivan, "en-US"))
	assert.Empty(t, w.effects, "a group waits for no answer")
}
