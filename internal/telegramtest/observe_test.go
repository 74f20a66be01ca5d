package telegramtest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

func TestWaitSeesChangesAndTellsWhatThereWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	anna.Start("")
	found := make(chan telegramtest.Message)
	go func() {
		m, err := w.Wait(soon(t), anna, telegramtest.Containing("second", "time"))
		assert.NoError(t, err)
		found <- m
	}()
	id := w.send(anna, "first")
	w.call("editMessageText", args{"chat_id": anna.ID, "message_id": id, "text": "second time"})
	assert.Equal(t, id, (<-found).ID)

	ended, cancel := contextEnded(t)
	defer cancel()
	_, err := w.Wait(ended, anna, telegramtest.WithDocument())
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "second time", "the error shows the chat")
	_, err = w.Wait(ended, telegramtest.ChatID(1), telegramtest.WithDocument())
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, w.WaitConfirmed(ended), context.Canceled)
	assert.Empty(t, w.Messages(telegramtest.ChatID(1)))
}

func TestMatchers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	mine := anna.Send("VIN")
	w.call("sendMessage", args{"chat_id": anna.ID, "text": "VIN", "reply_parameters": args{"message_id": mine.ID}})
	reply := w.FromBot(anna)[0]
	assert.False(t, telegramtest.Containing("VIN")(mine), "what people write does not count")
	assert.True(t, telegramtest.Containing("VIN")(reply))
	assert.True(t, telegramtest.Replying(mine)(reply))
	assert.False(t, telegramtest.Replying(reply)(reply))
	reply.Deleted = true
	assert.False(t, telegramtest.Containing("VIN")(reply))
}

func TestPressesAreAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	anna.Start("")
	card := w.card(anna, "take:1")
	press := anna.Press(card, "take:1")
	assert.False(t, press.Answered())
	require.True(t, w.call("answerCallbackQuery", args{
		"callback_query_id": press.ID, "text": "yours", "show_alert": true, "url": "https://t.me/vin_report_bot?start=done",
	}).OK)
	assert.True(t, press.Answered())
	got, err := press.Answer(soon(t))
	require.NoError(t, err)
	assert.Equal(t, telegramtest.Answer{Text: "yours", Alert: true, URL: "https://t.me/vin_report_bot?start=done"}, got)
	assert.Equal(t, 400, w.call("answerCallbackQuery", args{"callback_query_id": press.ID}).Code)

	old := anna.Press(card, "take:1")
	old.Expire()
	assert.Equal(t, 400, w.call("answerCallbackQuery", args{"callback_query_id": old.ID}).Code)
	ended, cancel := contextEnded(t)
	defer cancel()
	_, err = old.Answer(ended)
	require.ErrorContains(t, err, "take:1")
	assert.Empty(t, w.Violations())

	w.call("editMessageText", args{"chat_id": anna.ID, "message_id": card.ID, "text": "done"})
	anna.Press(card, "take:1")
	assert.Empty(t, w.Violations(), "an old screen still shows the button")
	_, err = anna.Press(card, "never").Answer(soon(t))
	require.ErrorContains(t, err, `never had a button "never"`)
	_, err = anna.Press(telegramtest.Message{ChatID: 1}, "x").Answer(soon(t))
	require.Error(t, err)
	assert.Len(t, w.Violations(), 1)
}

func TestEventsComeInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	ctx, stop := context.WithCancel(t.Context())
	events := w.Subscribe(ctx)
	hello := anna.Send("hello")
	card := w.card(anna, "x")
	w.call("editMessageText", args{"chat_id": anna.ID, "message_id": card.ID, "text": "changed"})
	w.call("setMessageReaction", args{"chat_id": anna.ID, "message_id": hello.ID, "reaction": []args{{"type": "emoji", "emoji": "👀"}}})
	press := anna.Press(card, "x")
	w.call("answerCallbackQuery", args{"callback_query_id": press.ID, "text": "ok"})
	w.call("deleteMessage", args{"chat_id": anna.ID, "message_id": card.ID})
	for _, want := range []telegramtest.EventKind{
		telegramtest.MessageSent, telegramtest.MessageSent, telegramtest.MessageEdited, telegramtest.ReactionSet,
		telegramtest.PressAnswered, telegramtest.MessageDeleted,
	} {
		e := <-events
		assert.Equal(t, want, e.Kind)
		if want == telegramtest.PressAnswered {
			assert.Equal(t, "ok", e.Answer.Text)
			assert.Equal(t, anna, e.User)
		}
	}
	stop()
	_, open := <-events
	assert.False(t, open)

	late := w.Subscribe(t.Context())
	anna.Send("nobody reads")
	w.Close()
	for range late {
		continue
	}
}

func TestPeopleBlockAndComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	hello := anna.Send("hello")
	anna.Block()
	anna.Block()
	assert.Equal(t, 403, w.call("sendMessage", args{"chat_id": anna.ID, "text": "x"}).Code)
	anna.Send("I am back")
	list := w.updates(nil)
	require.Len(t, list, 4)
	assert.Contains(t, string(list[1]["my_chat_member"]), `"status":"kicked"`)
	assert.Contains(t, string(list[2]["my_chat_member"]), `"status":"member"`)
	w.send(anna, "welcome")
	unknown := anna.Edit(telegramtest.Message{ChatID: anna.ID, ID: 999}, "x")
	assert.Equal(t, 999, unknown.ID)
	assert.Len(t, w.Violations(), 1)
	assert.Equal(t, 1, anna.Edit(hello, "hello!").Edited)
}
