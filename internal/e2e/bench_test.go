package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"vinbot/internal/store/pgtest"
	"vinbot/internal/telegramtest"
)

const (
	benchOwners  = 3000
	warmUp       = 300                   // owners who write before: a young process sends few messages at once
	realLatency  = 50 * time.Millisecond // of a call of the real Bot API
	ownersSecond = 30
	benchTime    = 2 * time.Minute        // ends a benchmark that hangs
	settling     = 500 * time.Millisecond // until what a start does is done
)

// BenchmarkJourney has 3,000 owners write a VIN each at once, to the program
// in a process of its own that has served 300 before: from the first message to
// the last answer and the last card. Beside it, without latency, a bare echo of the
// same messages.
func BenchmarkJourney(b *testing.B) {
	b.Run("latency=0", func(b *testing.B) { journeys(b, func(*stand) {}) })
	b.Run("postgres", func(b *testing.B) {
		journeys(b, func(s *stand) {
			url := pgtest.Database(b)
			s.settings = []string{"DATABASE_URL=" + url}
			s.warmed = func() { pgtest.Analyze(b, url) }
		})
	})
	b.Run("latency=50ms", func(b *testing.B) {
		var rate []float64
		for b.Loop() {
			s := newStand(b, realLatency)
			bot := s.launch()
			rate = append(rate, s.rate(2))
			s.end(bot)
		}
		show(b, map[string][]float64{"VINs/s": rate})
	})
}

// journeys compares the program, prepared so, with the echo.
func journeys(b *testing.B, prepare func(*stand)) {
	b.Helper()
	var rate, echo, ofEcho, peak, spent []float64
	for b.Loop() {
		echo = append(echo, echoRate(b))
		s := newStand(b, 0)
		prepare(s)
		bot := s.launch()
		before := bot.processor()
		rate = append(rate, s.rate(2))
		spent = append(spent, float64((bot.processor()-before).Microseconds())/(warmUp+benchOwners))
		ofEcho = append(ofEcho, rate[len(rate)-1]/echo[len(echo)-1])
		peak = append(peak, bot.memory("VmHWM"))
		s.end(bot)
	}
	show(b, map[string][]float64{"VINs/s": rate, "echo/s": echo, "of-echo": ofEcho, "MiB-peak": peak, "µs-a-VIN": spent})
}

// echoRate is how many of the same messages the echo answers a second.
func echoRate(b *testing.B) float64 {
	b.Helper()
	s := newStand(b, 0)
	bot := launchEcho(b, s.sim)
	s.polled()
	rate := s.rate(1)
	bot.kill()
	s.sim.Close()
	return rate
}

// BenchmarkAnswer has 30 owners a second write for 20 seconds, while each call
// takes as long as one of the real Bot API: how long the owners wait.
func BenchmarkAnswer(b *testing.B) {
	var p50, p99 []float64
	for b.Loop() {
		s := newStand(b, realLatency)
		bot := s.launch()
		waits := s.waits(s.owners[:20*ownersSecond])
		slices.Sort(waits)
		p50, p99 = append(p50, waits[len(waits)/2]), append(p99, waits[len(waits)*99/100])
		s.end(bot)
	}
	show(b, map[string][]float64{"ms-p50": p50, "ms-p99": p99})
}

// BenchmarkStart starts the program on a new database and on one that it has:
// from its exec until its first poll arrives, and what it holds when nobody
// writes.
func BenchmarkStart(b *testing.B) {
	for _, database := range []string{"new", "old"} {
		b.Run("database="+database, func(b *testing.B) {
			var took, idle []float64
			for b.Loop() {
				s := newStand(b, 0)
				if database == "old" {
					s.end(s.launch())
				}
				begun := time.Now()
				bot := s.launch()
				took = append(took, ms(time.Since(begun)))
				time.Sleep(4 * settling)
				idle = append(idle, bot.memory("VmRSS"))
				s.end(bot)
			}
			show(b, map[string][]float64{"ms-to-poll": took, "MiB-idle": idle})
		})
	}
}

// show gives the median of each figure.
func show(b *testing.B, figures map[string][]float64) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // says nothing here: not shown
	for unit, values := range figures {
		b.ReportMetric(median(values), unit)
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// installed is the program that `make build` makes, as it lies on a machine that it
// was installed on: out of the system's cache. What a linker or a copy has just written stays there in
// large pieces, of which Linux since 6.18 maps the whole where one page is touched,
// so that all of the program would count as what the process holds.
var installed = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the bench: %w", err)
	}
	path := filepath.Join(filepath.Dir(self), "installed-vinbot")
	build := exec.Command("make", "build", "BIN="+path)
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w: %s", err, out)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return "", fmt.Errorf("open the program: %w", err)
	}
	defer file.Close()
	if err := file.Sync(); err != nil { // what is not written yet stays
		return "", fmt.Errorf("write the program: %w", err)
	}
	const dontNeed = 4 // POSIX_FADV_DONTNEED, of the whole file
	if _, _, code := syscall.Syscall6(syscall.SYS_FADVISE64, file.Fd(), 0, 0, dontNeed, 0, 0); code != 0 {
		return "", fmt.Errorf("take the program out of the cache: %w", code)
	}
	return path, nil
})

