package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/config"
	"vinbot/internal/report"
	"vinbot/internal/store/litetest"
	"vinbot/internal/telegramtest"
)

func TestMain(m *testing.M) {
	if handled, code := report.ChildMain(os.Args[1:], os.Stdout, os.Stderr); handled {
		os.Exit(code)
	}
	goleak.VerifyTestMain(m)
}

const (
	patience = 30 * time.Second // ends a test that hangs
	honda    = "1HGCM82633A004352"
)

// world is a simulated Telegram with a group, and the settings of a bot there.
type world struct {
	*testing.T
	sim   *telegramtest.Sim
	group *telegramtest.Group
	boris *telegramtest.User
	cfg   config.Config
	log   lines
	ahead atomic.Int64 // how much later the bot takes it to be
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, sim: telegramtest.New(telegramtest.Options{OnViolation: func(v string) { t.Error(v) }})}
	require.NoError(t, w.sim.Start())
	t.Cleanup(w.sim.Close)
	w.boris = w.sim.User("Boris", "en")
	w.group = w.sim.Supergroup("Managers", w.boris)
	dir := t.TempDir()
	w.cfg = config.Config{
		ManagerChats: config.Chats{{ID: w.group.Chat()}}, TelegramRateLimits: true,
		Database: config.SQLite(litetest.At(t, filepath.Join(dir, "vinbot.db"))), DataDir: config.Dir(dir), OpsAddr: "127.0.0.1:0",
		DefaultLanguage: config.English, VINCheckDigit: config.CheckAuto, MaxPDFSize: 1 << 20,
	}
	require.NoError(t, w.cfg.BotToken.UnmarshalText([]byte(w.sim.Token())))
	w.cfg.TelegramAPIURL = config.WebURL(w.sim.URL())
	return w
}

// options are those of a bot in the world.
func (w *world) options() Options {
	return Options{
		Config: w.cfg, Log: zerolog.New(&w.log),
		Clock: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) },
	}
}

// builds makes a bot that does not run. The test's end stops it.
func (w *world) builds() *App {
	w.Helper()
	a, err := New(w.Context(), w.options())
	require.NoError(w, err)
	w.Cleanup(func() { w.ends(a) })
	return a
}

// runs makes a bot that runs.
func (w *world) runs() *App {
	w.Helper()
	a := w.builds()
	require.NoError(w, a.Start(w.Context()))
	return a
}

func (w *world) ends(a *App) {
	w.Helper()
	require.NoError(w, a.Stop(context.WithoutCancel(w.Context())))
}

func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

// sees waits until a chat holds a message that matches.
func (w *world) sees(in telegramtest.Chat, match func(telegramtest.Message) bool) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	_, err := w.sim.Wait(ctx, in, match)
	require.NoError(w, err)
}

// lines is a log.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// count tells how many lines hold all the words.
func (l *lines) count(words ...string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
next:
	for line := range strings.Lines(l.buf.String()) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		n++
	}
	return n
}
