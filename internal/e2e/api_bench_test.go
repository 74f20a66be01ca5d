package e2e

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	readsSecond = 1000
	readers     = 16 // connections
)

// turns are in which of the stretches of a round there are requests: as often
// early as late, so that what drifts on the machine, or grows in the database, is
// the same with and without.
var turns = []bool{false, true, true, false, true, false, false, true}

// turnSeconds is how long a stretch is.
const turnSeconds = 5

// BenchmarkAnswerBesideReads has 30 owners a second write to one process, with and
// without 1,000 requests a second to the API beside it, in turns of five seconds:
// nine of ten requests read a ticket, one a page of the list.
func BenchmarkAnswerBesideReads(b *testing.B) {
	figures := map[string][]float64{}
	note := func(name string, figure float64) { figures[name] = append(figures[name], figure) }
	for b.Loop() {
		quiet, beside, reads := answersBeside(b)
		note("ms-p50-alone", quiet)
		note("ms-p50-beside", beside)
		note("times-as-long", beside/quiet)
		note("reads/s", reads.rate)
		note("ms-read-p50", reads.median)
		note("ms-read-p99", reads.p99)
	}
	show(b, figures)
}

// readFigures are how the requests fared.
type readFigures struct{ rate, median, p99 float64 }

// answersBeside gives how long owners wait at the median without requests to the
// API and with them, and how those fared.
func answersBeside(b *testing.B) (quiet, beside float64, reads readFigures) {
	b.Helper()
	s := newStand(b, realLatency)
	bot := s.launch()
	secret, err := s.secret()
	require.NoError(b, err)
	r := &reading{base: "http://" + s.httpAddr() + "/api/v1", secret: secret}
	const each = turnSeconds * ownersSecond
	s.waits(s.owners[:each]) // what a process does for the first time
	left := s.owners[each:]
	var waits [2][]float64
	seconds := 0.0
	for _, read := range turns {
		which := 0
		end := func() {}
		if read {
			which = 1
			end = r.begin(b.Context())
		}
		begun := time.Now()
		waits[which] = append(waits[which], s.waits(left[:each])...)
		if end(); read {
			seconds += time.Since(begun).Seconds()
		}
		left = left[each:]
	}
	s.end(bot)
	require.Zero(b, r.failed.Load(), "requests failed")
	return median(waits[0]), median(waits[1]), r.figures(seconds)
}

// begin begins to make requests, until the end is called.
func (r *reading) begin(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for range readers {
		all.Go(func() { r.run(ctx, time.Second*readers/readsSecond) })
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// secret makes a token beside the running bot, as its operator does.
func (s *stand) secret() (string, error) {
	path, err := installed()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(path, "token", "create", "--name", "bench", "--scopes", "tickets:read", "--per-minute", "1000000")
	cmd.Env, cmd.Dir = environment(s.sim, s.group, s.dir), s.dir
	out, err := cmd.Output()
	return string(bytes.TrimSpace(out)), err
}

// httpAddr is where the bot's log says that the API listens.
func (s *stand) httpAddr() string {
	s.Helper()
	listens := regexp.MustCompile(`"http":"([^"]+)"`)
	for begun := time.Now(); time.Since(begun) < benchTime; time.Sleep(time.Millisecond) {
		text, err := os.ReadFile(filepath.Join(s.dir, "log"))
		require.NoError(s, err)
		if found := listens.FindSubmatch(text); found != nil {
			return string(found[1])
		}
	}
	require.FailNow(s, "the log does not say where the API listens")
	return ""
}

// reading is a program that reads all the time.
type reading struct {
	base, secret string
	failed       atomic.Int64

	mu   sync.Mutex
	took []float64
}

// run makes a request each time that the pause is over.
func (r *reading) run(ctx context.Context, pause time.Duration) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		path := "/tickets/" + strconv.Itoa(1+i%20)
		if i%10 == 0 {
			path = "/tickets?limit=50"
		}
		begun := time.Now()
		status, err := r.read(ctx, client, path)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil, status != http.StatusOK && status != http.StatusNotFound:
			r.failed.Add(1)
		}
		r.mu.Lock()
		r.took = append(r.took, ms(time.Since(begun)))
		r.mu.Unlock()
	}
}

func (r *reading) read(ctx context.Context, client *http.Client, path string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", strings.TrimSpace("Bearer "+r.secret))
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

func (r *reading) figures(seconds float64) readFigures {
	if len(r.took) == 0 {
		return readFigures{}
	}
	slices.Sort(r.took)
	return readFigures{rate: float64(len(r.took)) / seconds, median: r.took[len(r.took)/2], p99: r.took[len(r.took)*99/100]}
}