// stand is a Telegram without limits for a bot that is measured.
type stand struct {
	*testing.B
	sim    *telegramtest.Sim
	group  *telegramtest.Group
	owners []owner
	dir    string
	// settings are further ones of the program.
	settings []string
	// warmed is called when it has served the first owners; nil: nobody is.
	warmed func()
}

func newStand(b *testing.B, latency time.Duration) *stand {
	b.Helper()
	s := &stand{B: b, sim: telegramtest.New(telegramtest.Options{Latency: latency}), dir: b.TempDir()}
	require.NoError(b, s.sim.Start())
	b.Cleanup(s.sim.Close)
	s.owners = ownersOf(s.sim, warmUp+benchOwners)
	s.group = s.sim.Group("Managers", s.sim.User("Boris", "ru"))
	s.group.PromoteBot()
	return s
}

// launch starts the program, its log in a file, and returns at its first poll.
func (s *stand) launch() *process {
	s.Helper()
	path, err := installed()
	require.NoError(s, err)
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(s, err)
	defer log.Close()
	p := &process{TB: s, cmd: exec.Command(path), ended: make(chan struct{})}
	p.cmd.Env = append(append(environment(s.sim, s.group, s.dir), "TELEGRAM_RATE_LIMITS=off"), s.settings...)
	p.cmd.Dir, p.cmd.Stderr = s.dir, log
	p.begin()
	s.polled()
	return p
}

// polled waits for a bot to poll.
func (s *stand) polled() {
	s.Helper()
	for begun := time.Now(); !s.sim.Polling(); time.Sleep(100 * time.Microsecond) {
		require.Less(s, time.Since(begun), benchTime, "no bot polls")
	}
}

// end stops the program, and the simulator, in order.
func (s *stand) end(p *process) {
	s.Helper()
	p.signal(syscall.SIGTERM)
	require.Equal(s, 0, p.ends().ExitCode())
}

// rate has owners write at once, and gives how many of them a second the bot
// served with so many messages each, once it is warm.
func (s *stand) rate(each int) float64 {
	s.Helper()
	time.Sleep(settling)
	s.serves(s.owners[:warmUp], each)
	if s.warmed != nil {
		s.warmed()
	}
	return benchOwners / s.serves(s.owners[warmUp:], each).Seconds()
}

// serves has owners write at once, and gives how long it took the bot to send so
// many messages for each.
func (s *stand) serves(owners []owner, each int) time.Duration {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), benchTime)
	defer cancel()
	events := s.sim.Subscribe(ctx)
	begun := time.Now()
	go func() {
		for _, o := range owners {
			o.writes()
		}
	}()
	left := each * len(owners)
	for e := range events {
		if e.Kind == telegramtest.MessageSent && e.Message.FromBot {
			if left--; left == 0 {
				return time.Since(begun)
			}
		}
	}
	require.FailNow(s, "it takes too long", "%d messages are not sent", left)
	return 0
}

// waits has owners write in a steady stream, and gives how long each waited for
// the answer, in milliseconds.
func (s *stand) waits(owners []owner) []float64 {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), benchTime)
	defer cancel()
	events := s.sim.Subscribe(ctx)
	wrote := make(chan map[int64]time.Time, 1)
	go func() {
		at := map[int64]time.Time{}
		ticker := time.NewTicker(time.Second / ownersSecond)
		defer ticker.Stop()
		for _, o := range owners {
			at[o.ID] = o.Send(o.vin).Date
			<-ticker.C
		}
		wrote <- at
	}()
	known := map[int64]bool{}
	for _, o := range owners {
		known[o.ID] = true
	}
	answered := map[int64]time.Time{}
	for e := range events {
		if m := e.Message; e.Kind == telegramtest.MessageSent && m.FromBot && known[m.ChatID] {
			if answered[m.ChatID] = m.Date; len(answered) == len(owners) {
				break
			}
		}
	}
	require.Len(s, answered, len(owners), "answers")
	var waits []float64
	for id, at := range <-wrote {
		waits = append(waits, ms(answered[id].Sub(at)))
	}
	return waits
}

// memory is a figure of /proc/<pid>/status in MiB.
func (p *process) memory(name string) float64 {
	p.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(p, err)
	for line := range strings.Lines(string(status)) {
		if field, value, _ := strings.Cut(line, ":"); field == name {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			require.NoError(p, err)
			return float64(kib) / 1024
		}
	}
	require.FailNow(p, "there is no "+name)
	return 0
}
