package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/store/litetest"
	"vinbot/internal/telegramtest"
	"vinbot/internal/worker"
)

// flood is the program in made-up time, on a Telegram that enforces its limits
// and takes as long for a call as the real one.
type flood struct {
	*testing.T
	sim      *telegramtest.Sim
	group    *telegramtest.Group
	managers []*telegramtest.User
	app      *App
	log      lines

	mu       sync.Mutex
	opened   map[string]time.Time            // by VIN: when its owner wrote
	wrote    map[int64]time.Time             // by owner
	answers  map[int64]time.Time             // by owner: when the bot first wrote
	seen     map[string]time.Time            // by VIN: when the managers could see it
	asked    map[int]time.Time               // by message: what managers must be answered
	replied  map[int]time.Time               // by message
	digests  map[int]int                     // by message: how many tickets it shows
	cards    map[string]telegramtest.Message // by VIN: its own card
	gathered int                             // tickets that a digest showed first
	edits    int
	pressed  map[int64]bool // tickets
}

var (
	shownVIN   = regexp.MustCompile(`\b[A-HJ-NPR-Z0-9]{17}\b`)
	takeButton = regexp.MustCompile(`^take:(\d+)$`)
)

// flooded runs a story in a bubble of made-up time.
func flooded(t *testing.T, tell func(f *flood)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &flood{
			T: t, opened: map[string]time.Time{}, wrote: map[int64]time.Time{}, answers: map[int64]time.Time{},
			seen: map[string]time.Time{}, asked: map[int]time.Time{}, replied: map[int]time.Time{}, digests: map[int]int{},
			cards: map[string]telegramtest.Message{}, pressed: map[int64]bool{},
		}
		f.sim = telegramtest.New(telegramtest.Options{
			Limits: true, Latency: 100 * time.Millisecond, OnViolation: func(v string) { t.Error(v) },
		})
		for i := range 5 {
			f.managers = append(f.managers, f.sim.User("Manager "+strconv.Itoa(i+1), "en"))
		}
		f.group = f.sim.Group("Managers", f.managers...)
		f.group.PromoteBot()
		watching, stop := context.WithCancel(t.Context())
		watched := make(chan struct{})
		events := f.sim.Subscribe(watching)
		go func() {
			defer close(watched)
			for e := range events {
				f.watch(e)
			}
		}()
		f.starts()
		tell(f)
		f.ends()
		stop()
		<-watched
		f.sim.Close()
	})
}

// starts starts what of the program needs no network.
func (f *flood) starts() {
	f.Helper()
	dir := f.TempDir()
	cfg := config.Config{
		ManagerChats: config.Chats{{ID: f.group.Chat()}}, TelegramRateLimits: true,
		Database: config.SQLite(litetest.At(f, filepath.Join(dir, "vinbot.db"))), DataDir: config.Dir(dir), OpsAddr: "127.0.0.1:0",
		DefaultLanguage: config.English, VINCheckDigit: config.CheckAuto, MaxPDFSize: 20 << 20,
	}
	require.NoError(f, cfg.BotToken.UnmarshalText([]byte(f.sim.Token())))
	cfg.TelegramAPIURL = config.WebURL(f.sim.URL())
	var err error
	f.app, err = New(f.Context(), Options{
		Config: cfg, Log: zerolog.New(&f.log), Clock: time.Now, Transport: f.sim.Client().Transport,
	})
	require.NoError(f, err)
	for _, s := range []worker.Service{f.app.relay, f.app.inbox, f.app.updater} {
		require.NoError(f, s.Start(f.Context()))
	}
}

func (f *flood) ends() {
	f.Helper()
	for _, s := range []worker.Service{f.app.updater, f.app.inbox, f.app.relay} {
		require.NoError(f, s.Stop(f.Context()))
	}
	require.NoError(f, f.app.close())
}

