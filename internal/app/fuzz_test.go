package app

import (
	"context"
	"encoding/json"
	"flag"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/store/litetest"
	"vinbot/internal/telegramtest"
)

// updates is how many updates are tried.
var updates = flag.Int("updates", 1_000, "how many updates are made at random")

// dispatcher is the program as far as an update goes: the router, the handlers
// and a real database. Nothing is ever sent.
type dispatcher struct {
	app  *App
	made *maker
	seq  atomic.Int64
	last int64 // the newest row of the outbox
}

func newDispatcher(tb testing.TB) *dispatcher {
	tb.Helper()
	sim := telegramtest.New(telegramtest.Options{})
	require.NoError(tb, sim.Start())
	tb.Cleanup(sim.Close)
	group := sim.Supergroup("Managers", sim.User("Boris", "en"))
	dir := tb.TempDir()
	cfg := config.Config{
		ManagerChats: config.Chats{{ID: group.Chat()}}, Database: config.SQLite(litetest.At(tb, filepath.Join(dir, "vinbot.db"))),
		DataDir: config.Dir(dir), OpsAddr: "127.0.0.1:0", DefaultLanguage: config.English, VINCheckDigit: config.CheckAuto, MaxPDFSize: 1 << 20,
		TelegramAPIURL: config.WebURL(sim.URL()),
	}
	require.NoError(tb, cfg.BotToken.UnmarshalText([]byte(sim.Token())))
	a, err := New(tb.Context(), Options{Config: cfg, Log: zerolog.Nop(), Clock: time.Now})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, a.Stop(context.WithoutCancel(tb.Context()))) })
	require.NoError(tb, a.client.Learn(tb.Context()))
	return &dispatcher{app: a, made: newMaker(tb, group.Chat())}
}

// handle does with an update what the inbox does. It reports whether anybody
// could read it, and gives what is to be sent.
func (d *dispatcher) handle(t *testing.T, body []byte) (readable bool, said []outbox.Head) {
	t.Helper()
	defer func() {
		if fault := recover(); fault != nil {
			t.Fatalf("%v\n%s\n%s", fault, body, debug.Stack())
		}
	}()
	seq := d.seq.Add(1)
	route := d.app.inbox.Router.Route(t.Context(), inbox.Update{Seq: seq, ID: seq, Body: body, RequestID: "fuzz"})
	if route.Err == nil && route.Handle != nil {
		require.NoError(t, route.Handle(t.Context()), "%.3000s", body)
		said = d.said(t)
	}
	if route.Tell != nil {
		require.NoError(t, route.Tell(t.Context()), "%.3000s", body)
		d.said(t)
	}
	return route.Err == nil, said
}

// said gives what was put into the outbox since it was asked last.
func (d *dispatcher) said(t *testing.T) (heads []outbox.Head) {
	t.Helper()
	for {
		more, err := d.app.store.Outbox().Waiting(t.Context(), d.last, 500)
		require.NoError(t, err)
		if len(more) == 0 {
			return heads
		}
		d.last = more[len(more)-1].ID
		heads = append(heads, more...)
	}
}

// plainTalk tells an update that somebody waits for an answer to, in any case:
// a person's text in their private chat with the bot, and nothing else. While the
// answer to one /my waits, as here for ever, another is the same.
func plainTalk(body []byte) bool {
	var u struct {
		Message map[string]json.RawMessage `json:"message"`
	}
	var m models.Message
	if json.Unmarshal(body, &u) != nil || u.Message == nil {
		return false
	}
	whole, err := json.Marshal(u.Message)
	if err != nil || json.Unmarshal(whole, &m) != nil {
		return false
	}
	for name := range u.Message {
		if !slices.Contains([]string{"message_id", "date", "chat", "from", "text", "entities", "reply_to_message", "link_preview_options"}, name) {
			return false
		}
	}
	return m.Text != "" && m.Text != "/my" && m.From != nil && !m.From.IsBot && m.Chat.Type == models.ChatTypePrivate && m.Chat.ID > 0 && m.Chat.ID == m.From.ID
}

// meets has the dispatcher handle the update of a seed. Nothing panics, nothing
// fails, and whoever talks to the bot is answered.
func (d *dispatcher) meets(t *testing.T, seed uint64) {
	t.Helper()
	body := d.made.update(seed)
	d.said(t)
	readable, said := d.handle(t, body)
	if readable && plainTalk(body) {
		require.NotEmpty(t, said, "silence: %.3000s", body)
	}
}

// FuzzUpdates feeds the dispatcher, over a real database, with updates made at
// random from all types that Telegram has, and broken at random.
func FuzzUpdates(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed)
	}
	d := newDispatcher(f)
	f.Fuzz(d.meets)
}

// TestWhateverTelegramBringsNothingBreaks does the same without the fuzzing
// engine, which takes most of the time: with -updates as many as one likes.
func TestWhateverTelegramBringsNothingBreaks(t *testing.T) {
	t.Parallel()
	d := newDispatcher(t)
	talked := 0
	for seed := range uint64(*updates) {
		d.meets(t, 1_000+seed)
		if plainTalk(d.made.update(1_000 + seed)) {
			talked++
		}
	}
	require.Positive(t, talked, "some are somebody's talk")
	t.Logf("%d updates, %d of them plain talk", *updates, talked)
}
