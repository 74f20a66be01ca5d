package telegram

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

const testToken = "42:SECRET-token_0"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const sentMessage = `{"ok":true,"result":{"message_id":7,"date":1,"chat":{"id":5,"type":"private"},"text":"hi"}}`

// newClient makes a client of a server that answers as told.
func newClient(t *testing.T, answer http.HandlerFunc, change ...func(*Options)) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return newClientOf(t, server.URL, change...)
}

func newClientOf(t *testing.T, url string, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{Token: testToken, URL: url, Log: zerolog.Nop(), Clock: time.Now}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func hello(chat int64) *bot.SendMessageParams {
	return &bot.SendMessageParams{ChatID: chat, Text: "hi"}
}

// classed asserts the class of an error and that it tells no secret.
func classed(t *testing.T, want Class, err error) {
	t.Helper()
	e := asError(t, err)
	assert.Equal(t, want.String(), e.Class.String(), e.Error())
	assert.NotContains(t, err.Error(), "SECRET")
}

func asError(t *testing.T, err error) Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	return *e
}

func TestNewRefusesWrongSettings(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no token":         {Clock: time.Now},
		"token without id": {Token: "SECRET", Clock: time.Now},
		"no clock":         {Token: testToken},
		"address":          {Token: testToken, Clock: time.Now, URL: "ftp://x"},
	} {
		_, err := New(o)
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "SECRET")
	}
}

func TestBotIDIsTheTokensBeginning(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]int64{
		testToken: 42, "7000000001:AAH-x_1": 7000000001,
		"": 0, "42": 0, "42:": 0, ":x": 0, "-1:x": 0, "x:x": 0, "42:a/../b": 0, "42:a b": 0, "99999999999999999999:x": 0,
	} {
		assert.Equal(t, want, BotID(token), token)
	}
	assert.Equal(t, int64(42), newClientOf(t, "http://127.0.0.1:1").ID())
}

