package telegramtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/telegramtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// specPath is where the official description may stand, beside the project.
const specPath = "../../../shared/telegram/api.json"

// officialSpec is the official description, nil where it does not stand: then the hand table alone is checked.
func officialSpec(tb testing.TB) *telegramtest.Spec {
	tb.Helper()
	if _, err := os.Stat(specPath); err != nil {
		tb.Log("no official description beside the project: only the hand table is checked")
		return nil
	}
	spec, err := telegramtest.LoadSpec(specPath)
	require.NoError(tb, err)
	return spec
}

// answer is the envelope of the Bot API.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

type args map[string]any

// world is a simulator without a network, whose violations are kept and not failed on, and whose clock is set by hand.
type world struct {
	*telegramtest.Sim
	tb    testing.TB
	clock *clock
}

func newWorld(tb testing.TB, opts telegramtest.Options) *world {
	tb.Helper()
	c := &clock{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	if opts.Now == nil {
		opts.Now = c.Now
	}
	sim := telegramtest.New(opts)
	tb.Cleanup(sim.Close)
	return &world{Sim: sim, tb: tb, clock: c}
}

// call calls a method with JSON.
func (w *world) call(method string, params args) answer {
	w.tb.Helper()
	body, err := json.Marshal(params)
	require.NoError(w.tb, err)
	req, err := http.NewRequestWithContext(w.tb.Context(), http.MethodPost,
		w.URL()+"/bot"+w.Token()+"/"+method, strings.NewReader(string(body)))
	require.NoError(w.tb, err)
	req.Header.Set("Content-Type", "application/json")
	return w.do(req)
}

func (w *world) do(req *http.Request) answer {
	w.tb.Helper()
	resp, err := w.Client().Do(req)
	require.NoError(w.tb, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(w.tb, err)
	var a answer
	require.NoError(w.tb, json.Unmarshal(raw, &a), string(raw))
	if a.OK {
		require.Equal(w.tb, http.StatusOK, resp.StatusCode)
	} else {
		require.Equal(w.tb, a.Code, resp.StatusCode)
	}
	return a
}

// send sends a text as the bot, and returns the message's id.
func (w *world) send(to telegramtest.Chat, text string) int {
	w.tb.Helper()
	a := w.call("sendMessage", args{"chat_id": to.Chat(), "text": text})
	require.True(w.tb, a.OK, a.Description)
	var m struct {
		ID int `json:"message_id"`
	}
	require.NoError(w.tb, json.Unmarshal(a.Result, &m))
	return m.ID
}

// card sends a text with a button as the bot.
func (w *world) card(to telegramtest.Chat, data string) telegramtest.Message {
	w.tb.Helper()
	a := w.call("sendMessage", args{"chat_id": to.Chat(), "text": "card", "reply_markup": keyboard(data)})
	require.True(w.tb, a.OK, a.Description)
	sent := w.FromBot(to)
	return sent[len(sent)-1]
}

func keyboard(data string) args {
	return args{"inline_keyboard": [][]args{{{"text": "Take", "callback_data": data}}}}
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// updates fetches what waits, without a long poll.
type wireUpdate map[string]json.RawMessage

func (u wireUpdate) id(tb testing.TB) int {
	tb.Helper()
	var id int
	require.NoError(tb, json.Unmarshal(u["update_id"], &id))
	return id
}

func (w *world) updates(params args) []wireUpdate {
	w.tb.Helper()
	a := w.call("getUpdates", params)
	require.True(w.tb, a.OK, a.Description)
	var list []wireUpdate
	require.NoError(w.tb, json.Unmarshal(a.Result, &list))
	return list
}
