package telegramtest_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

func TestTheSendingLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{Limits: true})
	anna := w.User("Anna", "en")
	anna.Start("")
	try := func(c telegramtest.Chat) answer { return w.call("sendMessage", args{"chat_id": c.Chat(), "text": "x"}) }
	for range 3 {
		require.True(t, try(anna).OK)
	}
	w.clock.Advance(500 * time.Millisecond)
	refused := try(anna)
	assert.Equal(t, 429, refused.Code)
	assert.Equal(t, "Too Many Requests: retry after 3", refused.Description)
	assert.Equal(t, 3, refused.Parameters.RetryAfter)
	w.clock.Advance(2 * time.Second)
	assert.Equal(t, 1, try(anna).Parameters.RetryAfter, "refused until the time named has passed")
	assert.Equal(t, 1, w.Calls().Early)
	w.clock.Advance(time.Second)
	assert.True(t, try(anna).OK)
	assert.Equal(t, 2, w.Calls().Of("sendMessage").TooMany)
}

func TestAGroupsEditsShareItsLimitAndAnswersAndReactionsAreFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{Limits: true})
	boris := w.User("Boris", "en")
	g := w.Group("Managers", boris)
	card := w.card(g, "x")
	for i := range 19 {
		require.True(t, w.call("editMessageText", args{"chat_id": g.ID(), "message_id": card.ID, "text": string(rune('a' + i))}).OK)
	}
	assert.Equal(t, 60, w.call("editMessageReplyMarkup", args{"chat_id": g.ID(), "message_id": card.ID, "reply_markup": keyboard("y")}).Parameters.RetryAfter)
	for range 40 {
		press := boris.In(g).Press(card, "x")
		require.True(t, w.call("answerCallbackQuery", args{"callback_query_id": press.ID}).OK)
		require.True(t, w.call("setMessageReaction", args{"chat_id": g.ID(), "message_id": card.ID, "reaction": []args{}}).OK)
	}
	w.SetLimits(false)
	w.clock.Advance(time.Minute)
	for range 25 {
		w.send(g, "x")
	}
}

func TestThirtyASecondOverall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{Limits: true})
	var last *telegramtest.User
	for range 30 {
		last = w.User("Owner", "en")
		last.Start("")
		w.send(last, "x")
	}
	refused := w.call("sendMessage", args{"chat_id": last.ID, "text": "x"})
	assert.Equal(t, 1, refused.Parameters.RetryAfter)
	w.clock.Advance(time.Second)
	w.send(last, "x")
}

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna, boris := w.User("Anna", "en"), w.User("Boris", "en")
	anna.Start("")
	boris.Start("")
	try := func(c telegramtest.Chat) answer { return w.call("sendMessage", args{"chat_id": c.Chat(), "text": "x"}) }

	fault := w.On("sendMessage").In(anna).Once().Error(500, "Internal Server Error: sent message was immediately deleted")
	assert.True(t, try(boris).OK)
	assert.Equal(t, 500, try(anna).Code)
	assert.True(t, try(anna).OK)
	assert.Equal(t, 1, fault.Hits())

	revoked := w.On(telegramtest.AnyMethod).Unauthorized()
	assert.Equal(t, 401, w.call("getMe", nil).Code)
	assert.True(t, w.call("getUpdates", nil).OK, "any method but getUpdates")
	revoked.Stop()
	assert.True(t, w.call("getMe", nil).OK)

	w.On("sendMessage").In(anna).Once().TooManyRequests(7)
	assert.Equal(t, 7, try(anna).Parameters.RetryAfter)
	w.clock.Advance(6 * time.Second)
	assert.Equal(t, 1, try(anna).Parameters.RetryAfter, "kept up until retry_after has passed")
	assert.True(t, try(boris).OK)
	w.clock.Advance(time.Second)
	assert.True(t, try(anna).OK)

	w.On("getMe").Once().TooManyRequests(2)
	assert.Equal(t, 429, w.call("getMe", nil).Code)
	assert.Equal(t, 429, try(boris).Code, "a call without a chat stops them all")

	w.On("getUpdates").Times(2).Answer("[]")
	assert.Empty(t, w.updates(nil))
	assert.Empty(t, w.updates(nil))
	assert.NotEmpty(t, w.updates(nil))
	total := w.Calls().Total()
	assert.Equal(t, 4, total.TooMany)
	assert.Equal(t, 1, total.Failed)
	assert.Equal(t, 1, total.Refused)
	assert.Equal(t, total.All(), total.OK+6)
}