// watch keeps what people see, and when.
func (f *flood) watch(e telegramtest.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := e.Message
	switch {
	case !m.FromBot:
	case e.Kind == telegramtest.MessageEdited:
		f.edits++
	case e.Kind != telegramtest.MessageSent:
	case m.ChatID > 0:
		if _, known := f.answers[m.ChatID]; !known {
			f.answers[m.ChatID] = m.Date
		}
	case m.ReplyTo != 0:
		f.replied[m.ReplyTo] = m.Date
	default:
		vins := shownVIN.FindAllString(m.Text, -1)
		for _, v := range vins {
			if _, known := f.seen[v]; !known {
				f.seen[v] = m.Date
				if len(vins) > 1 {
					f.gathered++
				}
			}
		}
		switch {
		case len(vins) > 1:
			f.digests[m.ID] = len(vins)
		case len(vins) == 1:
			f.cards[vins[0]] = m
		}
	}
}

// owners has so many owners write a VIN each, at a pace.
func (f *flood) owners(n int, every time.Duration) {
	for range n {
		f.mu.Lock()
		i := len(f.wrote) + 1
		owner, v := f.sim.User("Owner "+strconv.Itoa(i), "en"), fmt.Sprintf("WVWZZZ1JZ3W%06d", i)
		m := owner.Send(v)
		f.wrote[owner.ID], f.opened[v] = m.Date, m.Date
		f.mu.Unlock()
		time.Sleep(every)
	}
}

// work has the managers take what they see, and send files that will not do,
// until the time is over.
func (f *flood) work(until time.Time, take, err time.Duration) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		for i := 0; time.Now().Before(until); i++ {
			time.Sleep(take)
			f.takesOne(f.managers[i%len(f.managers)])
		}
	})
	all.Go(func() {
		for i := 0; time.Now().Before(until); i++ {
			time.Sleep(err)
			f.mu.Lock()
			id := int64(999_999) // nobody's, or a ticket whose card and edits wait
			if taken := slices.Sorted(maps.Keys(f.pressed)); i%2 == 1 && len(taken) > 0 {
				id = taken[len(taken)-1]
			}
			f.mu.Unlock()
			wrong := telegramtest.Document("report.docx", "application/msword", []byte("PK"))
			mail := f.managers[i%len(f.managers)].In(f.group).Sends(wrong.WithCaption("/done " + strconv.FormatInt(id, 10)))
			f.mu.Lock()
			f.asked[mail.ID] = mail.Date
			f.mu.Unlock()
		}
	})
}

// takesOne takes the oldest ticket that the group shows and nobody has.
func (f *flood) takesOne(by *telegramtest.User) {
	for _, m := range f.sim.FromBot(f.group) {
		for _, data := range m.Callbacks() {
			found := takeButton.FindStringSubmatch(data)
			if found == nil {
				continue
			}
			id, err := strconv.ParseInt(found[1], 10, 64)
			require.NoError(f, err)
			f.mu.Lock()
			known := f.pressed[id]
			f.pressed[id] = true
			f.mu.Unlock()
			if known {
				continue
			}
			answer, err := by.In(f.group).Press(m, data).Answer(f.Context())
			assert.NoError(f, err)
			assert.Contains(f, answer.Text, "is yours")
			return
		}
	}
}

// slowest is the longest time from each beginning to its end; all must have one.
func slowest[K cmp.Ordered](t *flood, what string, from, to map[K]time.Time) (most time.Duration) {
	t.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range slices.Sorted(maps.Keys(from)) {
		if end, ok := to[k]; assert.True(t, ok, "%s of %v", what, k) {
			most = max(most, end.Sub(from[k]))
		}
	}
	return most
}