func TestEachMethodAsksForWhatItIsNamedAfter(t *testing.T) {
	t.Parallel()
	var asked *http.Request
	var fields map[string]string
	result := "true"
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		fields = fieldsOf(t, r)
		assert.Empty(t, r.TransferEncoding, "what is asked is sent with its length")
		asked = r
		_, _ = io.WriteString(w, `{"ok":true,"result":`+result+`}`)
	})
	ctx := t.Context()
	message := `{"message_id":7,"date":1,"chat":{"id":5,"type":"private"}}`
	calls := []struct {
		method, result string
		form           map[string]string
		call           func() error
	}{
		{"sendMessage", message, map[string]string{"chat_id": "5", "text": "hi"}, func() error {
			m, err := c.SendMessage(ctx, hello(5))
			assert.Equal(t, 7, m.ID)
			return err
		}},
		{"sendDocument", message, map[string]string{"document": "FILE"}, func() error {
			_, err := c.SendDocument(ctx, &bot.SendDocumentParams{ChatID: 5, Document: &models.InputFileString{Data: "FILE"}})
			return err
		}},
		{"sendPhoto", message, map[string]string{"caption": "chart"}, func() error {
			up := &models.InputFileUpload{Filename: "chart.png", Data: strings.NewReader("png")}
			_, err := c.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: 5, Photo: up, Caption: "chart"})
			return err
		}},
		{"editMessageText", message, map[string]string{"message_id": "7"}, func() error {
			_, err := c.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: 5, MessageID: 7, Text: "x"})
			return err
		}},
		{"editMessageReplyMarkup", message, map[string]string{"message_id": "7"}, func() error {
			_, err := c.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{ChatID: 5, MessageID: 7})
			return err
		}},
		{"answerCallbackQuery", "true", map[string]string{"callback_query_id": "q"}, func() error {
			return c.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: "q"})
		}},
		{"setMessageReaction", "true", map[string]string{"reaction": `[{"type":"emoji","emoji":"👀"}]`}, func() error {
			return c.SetMessageReaction(ctx, &bot.SetMessageReactionParams{ChatID: 5, MessageID: 7, Reaction: eyes()})
		}},
		{"leaveChat", "true", map[string]string{"chat_id": "-5"}, func() error { return c.LeaveChat(ctx, -5) }},
		{"setMyCommands", "true", map[string]string{"language_code": "ru"}, func() error {
			return c.SetMyCommands(ctx, &bot.SetMyCommandsParams{LanguageCode: "ru", Commands: []models.BotCommand{{Command: "my"}}})
		}},
		{"deleteMyCommands", "true", map[string]string{"language_code": "ru"}, func() error {
			return c.DeleteMyCommands(ctx, &bot.DeleteMyCommandsParams{LanguageCode: "ru"})
		}},
		{"getMe", `{"id":42,"username":"vin_bot"}`, nil, func() error {
			_, err := c.GetMe(ctx)
			return err
		}},
		{"getChat", `{"id":-5,"type":"supergroup"}`, map[string]string{"chat_id": "-5"}, func() error {
			_, err := c.GetChat(ctx, -5)
			return err
		}},
		{"getChatMember", `{"status":"administrator","user":{"id":42}}`, map[string]string{"user_id": "42"}, func() error {
			m, err := c.GetChatMember(ctx, -5, 42)
			assert.Equal(t, models.ChatMemberTypeAdministrator, m.Type)
			return err
		}},
		{"getWebhookInfo", `{"url":""}`, nil, func() error {
			_, err := c.GetWebhookInfo(ctx)
			return err
		}},
		{"deleteWebhook", "true", nil, func() error { return c.DeleteWebhook(ctx) }},
		{"getFile", `{"file_id":"FILE","file_path":"a/b"}`, map[string]string{"file_id": "FILE"}, func() error {
			_, err := c.GetFile(ctx, "FILE")
			return err
		}},
	}
	for _, tt := range calls {
		result = tt.result
		require.NoError(t, tt.call(), tt.method)
		assert.Equal(t, "/bot"+testToken+"/"+tt.method, asked.URL.Path)
		for name, value := range tt.form {
			assert.Equal(t, value, fields[name], tt.method)
		}
		if tt.form == nil {
			assert.Zero(t, asked.ContentLength, tt.method)
		}
		assert.NotContains(t, fields, "drop_pending_updates")
	}
}

func eyes() []models.ReactionType {
	return []models.ReactionType{{
		Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{Emoji: "👀"},
	}}
}

func TestMarkupThatTelegramRefusesIsNotSent(t *testing.T) {
	t.Parallel()
	var sent atomic.Value
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Store(fieldsOf(t, r)["reply_markup"])
		_, _ = io.WriteString(w, sentMessage)
	})
	rows := [][]models.InlineKeyboardButton{}
	for want, markups := range map[string][]models.ReplyMarkup{
		"": {
			nil, (*models.InlineKeyboardMarkup)(nil), &models.InlineKeyboardMarkup{},
			models.InlineKeyboardMarkup{},
			(*models.ForceReply)(nil),
		},
		`{"inline_keyboard":[]}`: {
			&models.InlineKeyboardMarkup{InlineKeyboard: rows}, models.InlineKeyboardMarkup{InlineKeyboard: rows},
		},
	} {
		for _, markup := range markups {
			params := &bot.EditMessageTextParams{ChatID: 5, MessageID: 7, Text: "x", ReplyMarkup: markup}
			_, err := c.EditMessageText(t.Context(), params)
			require.NoError(t, err)
			assert.Equal(t, want, sent.Load())
			assert.Equal(t, markup, params.ReplyMarkup, "the caller's own is left alone")
		}
	}
}

