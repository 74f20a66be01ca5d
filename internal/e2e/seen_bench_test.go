package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkSeen is what it costs that one sees what the program does: the load of
// BenchmarkJourney without latency, by turns with the log as usual and a scrape of
// /metrics each second, and with neither. The processor time is the program's alone,
// which other work on the machine changes less than the rate. The counters count in
// both.
func BenchmarkSeen(b *testing.B) {
	var seen, unseen, slower []float64
	for i := 0; b.Loop(); i++ {
		measure := func(watched bool) float64 {
			s := newStand(b, 0)
			s.settings = []string{"LOG_LEVEL=error"}
			if watched {
				s.settings = []string{"LOG_LEVEL=info"}
			}
			ops := freeAddr(b)
			s.settings = append(s.settings, "OPS_ADDR="+ops)
			bot := s.launch()
			if watched {
				ctx, stop := context.WithCancel(b.Context())
				defer stop()
				go scrapes(ctx, ops)
			}
			before := bot.processor()
			s.rate(2)
			spent := bot.processor() - before
			s.end(bot)
			return float64(spent.Microseconds()) / (warmUp + benchOwners)
		}
		order := []bool{true, false}
		if i%2 == 1 {
			slices.Reverse(order)
		}
		took := map[bool]float64{}
		for _, watched := range order {
			took[watched] = measure(watched)
		}
		seen, unseen = append(seen, took[true]), append(unseen, took[false])
		slower = append(slower, 100*(took[true]/took[false]-1))
	}
	show(b, map[string][]float64{"µs-a-VIN-seen": seen, "µs-a-VIN-unseen": unseen, "%-more": slower})
}

// freeAddr is an address on which nobody listens at the moment.
func freeAddr(b *testing.B) string {
	b.Helper()
	listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer listener.Close()
	return listener.Addr().String()
}

// scrapes asks for /metrics each second.
func scrapes(ctx context.Context, ops string) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+ops+"/metrics", http.NoBody)
		if err != nil {
			return
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// processor is how much processor time a process has used: proc(5), of which a tick
// is a hundredth of a second.
func (p *process) processor() time.Duration {
	p.Helper()
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "stat"))
	require.NoError(p, err)
	fields := strings.Fields(string(stat)[strings.LastIndexByte(string(stat), ')')+1:])
	var ticks int64
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(field, 10, 64)
		require.NoError(p, err, fmt.Sprint(fields))
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
