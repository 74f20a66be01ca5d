package telegram

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fieldsOf gives what a call asks for, by name: a text as it is, all else in JSON.
func fieldsOf(t *testing.T, r *http.Request) map[string]string {
	t.Helper()
	fields := map[string]string{}
	if r.ContentLength == 0 {
		return fields
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		assert.NoError(t, r.ParseMultipartForm(1<<20))
		for name, values := range r.MultipartForm.Value {
			fields[name] = values[0]
		}
		return fields
	}
	var object map[string]json.RawMessage
	assert.NoError(t, json.NewDecoder(r.Body).Decode(&object))
	for name, raw := range object {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		fields[name] = text
	}
	return fields
}

// The library's own form is the measure: what goes out as an object means the same.
func TestAnObjectSaysWhatTheFormWouldSay(t *testing.T) {
	t.Parallel()
	var asked []map[string]string
	server := func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, fieldsOf(t, r))
		_, _ = io.WriteString(w, sentMessage)
	}
	c := newClient(t, server)
	bare, err := bot.New(testToken, bot.WithSkipGetMe(), bot.WithServerURL(c.base.String()))
	require.NoError(t, err)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	yes := true
	keyboard := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{
		{Text: "Взять «1» & 2", CallbackData: "t:1"}, {Text: "a", URL: "https://example.org/?a=1&b=<2>"},
	}}}
	send := bot.SendMessageParams{
		ChatID: int64(-1001234567890), MessageThreadID: 7, Text: "<b>VIN</b> & \"quotes\"\n👀\u2028", ParseMode: models.ParseModeHTML,
		Entities:           []models.MessageEntity{{Type: "bold", Offset: 1, Length: 2}},
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &yes}, DisableNotification: true, ProtectContent: true,
		ReplyParameters: &models.ReplyParameters{MessageID: 3, AllowSendingWithoutReply: true}, ReplyMarkup: keyboard,
	}
	edit := bot.EditMessageTextParams{ChatID: int64(5), MessageID: 7, Text: "a < b", ParseMode: models.ParseModeHTML, ReplyMarkup: keyboard}
	buttons := bot.EditMessageReplyMarkupParams{ChatID: "@managers", MessageID: 7, ReplyMarkup: keyboard}
	for name, calls := range map[string][]func(context.Context) error{
		methodSend: {
			func(ctx context.Context) error { _, err := bare.SendMessage(ctx, &send); return err },
			func(ctx context.Context) error { _, err := c.SendMessage(ctx, &send); return err },
		},
		methodEdit: {
			func(ctx context.Context) error { _, err := bare.EditMessageText(ctx, &edit); return err },
			func(ctx context.Context) error { _, err := c.EditMessageText(ctx, &edit); return err },
		},
		methodEditButtons: {
			func(ctx context.Context) error { _, err := bare.EditMessageReplyMarkup(ctx, &buttons); return err },
			func(ctx context.Context) error { _, err := c.EditMessageReplyMarkup(ctx, &buttons); return err },
		},
	} {
		asked = nil
		for _, call := range calls {
			require.NoError(t, call(t.Context()), name)
		}
		require.Len(t, asked, 2, name)
		form, object := asked[0], asked[1]
		require.Len(t, object, len(form), name)
		for field, value := range form {
			if strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") {
				assert.JSONEq(t, value, object[field], "%s %s", name, field)
				continue
			}
			assert.Equal(t, value, object[field], "%s %s", name, field)
		}
	}
}

func TestOfALongAnswerTheMessagesIDIsRead(t *testing.T) {
	t.Parallel()
	const rest = `,"from":{"id":42,"is_bot":true,"first_name":"VIN"},"date":1750000000,` +
		`"chat":{"id":-1001,"title":"Managers","type":"supergroup","is_forum":true},"message_thread_id":9,` +
		`"newer_than_the_library":{"a":[1,{"b":null}]},"text":"hi","entities":[{"type":"bold","offset":0,"length":2}]}}`
	c := newClient(t, always(http.StatusOK, `{"ok":true,"result":{"message_id":1234567890`+rest))
	sent, err := c.SendMessage(t.Context(), hello(-1001))
	require.NoError(t, err)
	assert.Equal(t, &models.Message{ID: 1234567890}, sent)
}

// A server may write an object's fields in any order, and between them what it likes.
func TestTheMessagesIDIsReadWhereverItStands(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"ok":true,"result":{"date":1,"chat":{"id":5,"type":"private"},"message_id":7}}`,
		`{"ok":true,"result":{"message_id": 7,"date":1}}`,
		`{ "result": {"message_id":7}, "ok": true }`,
	} {
		sent, err := newClient(t, always(http.StatusOK, answer)).SendMessage(t.Context(), hello(5))
		require.NoError(t, err, answer)
		assert.Equal(t, 7, sent.ID, answer)
	}
}

func TestOnlyAnswersAboutAMessageAreShortened(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"ok":true,"result":{"message_id":7,"date":1}}`: `{"ok":true,"result":{"message_id":7}}`,
		`{"ok":true,"result":{"message_id":7}}`:          `{"ok":true,"result":{"message_id":7}}`,
		`{"ok":true,"result":{"message_id":-7}}`:         `{"ok":true,"result":{"message_id":-7}}`,
		`{"ok":true,"result":{"message_id":`:             `{"ok":true,"result":{"message_id":`,
		`{"ok":true,"result":{"message_id":7`:            `{"ok":true,"result":{"message_id":7`,
		`{"ok":true,"result":{"message_id":7,"chat":{"i`: `{"ok":true,"result":{"message_id":7,"chat":{"i`,
		`{"ok":true,"result":true}`:                      `{"ok":true,"result":true}`,
		``:                                               ``,
	} {
		assert.Equal(t, want, string(shorten([]byte(answer))))
	}
}
