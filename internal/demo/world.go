package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/app"
	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

const (
	// latency is about what the real Bot API takes for a call.
	latency = 50 * time.Millisecond
	// soon and later are the demo's deadlines: who tries it sees a reminder
	// within minutes.
	soon, later = 2 * time.Minute, 5 * time.Minute
	// maxReport is the largest PDF that the bot takes, as in the product.
	maxReport = 20 << 20
	// reuseDays is for how long a report is offered again, as in the product.
	reuseDays = 30
	// maxKept is how much of people's files a world holds in memory.
	maxKept = 256 << 20
)

// world is one simulated Telegram and the real bot on it. The page's language
// chooses the world: in each, managers, group and bot speak one language.
type world struct {
	lang   config.Language
	sim    *telegramtest.Sim
	group  *telegramtest.Group
	people []*person
	app    *app.App
	token  string // for who tries the API
	feed   *feed
	end    context.CancelFunc
	fed    chan struct{}

	mu    sync.Mutex // what people do happens one after the other
	kept  int64      // bytes of files that people sent
	crowd int        // how many owners wrote whom nobody on the page is
}

type worldOptions struct {
	Language config.Language
	Dir      string
	Host     string // of loopback: where the panel and the API listen, on a free port
	Log      zerolog.Logger
	Clock    func() time.Time
}

// newWorld makes the people and starts the bot.
func newWorld(ctx context.Context, o worldOptions) (*world, error) {
	w := &world{lang: o.Language, fed: make(chan struct{})}
	w.sim = telegramtest.New(telegramtest.Options{Now: o.Clock, Limits: true, Latency: latency})
	if err := w.sim.Start(); err != nil {
		return nil, fmt.Errorf("start the simulated Telegram: %w", err)
	}
	w.populate()
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	w.end = end
	events := w.sim.Subscribe(life)
	go func() {
		defer close(w.fed)
		for e := range events {
			w.feed.apply(e)
		}
	}()
	if err := w.startBot(ctx, o); err != nil {
		return nil, errors.Join(err, w.stop(ctx))
	}
	return w, nil
}

func (w *world) populate() {
	title, people := cast(w.lang)
	chats := map[int64]string{}
	var managers []*telegramtest.User
	for _, p := range people {
		p.user = w.sim.AddUser(telegramtest.User{FirstName: p.Name, Username: p.Key + "_demo", Language: p.Language})
		chats[p.user.Chat()] = p.Key
		if p.Role == roleManager {
			managers = append(managers, p.user)
		}
	}
	w.people = people
	w.group = w.sim.Supergroup(title, managers...)
	chats[w.group.Chat()] = groupKey
	w.feed = newFeed(cover{
		Bot:   botShape{Name: w.sim.Bot().FirstName, Username: w.sim.Bot().Username},
		Group: groupShape{Title: title, Members: len(managers) + 1},
	}, people, chats)
}

func (w *world) startBot(ctx context.Context, o worldOptions) (err error) {
	dir := filepath.Join(o.Dir, string(w.lang))
	cfg := config.Config{
		ManagerChats: config.Chats{{ID: w.group.Chat()}}, TelegramRateLimits: true,
		Database: config.SQLite(filepath.Join(dir, "vinbot.db")), DataDir: config.Dir(dir), OpsAddr: "127.0.0.1:0", HTTPAddr: config.Addr(net.JoinHostPort(o.Host, "0")),
		DefaultLanguage: w.lang, VINCheckDigit: config.CheckAuto, MaxPDFSize: maxReport, ReportReuse: reuseDays, Timezone: localZone(),
		SLATake: config.Allowance(soon), SLADone: config.Allowance(later),
	}
	if err := errors.Join(
		cfg.BotToken.UnmarshalText([]byte(w.sim.Token())), cfg.TelegramAPIURL.UnmarshalText([]byte(w.sim.URL())),
	); err != nil {
		return fmt.Errorf("point the bot at the simulator: %w", err)
	}
	log := o.Log.With().Str("world", string(w.lang)).Logger()
	bot, err := app.New(ctx, app.Options{Config: cfg, Log: log, Clock: o.Clock, Door: onlyLoopback})
	if err != nil {
		return err
	}
	if err := bot.Start(ctx); err != nil {
		return err
	}
	w.app = bot
	w.token, err = bot.NewToken(ctx, "curl")
	return err
}

// sampleCall is how another program asks the world's bot, for people who try it.
func (w *world) sampleCall() string {
	return "curl -H 'Authorization: Bearer " + w.token + "' http://" + w.app.HTTPAddr() + "/api/v1/tickets"
}

// localZone is the machine's time zone, so that the times on cards are those
// on the visitor's watch; UTC where it has no name.
func localZone() (zone config.Timezone) {
	name := time.Local.String()
	if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil && name == "Local" {
		_, name, _ = strings.Cut(target, "zoneinfo/")
	}
	if err := zone.UnmarshalText([]byte(name)); err != nil {
		return config.Timezone{}
	}
	return zone
}

// stop ends the bot, then its Telegram.
func (w *world) stop(ctx context.Context) error {
	var err error
	if w.app != nil {
		err = w.app.Stop(ctx)
	}
	w.end()
	<-w.fed
	w.sim.Close()
	return err
}
