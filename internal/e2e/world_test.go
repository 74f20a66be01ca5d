package e2e

import (
	"context"
	"database/sql"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/app"
	"vinbot/internal/config"
	echoing "vinbot/internal/echo"
	"vinbot/internal/report"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/store/litetest"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/telegramtest"
)

// atOnce is how many stories are told at a time where nobody says otherwise:
// most of the time each waits for Telegram's limits, not for the processor.
const atOnce = "12"

// TestMain lets the test binary be the child that checks PDFs.
func TestMain(m *testing.M) {
	if handled, code := report.ChildMain(os.Args[1:], os.Stdout, os.Stderr); handled {
		syscall.Exit(code) // os.Exit would have the race detector sleep for a second
	}
	hookSQLite()
	http.DefaultTransport = eavesdropper{http.DefaultTransport}
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		if err := flag.Set("test.parallel", atOnce); err != nil {
			panic(err)
		}
	}
	code := pgtest.Tests{Of: m}.Run()
	tellSearched(os.Stdout)
	os.Exit(code)
}

// patience is how long a test waits for something that should happen at once:
// it ends a test that hangs, and decides no test that passes.
const patience = 30 * time.Second

// The VINs of the stories: real ones, whose check digits are right.
const (
	honda  = "1HGCM82633A004352"
	bmw    = "WBAFW51040C245397"
	suzuki = "5UXFA13585LY08847"
)

// world is one simulated Telegram and the whole program on it.
type world struct {
	*testing.T
	sim    *telegramtest.Sim
	group  *telegramtest.Group
	app    *app.App
	cfg    config.Config
	log    *lines
	echoes *echoing.Writer // before it
	known  *dossier        // of its people and secrets
	db     *sql.DB         // the bot's, to look into; nil before the first look
	ahead  atomic.Int64    // how much later the bot takes it to be

	anna  *telegramtest.User // an owner
	boris *telegramtest.User // a manager
	vera  *telegramtest.User // another
}

// setting changes a world before the bot starts.
type setting func(*world, *telegramtest.Options)

// newWorld makes a Telegram with an owner, a managers' group and the bot in it
// as an admin. The bot is not started.
func newWorld(t *testing.T, settings ...setting) *world {
	t.Helper()
	w := &world{T: t, log: &lines{}, known: newDossier()}
	spec, err := officialSpec()
	require.NoError(t, err)
	opts := telegramtest.Options{
		Spec:        spec,
		OnViolation: func(v string) { t.Errorf("no careful client does that: %s", v) },
		OnTraffic:   w.known.heard,
	}
	dir := t.TempDir()
	w.cfg = config.Config{
		TelegramRateLimits: true, Database: config.SQLite(litetest.At(t, filepath.Join(dir, "vinbot.db"))), DataDir: config.Dir(dir),
		OpsAddr: "127.0.0.1:0", LogLevel: "debug", DefaultLanguage: config.Russian,
		VINCheckDigit: config.CheckAuto, MaxPDFSize: 20 << 20,
	}
	w.echoes = echoing.NewWriter(w.log)
	t.Cleanup(func() { assert.NoError(t, w.echoes.Close()) })
	for _, s := range settings {
		s(w, &opts)
	}
	w.sim = telegramtest.New(opts)
	require.NoError(t, w.sim.Start())
	t.Cleanup(w.sim.Close)
	t.Cleanup(w.truths)
	t.Cleanup(w.holdsNothingPersonal)
	w.anna, w.boris, w.vera = w.sim.User("Анна", "ru"), w.sim.User("Борис", "ru"), w.sim.User("Вера", "ru")
	w.group = w.sim.Group("Менеджеры", w.boris, w.vera)
	w.group.PromoteBot()
	w.cfg.ManagerChats = config.Chats{{ID: w.group.Chat()}}
	require.NoError(t, w.cfg.BotToken.UnmarshalText([]byte(w.sim.Token())))
	require.NoError(t, w.cfg.TelegramAPIURL.UnmarshalText([]byte(w.sim.URL())))
	return w
}

// postgres has the bot keep everything in a PostgreSQL.
func postgres(w *world, _ *telegramtest.Options) {
	w.cfg.Database = config.Postgres(pgtest.Database(w.T))
}

// onEach tells a story on each database.
func onEach(t *testing.T, story func(t *testing.T, settings ...setting)) {
	t.Helper()
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		story(t)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		story(t, postgres)
	})
}

// begin is a world whose bot runs.
func begin(t *testing.T, settings ...setting) *world {
	t.Helper()
	w := newWorld(t, settings...)
	w.start()
	return w
}

// start starts the bot; the test's end stops it.
func (w *world) start() {
	w.Helper()
	var err error
	w.app, err = app.New(w.Context(), app.Options{
		Config: w.cfg, Log: zerolog.New(w.echoes).Level(zerolog.DebugLevel), Clock: w.now,
	})
	require.NoError(w, err)
	require.NoError(w, w.app.Start(w.Context()))
	w.Cleanup(func() { w.stop() })
}

// now is the bot's clock.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// later moves the bot's clock on. It looks at it when the next thing happens.
func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

// stop stops the bot, as SIGTERM does.
func (w *world) stop() {
	w.Helper()
	if w.app == nil {
		return
	}
	require.NoError(w, w.app.Stop(context.WithoutCancel(w.Context())))
	w.app = nil
}

// sees waits until a chat holds a message that matches.
func (w *world) sees(in telegramtest.Chat, match func(telegramtest.Message) bool) telegramtest.Message {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	m, err := w.sim.Wait(ctx, in, match)
	require.NoError(w, err)
	return m
}

// card waits for the card of a VIN that is not the card of another ticket.
func (w *world) card(vin string) telegramtest.Message {
	w.Helper()
	return w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Containing(vin)(m) && hasCopy(m)
	})
}

// shows waits until a card shows all the parts.
func (w *world) shows(card telegramtest.Message, parts ...string) {
	w.Helper()
	w.sees(telegramtest.ChatID(card.ChatID), func(m telegramtest.Message) bool {
		return m.ID == card.ID && telegramtest.Containing(parts...)(m)
	})
}

// presses presses a button and gives the answer.
func (w *world) presses(who interface {
	Press(m telegramtest.Message, data string) *telegramtest.Press
}, m telegramtest.Message, data string,
) telegramtest.Answer {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	answer, err := who.Press(m, data).Answer(ctx)
	require.NoError(w, err)
	return answer
}

// fromBot lists what the bot wrote in a chat.
func (w *world) fromBot(in telegramtest.Chat) []telegramtest.Message { return w.sim.FromBot(in) }

// take is the press of a card's first button, Take.
func take(card telegramtest.Message) string {
	for _, data := range card.Callbacks() {
		if strings.HasPrefix(data, "take:") {
			return data
		}
	}
	return ""
}

func hasCopy(m telegramtest.Message) bool {
	for _, row := range m.Keyboard {
		for _, b := range row {
			if b.CopyText != "" {
				return true
			}
		}
	}
	return false
}

// pdf is a good report.
func pdf() []byte { return pdftest.Valid("Vehicle history report") }

// officialSpec reads the official description of the Bot API, once, where it
// stands; the simulator's own table is checked in any case.
var officialSpec = sync.OnceValues(func() (*telegramtest.Spec, error) {
	path := filepath.Join("..", "..", "..", "shared", "telegram", "api.json")
	if _, err := os.Stat(path); err != nil {
		return nil, nil //nolint:nilnil // without it the simulator's own table is all there is
	}
	return telegramtest.LoadSpec(path)
})
