package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// binary builds the program, once for all the tests of a run and as it is
// built for production, beside the test's own binary: go test removes both.
var binary = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(self), "vinbot")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
		"-tags", "netgo osusergo sqlite_omit_load_extension", "-ldflags", "-s -w", "-o", path, "vinbot/cmd/vinbot")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w: %s", err, out)
	}
	return path, nil
})

// process is the real program as its operator runs it, told what to do by its
// environment alone.
type process struct {
	testing.TB
	cmd   *exec.Cmd
	log   journal
	ended chan struct{} // closed when it has ended
}

// launch starts the program with these settings, in an empty folder.
func launch(tb testing.TB, args []string, settings ...string) *process {
	tb.Helper()
	return launchIn(tb, tb.TempDir(), args, settings...)
}

// launchIn does so in a folder that may hold a .env.
func launchIn(tb testing.TB, dir string, args []string, settings ...string) *process {
	tb.Helper()
	path, err := binary()
	require.NoError(tb, err)
	p := &process{TB: tb, cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.log.grown = make(chan struct{})
	p.cmd.Env, p.cmd.Dir, p.cmd.Stderr = append([]string{"LOG_LEVEL=debug"}, settings...), dir, &p.log
	launched.Lock()
	launched.by[tb.Name()] = append(launched.by[tb.Name()], p)
	launched.Unlock()
	p.begin()
	return p
}

// begin starts the process, which ends with the test at the latest.
func (p *process) begin() {
	p.Helper()
	require.NoError(p, p.cmd.Start())
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // the state says how it ended
	}()
	p.Cleanup(p.kill)
}

// kill ends the process at once, if it has not ended.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// signal sends a signal, unless the process has ended.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// ends waits for the end of the process and gives its state.
func (p *process) ends() *os.ProcessState {
	p.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		require.FailNow(p, "the process goes on", p.log.all())
	}
	return p.cmd.ProcessState
}

// says waits for a line of the log with this message and gives the line.
func (p *process) says(message string) map[string]any {
	p.Helper()
	line, err := p.log.find(p.ended, message)
	require.NoError(p, err, p.log.all())
	return line
}

// journal keeps what a process logs, for who waits for a line.
type journal struct {
	lines
	growing sync.Mutex
	grown   chan struct{} // closed and renewed with each write
}

func (j *journal) Write(p []byte) (int, error) {
	n, err := j.lines.Write(p)
	j.growing.Lock()
	defer j.growing.Unlock()
	close(j.grown)
	j.grown = make(chan struct{})
	return n, err
}

// find waits for a line with this message, but not beyond the end.
func (j *journal) find(end <-chan struct{}, message string) (map[string]any, error) {
	late := time.After(patience)
	for {
		j.growing.Lock()
		grown := j.grown
		j.growing.Unlock()
		for _, text := range j.with(`"message":"` + message + `"`) {
			var line map[string]any
			if err := json.Unmarshal([]byte(text), &line); err == nil {
				return line, nil
			}
		}
		select {
		case <-grown:
		case <-end:
			return nil, fmt.Errorf("it ended without saying %q", message)
		case <-late:
			return nil, fmt.Errorf("it does not say %q", message)
		}
	}
}

// front stands before the simulator and lets a test act at the instants at
// which a call comes in and at which it has been answered.
type front struct {
	next    http.Handler
	mu      sync.Mutex
	instant func(method string)
}

func newFront(w *world) (*front, string) {
	f := &front{next: w.sim}
	server := httptest.NewServer(f)
	w.Cleanup(server.Close)
	w.Cleanup(w.sim.Close) // ends the polls that the server would wait for
	return f, server.URL
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller died while it spoke: nothing was asked
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.tell(method)
	f.next.ServeHTTP(w, r)
	f.tell(method)
}

func (f *front) tell(method string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.instant != nil {
		f.instant(method)
	}
}

// at has act called at each instant from now on, one at a time; nil for none.
func (f *front) at(act func(method string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.instant = act
}

// settings are the environment of a bot in this world that calls Telegram at
// an address.
func (w *world) settings(telegram string, more ...string) []string {
	all := append(environment(w.sim, w.group, string(w.cfg.DataDir)), "TELEGRAM_API_URL="+telegram)
	if server := w.cfg.Database.URL(); server != "" {
		all = append(all, "DATABASE_URL="+server)
	}
	return append(all, more...)
}

// environment is what a bot is told, as little as can be.
func environment(sim *telegramtest.Sim, group *telegramtest.Group, dir string) []string {
	return []string{
		"BOT_TOKEN=" + sim.Token(),
		fmt.Sprintf("MANAGER_CHAT=%d", group.Chat()),
		"TELEGRAM_API_URL=" + sim.URL(),
		"DATABASE_URL=sqlite://" + filepath.Join(dir, "vinbot.db"),
		"DATA_DIR=" + dir,
		"OPS_ADDR=127.0.0.1:0", "HTTP_ADDR=127.0.0.1:0",
	}
}

func TestSIGTERMEndsInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, address := newFront(w)
	settings := w.settings(address, "TELEGRAM_RATE_LIMITS=off")
	p := launch(t, nil, settings...)
	owners := w.owners(40)
	for _, o := range owners {
		o.writes()
	}
	w.sees(w.group, hasCopy) // in the middle of its work
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.ends().ExitCode(), p.log.all())
	require.NotContains(t, p.says("stopped"), "error")
	require.Zero(t, w.look(`SELECT count(*) FROM outbox WHERE state = 'leased'`))

	p = launch(t, nil, settings...)
	p.says("started")
	w.settled()
	require.Equal(t, len(owners), w.tickets())
	require.Len(t, w.fromBot(w.group), len(owners), "an orderly end leaves nothing to be sent twice")
	for _, o := range owners {
		require.Len(t, w.fromBot(o), 1)
	}
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.ends().ExitCode())
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f, address := newFront(w)
	gate := w.sim.On("sendMessage").Hold()
	t.Cleanup(gate.Open)
	p := launch(t, nil, w.settings(address)...)
	w.anna.Send(honda)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, gate.Wait(ctx))

	stopping := make(chan struct{})
	var once sync.Once
	f.at(func(method string) {
		if method == "getUpdates" {
			once.Do(func() { close(stopping) })
		}
	})
	p.signal(syscall.SIGTERM)
	<-stopping // its poll is ended, it waits for the answer to what it sent
	require.Eventually(t, func() bool {
		p.signal(syscall.SIGTERM)
		select {
		case <-p.ended:
			return true
		default:
			return false
		}
	}, patience, time.Millisecond)
	status, ok := p.ends().Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.Equal(t, syscall.SIGTERM, status.Signal(), "it did not wait until its time to end was over")

	gate.Open()
	launch(t, nil, w.settings(address)...)
	w.sees(w.anna, func(m telegramtest.Message) bool { return m.FromBot })
	w.card(honda)
}

func TestASecondBotOnOneDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, address := newFront(w)
	first := launch(t, nil, w.settings(address)...)
	first.says("started")
	second := launch(t, []string{"run"}, w.settings(address)...)
	require.Equal(t, 1, second.ends().ExitCode())
	require.Regexp(t, `^vinbot run: [^\n]*another vinbot runs on this database\n$`, second.log.all())

	w.anna.Send(honda)
	w.card(honda) // the first goes on
}