// TestAFloodKeepsNoTicketFromTheManagersEyes is 200 owners a minute for five
// minutes, while managers take what they see and make mistakes.
func TestAFloodKeepsNoTicketFromTheManagersEyes(t *testing.T) {
	t.Parallel()
	flooded(t, func(f *flood) {
		const minutes, aMinute = 5, 200
		end := time.Now().Add(minutes * time.Minute)
		var all sync.WaitGroup
		all.Go(func() { f.work(end, 3*time.Second, 15*time.Second) })
		f.owners(minutes*aMinute, time.Minute/aMinute)
		all.Wait()
		during := f.sim.Calls()
		messages := len(f.sim.FromBot(f.group))
		time.Sleep(30 * time.Minute) // what can wait has its turn
		synctest.Wait()

		unseen := slowest(f, "the card", f.opened, f.seen)
		owner := slowest(f, "the answer", f.wrote, f.answers)
		manager := slowest(f, "the refusal", f.asked, f.replied)
		assert.LessOrEqual(f, unseen, 2*time.Minute)
		assert.LessOrEqual(f, owner, 3*time.Second)
		assert.LessOrEqual(f, manager, 5*time.Second, "an answer waits for no card")
		assert.NotEmpty(f, f.digests)
		for id, n := range f.digests {
			assert.LessOrEqual(f, n, 30, "message %d", id)
		}
		total := f.sim.Calls().Total()
		assert.Zero(f, total.TooMany)
		assert.Zero(f, f.sim.Calls().Early)
		f.truths()
		f.Logf("%d tickets in %d minutes, %d of them first in one of %d digests; unseen for %s at most", minutes*aMinute, minutes,
			f.gathered, len(f.digests), unseen)
		f.Logf("in these minutes %d messages to the group, %d of them refusals, and %d edits; %d edits after",
			messages, len(f.asked), during.Of("editMessageText").OK, f.edits-during.Of("editMessageText").OK)
		f.Logf("the slowest answer to an owner %s, to a manager %s; %d tickets taken; 429: %d",
			owner, manager, len(f.pressed), total.TooMany)
	})
}

// unseen lists the VINs that the group shows nowhere.
func (f *flood) unseen() (vins []string) {
	shown := map[string]bool{}
	for _, m := range f.sim.FromBot(f.group) {
		for _, v := range shownVIN.FindAllString(m.Text, -1) {
			shown[v] = true
		}
	}
	for v := range f.opened {
		if !shown[v] {
			vins = append(vins, v)
		}
	}
	return vins
}

// A group that becomes another, or is heard again, gets all that waits for it at
// once: a flood like any other.
func TestWhatComesToAGroupAllAtOnceIsSeenInTwoMinutes(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(f *flood){
		"it became a supergroup": func(f *flood) {
			f.owners(150, time.Second/10)
			time.Sleep(5 * time.Minute)
			require.Empty(f, f.unseen())
			f.group.MigrateToSupergroup()
			require.Len(f, f.unseen(), 150)
		},
		"it was muted for a while": func(f *flood) {
			f.group.DemoteBot()
			f.group.MuteBot(true)
			f.owners(150, time.Second/10)
			time.Sleep(10 * time.Minute)
			require.Len(f, f.unseen(), 150)
			f.group.MuteBot(false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flooded(t, func(f *flood) {
				happens(f)
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				assert.Empty(f, f.unseen())
				assert.Less(f, len(f.sim.FromBot(f.group)), 35, "far fewer messages than tickets")
				assert.Zero(f, f.sim.Calls().Total().TooMany)
			})
		})
	}
}

// truths looks at what the group shows in the end: every message tells the
// present state, and what somebody took has a card of its own.
func (f *flood) truths() {
	f.Helper()
	require.NotEmpty(f, f.pressed)
	for _, m := range f.sim.FromBot(f.group) {
		for line := range strings.Lines(m.Text) {
			v := shownVIN.FindString(line)
			if v == "" || f.digests[m.ID] == 0 {
				continue
			}
			id, err := strconv.ParseInt(strings.TrimLeft(strings.Fields(line)[0], "#"), 10, 64)
			require.NoError(f, err)
			assert.Equal(f, f.pressed[id], strings.Contains(line, "🔧 Manager"), "%s", line)
			assert.Equal(f, f.pressed[id], f.cards[v].ID != 0, "ticket %d: a card beside the digest is for one that was taken", id)
		}
	}
	for v, m := range f.cards {
		now, ok := f.sim.Now(m)
		require.True(f, ok)
		id, err := strconv.ParseInt(now.Callbacks()[0][strings.IndexByte(now.Callbacks()[0], ':')+1:], 10, 64)
		require.NoError(f, err)
		assert.Equal(f, f.pressed[id], strings.Contains(now.Text, "In work: Manager"), "%s", v)
	}
	waiting, err := f.app.store.Outbox().Waiting(f.Context(), 0, 10)
	require.NoError(f, err)
	assert.Empty(f, waiting, "nothing is left to be sent")
	assert.Zero(f, f.log.count(`"level":"error"`))
}