// On a real connection a fault looks as it does in the field.
func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	sim := start(t)
	anna := sim.User("Anna", "en")
	anna.Start("")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	send := func() (int, string, error) {
		resp, err := client.Get(sim.URL() + "/bot" + sim.Token() + "/sendMessage?text=x&chat_id=500000001")
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body), err
	}
	sim.On("sendMessage").Once().BadGateway()
	status, body, err := send()
	require.NoError(t, err)
	assert.Equal(t, 502, status)
	assert.Contains(t, body, "<h1>502 Bad Gateway</h1>")

	sim.On("sendMessage").Once().Cut()
	_, _, err = send()
	require.ErrorIs(t, err, io.EOF)
	assert.Empty(t, sim.FromBot(anna), "not carried out")

	sim.On("sendMessage").Once().AnswerLost()
	_, _, err = send()
	require.ErrorIs(t, err, io.EOF)
	assert.Len(t, sim.FromBot(anna), 1, "carried out")

	sim.On("sendMessage").Once().TruncatedJSON()
	status, body, err = send()
	require.NoError(t, err)
	assert.Equal(t, 200, status)
	assert.Contains(t, body, `{"ok":true`)
	assert.NotContains(t, body, "}}")
	assert.Len(t, sim.FromBot(anna), 2, "carried out")
	assert.Equal(t, telegramtest.CallCount{Failed: 2, Lost: 2, LastCode: -2}, sim.Calls().Of("sendMessage"))
}

func TestAGateHoldsCallsInFlight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	anna.Start("")
	gate := w.On("sendMessage").In(anna).Hold()
	done := make(chan int)
	go func() { done <- w.send(anna, "held") }()
	require.NoError(t, gate.Wait(soon(t)))
	assert.Empty(t, w.FromBot(anna))
	gate.Open()
	gate.Open()
	assert.NotZero(t, <-done)
	w.send(anna, "free")
	expired, cancel := contextEnded(t)
	defer cancel()
	require.Error(t, gate.Wait(expired))
}

func TestLatencyAndDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telegramtest.Options{Now: time.Now, Latency: 50 * time.Millisecond})
		anna := w.User("Anna", "en")
		anna.Start("")
		begin := time.Now()
		go w.send(anna, "x")
		sent, err := w.Wait(t.Context(), anna, telegramtest.Containing("x"))
		require.NoError(t, err)
		assert.Equal(t, 25*time.Millisecond, sent.Date.Sub(begin), "carried out half way")
		time.Sleep(25 * time.Millisecond)
		w.On("getMe").Once().Delay(time.Second)
		begin = time.Now()
		w.call("getMe", nil)
		assert.Equal(t, 1050*time.Millisecond, time.Since(begin))
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	m := anna.SendPDF("a.pdf", []byte("%PDF-1.7 content"))
	assert.Equal(t, "application/pdf", m.Document.MimeType)
	info := w.call("getFile", args{"file_id": m.Document.ID})
	require.True(t, info.OK)
	assert.Contains(t, string(info.Result), `"file_path":"documents/file_1.pdf"`)
	get := func() (string, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL()+"/file/bot"+w.Token()+"/documents/file_1.pdf", http.NoBody)
		require.NoError(t, err)
		resp, err := w.Client().Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	body, err := get()
	require.NoError(t, err)
	assert.Equal(t, "%PDF-1.7 content", body)
	w.On("download").Times(1).AnswerLost()
	_, err = get()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	w.On("download").Once().Cut()
	_, err = get()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	w.On("download").Once().BadGateway()
	body, err = get()
	require.NoError(t, err)
	assert.Contains(t, body, "502")

	large := anna.Sends(telegramtest.DocumentOfSize("b.pdf", "application/pdf", 20<<20+1))
	assert.Equal(t, "Bad Request: file is too big", w.call("getFile", args{"file_id": large.Document.ID}).Description)
	require.True(t, w.call("sendDocument", args{"chat_id": anna.ID, "document": large.Document.ID, "caption": "<b>x</b>", "parse_mode": "HTML"}).OK,
		"by its id a file of any size is sent")
	assert.Equal(t, "x", w.FromBot(anna)[0].Text)
	w.Forget(large.Document.ID)
	assert.Equal(t, 400, w.call("getFile", args{"file_id": large.Document.ID}).Code)
	_, ok := w.Bytes(large.Document.ID)
	assert.False(t, ok)
	assert.Equal(t, 400, w.call("sendPhoto", args{"chat_id": anna.ID, "photo": m.Document.ID}).Code)
}

func TestALocalServerGivesAPathAndHasNoLimit(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	w := newWorld(t, telegramtest.Options{LocalFiles: folder})
	anna := w.User("Anna", "en")
	m := anna.Sends(telegramtest.Document("a.pdf", "application/pdf", make([]byte, 21<<20)))
	info := w.call("getFile", args{"file_id": m.Document.ID})
	require.True(t, info.OK)
	path := filepath.Join(folder, "file_1.pdf")
	assert.Contains(t, string(info.Result), path)
	found, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, int64(21<<20), found.Size())
}
