package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// soakNumber reads a number that `make soak` sets.
func soakNumber(b *testing.B, name string, usual int) int {
	b.Helper()
	text, set := os.LookupEnv(name)
	if !set {
		return usual
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err, name)
	return n
}

// soak is a long steady load: who wrote when, and who was answered.
type soak struct {
	*stand

	mu    sync.Mutex
	wrote map[int64]time.Time // owners who wait
	waits []float64           // of those who were answered since the last look
	cards int
}

// listens notes answers and cards until the simulator ends.
func (s *soak) listens() {
	events := s.sim.Subscribe(s.Context())
	go func() {
		for e := range events {
			m := e.Message
			if e.Kind != telegramtest.MessageSent || !m.FromBot {
				continue
			}
			s.mu.Lock()
			if at, waits := s.wrote[m.ChatID]; waits {
				s.waits = append(s.waits, ms(m.Date.Sub(at)))
				delete(s.wrote, m.ChatID)
			} else if m.ChatID == s.group.Chat() {
				s.cards++
			}
			s.mu.Unlock()
		}
	}()
}

// minute has so many owners a second write, each for the first time.
func (s *soak) minute(first, rate int) {
	ticker := time.NewTicker(time.Second / time.Duration(rate))
	defer ticker.Stop()
	for i := range 60 * rate {
		o := s.sim.User(fmt.Sprintf("Owner %d", first+i), "ru")
		s.mu.Lock()
		s.wrote[o.ID] = o.Send(fmt.Sprintf("WVWZZZ1J%c%c%07d", 'A'+(first+i)/1e6%8, 'A'+(first+i)/1e5%8, first+i)).Date
		s.mu.Unlock()
		<-ticker.C
	}
}

// look gives the waits of those who were answered since the last, in order.
func (s *soak) look() (waits []float64, unanswered, cards int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waits, s.waits = s.waits, nil
	slices.Sort(waits)
	return waits, len(s.wrote), s.cards
}

// BenchmarkSoak is `make soak`: SOAK_RATE owners a second write a VIN each, for
// SOAK_MINUTES minutes, and a line a minute tells what it costs. It fails where
// memory or waiting grows: the second half is compared with the first.
func BenchmarkSoak(b *testing.B) {
	minutes, rate := soakNumber(b, "SOAK_MINUTES", 1), soakNumber(b, "SOAK_RATE", 200)
	s := &soak{stand: newStand(b, 0), wrote: map[int64]time.Time{}}
	bot := s.launch()
	s.listens()
	b.Logf("| minute | VINs | waited, ms: median | 99 of 100 | the longest | unanswered | cards | MiB resident | of it anonymous | database, MB |")
	b.Logf("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	var p99, memory []float64
	for m := range minutes {
		s.minute(m*60*rate, rate)
		waits, unanswered, cards := s.look()
		require.NotEmpty(b, waits, "nobody is answered")
		info, err := os.Stat(filepath.Join(s.dir, "vinbot.db"))
		require.NoError(b, err)
		p99, memory = append(p99, waits[len(waits)*99/100]), append(memory, bot.memory("VmRSS"))
		b.Logf("| %d | %d | %.1f | %.1f | %.1f | %d | %d | %.1f | %.1f | %d |", m+1, (m+1)*60*rate, waits[len(waits)/2],
			p99[m], waits[len(waits)-1], unanswered, cards, memory[m], bot.memory("RssAnon"), info.Size()>>20)
	}
	bot.signal(syscall.SIGTERM)
	require.Equal(b, 0, bot.ends().ExitCode())
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(p99), "ms-p99")
	b.ReportMetric(slices.Max(memory), "MiB-most")
	if half := minutes / 2; half > 0 {
		assert.LessOrEqual(b, median(memory[half:]), 1.25*median(memory[:half]), "memory grows")
		assert.LessOrEqual(b, median(p99[half:]), 2*median(p99[:half])+10, "owners wait ever longer")
	}
}
