package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/config"
	"vinbot/internal/store/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Tests{Of: m}) }

const testToken = "42:hush-hush"

// console is a program with its own environment, and what it printed.
type console struct {
	*program

	out, err bytes.Buffer
}

func newConsole(t *testing.T, environ ...string) *console {
	t.Helper()
	c := &console{}
	c.program = newProgram(&c.out, &c.err)
	c.stdin, c.environ, c.dir = strings.NewReader(""), environ, t.TempDir()
	return c
}

func (c *console) do(t *testing.T, args ...string) int {
	t.Helper()
	return c.run(t.Context(), args)
}

func settings(more ...string) []string {
	return append([]string{"BOT_TOKEN=" + testToken, "MANAGER_CHAT=-100"}, more...)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		code int
		out  string
		err  string
	}{
		"help":                   {[]string{"help"}, 0, "Usage: vinbot [command]", ""},
		"help of a command":      {[]string{"vin", "--help"}, 0, "Usage: vinbot [command]", ""},
		"unknown command":        {[]string{"fly"}, 2, "", `there is no command "fly"`},
		"unknown flag":           {[]string{"vin", "--fly"}, 2, "", "vinbot vin: there is no flag: -fly\nUsage: vinbot vin [VIN…] [--json]\n"},
		"flag without command":   {[]string{"--fly"}, 2, "", "vinbot run: there is no flag: -fly"},
		"argument where none is": {[]string{"version", "2"}, 2, "", "takes no argument: 2"},
		"doctor's argument":      {[]string{"doctor", "me"}, 2, "", "takes no argument: me"},
		"migrate where to":       {[]string{"migrate"}, 2, "", "wants one of up, down, status and copy"},
		"migrate elsewhere":      {[]string{"migrate", "sideways"}, 2, "", "not sideways"},
		"no settings":            {[]string{"run"}, 2, "", "  MANAGER_CHAT: not set; allowed:"},
		"vinbot alone is run":    {nil, 2, "", "vinbot run: these settings are wrong:\n  BOT_TOKEN: not set; allowed:"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			assert.Equal(t, tt.code, c.do(t, tt.args...))
			assert.Contains(t, c.out.String(), tt.out)
			assert.Contains(t, c.err.String(), tt.err)
			if tt.code == exitUsage {
				assert.Empty(t, c.out.String(), "mistakes go to standard error")
			}
		})
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	require.Equal(t, exitFine, c.do(t, "--help"))
	for _, command := range commands() {
		assert.Contains(t, c.out.String(), "  "+command.name)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	require.Equal(t, exitFine, c.do(t, "version"))
	assert.Regexp(t, `^vinbot dev\ncommit unknown\ngo     1\.\d+.* linux/\w+\nschema [1-9]\d*\n$`, c.out.String())
}

func TestWorkersGetTheirSettings(t *testing.T) {
	t.Parallel()
	var got []string
	broken := errors.New("broken")
	work := workers{
		serve: func(_ context.Context, cfg config.Config, _ []config.Value, _ zerolog.Logger) error {
			got = append(got, "serve "+cfg.BotToken.Reveal())
			return nil
		},
		demo: func(_ context.Context, cfg config.Demo, _ zerolog.Logger, _ io.Writer) error {
			got = append(got, "demo "+string(cfg.Addr))
			return broken
		},
		migrate: func(_ context.Context, cfg config.Config, step migration, out io.Writer) error {
			got = append(got, "migrate "+string(step)+" "+cfg.Database.Path())
			_, err := io.WriteString(out, "done")
			return err
		},
	}
	c := newConsole(t, settings()...)
	c.work = work
	assert.Equal(t, exitFine, c.do(t))
	assert.Equal(t, exitFailed, c.do(t, "demo"))
	assert.Equal(t, "vinbot demo: broken\n", c.err.String())
	c.environ = []string{"DATABASE_URL=sqlite://x.db"}
	assert.Equal(t, exitFine, c.do(t, "migrate", "status"), "needs no token")
	assert.Equal(t, "done", c.out.String())
	assert.Equal(t, []string{"serve " + testToken, "demo 127.0.0.1:8090", "migrate status x.db"}, got)

	c.environ = []string{"DATABASE_URL=postgres://u:hush-hush@h", "DEMO_ADDR=x"}
	assert.Equal(t, exitUsage, c.do(t, "migrate", "up"))
	assert.Equal(t, exitUsage, c.do(t, "demo"))
	assert.NotContains(t, c.err.String(), "hush-hush")
}

// Not parallel: the signal goes to the whole process.
func TestASignalEndsTheWork(t *testing.T) {
	c := newConsole(t, settings()...)
	c.work.serve = func(ctx context.Context, _ config.Config, _ []config.Value, _ zerolog.Logger) error {
		assert.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGTERM))
		<-ctx.Done()
		return nil
	}
	assert.Equal(t, exitFine, c.do(t, "run"))
}

func TestHealth(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/livez", r.URL.Path)
		w.WriteHeader(status)
	}))
	addr := bot.Listener.Addr().String()
	c := newConsole(t, "OPS_ADDR="+addr)
	assert.Equal(t, exitFine, c.do(t, "health"), "needs no other setting")
	assert.Equal(t, "ok\n", c.out.String())

	status = http.StatusInternalServerError
	assert.Equal(t, exitFailed, c.do(t, "health"))
	assert.Contains(t, c.err.String(), "answers 500")

	bot.Close()
	assert.Equal(t, exitFailed, c.do(t, "health"))
	assert.Contains(t, c.err.String(), "connection refused")

	c.environ = []string{"OPS_ADDR=nonsense"}
	assert.Equal(t, exitUsage, c.do(t, "health"))
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for listen, connect := range map[string]string{
		":9090": "127.0.0.1:9090", "0.0.0.0:9090": "127.0.0.1:9090", "[::]:9090": "[::1]:9090",
		"10.0.0.1:1": "10.0.0.1:1", "nonsense": "nonsense",
	} {
		assert.Equal(t, connect, reachable(listen))
	}
}