func TestRequestsThatWouldEndTheProcessAreRefused(t *testing.T) {
	t.Parallel()
	c := newClientOf(t, "http://127.0.0.1:1")
	ctx := t.Context()
	for _, r := range []models.ReactionType{
		{Type: models.ReactionTypeTypeEmoji}, {Type: models.ReactionTypeTypeCustomEmoji}, {},
	} {
		err := c.SetMessageReaction(ctx, &bot.SetMessageReactionParams{ChatID: 5, Reaction: []models.ReactionType{r}})
		classed(t, ClassBadRequest, err)
	}
	for _, f := range []models.InputFile{
		nil, (*models.InputFileString)(nil), &models.InputFileString{}, (*models.InputFileUpload)(nil), &models.InputFileUpload{},
	} {
		_, err := c.SendDocument(ctx, &bot.SendDocumentParams{ChatID: 5, Document: f})
		classed(t, ClassBadRequest, err)
		_, err = c.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: 5, Photo: f})
		classed(t, ClassBadRequest, err)
	}
	_, err := c.SendMessage(ctx, &bot.SendMessageParams{ChatID: make(chan int)})
	classed(t, ClassBadRequest, err)
	up := &models.InputFileUpload{Filename: "x", Data: ptr(iotest.ErrReader(assert.AnError))}
	_, err = c.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: 5, Photo: up})
	classed(t, ClassBadRequest, err)
}

type reader struct{ io.Reader }

func ptr(r io.Reader) *reader { return &reader{r} }

func TestALongUploadIsStreamed(t *testing.T) {
	t.Parallel()
	const length = 3 * formLimit
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, r.ParseMultipartForm(1<<20))
		assert.EqualValues(t, length, r.MultipartForm.File["document"][0].Size)
		_ = r.MultipartForm.RemoveAll()
		_, _ = io.WriteString(w, sentMessage)
	})
	up := &models.InputFileUpload{Filename: "x.pdf", Data: strings.NewReader(strings.Repeat("x", length))}
	_, err := c.SendDocument(t.Context(), &bot.SendDocumentParams{ChatID: 5, Document: up})
	require.NoError(t, err)
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(always(200, sentMessage))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := newClientOf(t, server.URL)
	for range 20 {
		_, err := c.SendMessage(t.Context(), hello(5))
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, opened.Load())
}

func TestHTTP2IsUsedWhereOffered(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "HTTP/2.0", r.Proto)
		_, _ = io.WriteString(w, sentMessage)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := newTransport()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	c := newClientOf(t, server.URL, func(o *Options) { o.Transport = transport })
	_, err := c.SendMessage(t.Context(), hello(5))
	require.NoError(t, err)
}

func TestEachCallIsObserved(t *testing.T) {
	t.Parallel()
	var seen []string
	var paused []time.Duration
	status := http.StatusOK
	c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, sentMessage)
	}, func(o *Options) {
		o.Throttled = func(pause time.Duration) { paused = append(paused, pause) }
		o.Observe = func(method, result string, d time.Duration) {
			assert.Positive(t, d)
			seen = append(seen, method+" "+result)
		}
	})
	_, err := c.SendMessage(t.Context(), hello(5))
	require.NoError(t, err)
	status = http.StatusBadGateway
	_, err = c.SendMessage(t.Context(), hello(5))
	require.Error(t, err)
	status = http.StatusTooManyRequests
	_, err = c.SendMessage(t.Context(), hello(5))
	require.Error(t, err)
	assert.Equal(t, []string{"sendMessage ok", "sendMessage unknown", "sendMessage too_many"}, seen)
	assert.Equal(t, []time.Duration{time.Second}, paused)
}

func TestLearnAsksUntilTold(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"id":42,"is_bot":true,"username":"vin_bot"}}`)
	}, func(o *Options) { o.Rand = func() float64 { return 1 } })
	assert.Nil(t, c.Self())
	assert.Empty(t, c.Username())
	require.NoError(t, c.Learn(t.Context()))
	assert.Equal(t, "vin_bot", c.Username())
	assert.EqualValues(t, 42, c.Self().ID)
	assert.EqualValues(t, 2, asked.Load())
}

func TestLearnEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		w.WriteHeader(http.StatusBadGateway)
	})
	require.Error(t, c.Learn(ctx))
}
