package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// reader is an operator who types what the manual says, word for word, on a machine
// of their own: all that the manual puts below /etc, /usr/local, /var and so on is
// below root. Beside the reader a bot may run, with a ticket that is done.
type reader struct {
	*world
	root string
	home string            // the service's folder, /var/lib/vinbot
	at   string            // where the reader is: in a checkout, or at home
	env  []string          // what the shell has in its environment
	then []string          // what the reader sets before the bot is started the next time
	more map[string]string // what stands in the manual in place of something, and of what

	mu   sync.Mutex
	bot  *process
	http string // where it listens
}

// own are programs that the reader has and that do no harm; whatever else the manual
// names is not found, until it is put here or into [standIns].
func own() []string {
	return []string{"cat", "cp", "date", "find", "grep", "install", "jq", "ln", "pg_dump", "pg_restore", "psql", "sh", "sort", "uniq"}
}

// standIns are programs that a test cannot run, each with what takes its place: a
// script, and in it why.
func standIns() map[string]string {
	return map[string]string{
		"useradd":    `true # this machine's people are let be`,
		"chown":      `true # there is no such person`,
		"runuser":    `while [ "$1" != -- ]; do shift; done; shift; exec "$@" # there is no such person`,
		"docker":     `true # there is no engine; TestCompose… and scripts/image-check try what it would read`,
		"litestream": `exec vinbot backup "$3" # Debian has none; it brings a copy of the database`,
		"make":       `grep -q "^$1:" "$MAKEFILE" # each takes minutes, or runs this test`,
		"systemctl":  `exec "$CURL" "$SYSTEMD/$1" # the test itself starts and stops the bot`,
		// a stream has no end: its first line is enough
		"curl": `case " $* " in
*" -N "*) exec 3< <(exec "$CURL" "$@"); read -r line <&3; echo "$line"; kill $! ;;
*) exec "$CURL" "$@" ;;
esac`,
	}
}

// newReader gives a reader a machine. The bot does not run yet.
func newReader(t *testing.T, settings ...setting) *reader {
	t.Helper()
	r := &reader{root: t.TempDir(), more: map[string]string{}}
	r.home, r.at = filepath.Join(r.root, "var", "lib", "vinbot"), filepath.Join(r.root, "checkout")
	for _, dir := range []string{"bin", "etc/systemd/system", "usr/local/bin", "tmp", "run/secrets", "checkout/bin"} {
		require.NoError(t, os.MkdirAll(filepath.Join(r.root, dir), 0o755))
	}
	r.world = newWorld(t, append([]setting{func(w *world, _ *telegramtest.Options) {
		w.cfg.DataDir = config.Dir(filepath.Join(r.home, "data"))
		w.cfg.Database = config.Database{} // until a bot has run
	}}, settings...)...)
	r.equip()
	return r
}

// equip puts programs into the reader's PATH, and a checkout into their folder.
func (r *reader) equip() {
	r.Helper()
	program, err := binary()
	require.NoError(r, err)
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(r, err)
	links := map[string]string{"bin/vinbot": program, "usr/local/bin/vinbot": program, "checkout/bin/vinbot": program}
	for _, name := range []string{"deploy", ".env.example", "docker-compose.yml"} {
		links["checkout/"+name] = filepath.Join(checkout, name)
	}
	for _, name := range own() {
		links["bin/"+name] = toolAt(r, name)
	}
	for name, target := range links {
		require.NoError(r, os.Symlink(target, filepath.Join(r.root, name)))
	}
	for name, script := range standIns() {
		require.NoError(r, os.WriteFile(filepath.Join(r.root, "bin", name), []byte("#!/bin/bash\n"+script+"\n"), 0o755))
	}
	require.NoError(r, os.WriteFile(filepath.Join(r.root, ".curlrc"), []byte("fail-with-body\nsilent\nshow-error\n"), 0o600))
	systemd := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { r.service(strings.TrimPrefix(q.URL.Path, "/")) }))
	r.Cleanup(systemd.Close)
	r.env = []string{
		"PATH=" + filepath.Join(r.root, "bin"), "HOME=" + r.root, "MAKEFILE=" + filepath.Join(checkout, "Makefile"),
		"CURL=" + toolAt(r, "curl"), "SYSTEMD=" + systemd.URL,
	}
}

// toolAt finds a program, PostgreSQL's in the version of its server.
func toolAt(tb testing.TB, name string) string {
	tb.Helper()
	servers, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	require.NoError(tb, err)
	if len(servers) > 0 {
		return servers[len(servers)-1]
	}
	path, err := exec.LookPath(name)
	require.NoError(tb, err, "scripts/setup-test installs it")
	return path
}

// fills writes the reader's .env, as the manual says, into a folder.
func (r *reader) fills(dir string) {
	r.Helper()
	settings := slices.DeleteFunc(r.settings(r.sim.URL()), func(s string) bool {
		return strings.HasPrefix(s, "DATA_DIR=") || strings.HasPrefix(s, "DATABASE_URL=sqlite:") // as they are by default
	})
	require.NoError(r, os.MkdirAll(dir, 0o755))
	require.NoError(r, os.WriteFile(filepath.Join(dir, ".env"), []byte(strings.Join(settings, "\n")+"\n"), 0o600))
}

// service does what systemctl is asked for.
func (r *reader) service(verb string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch verb {
	case "daemon-reload":
	case "enable", "start":
		if server := r.cfg.Database.URL(); server != "" {
			r.env = append(r.env, "DATABASE_URL="+server)
		} else {
			r.cfg.Database = config.SQLite(filepath.Join(r.home, "data", "vinbot.db"))
		}
		r.bot = launchIn(r.T, r.home, nil, r.then...)
		r.http, _ = r.bot.says("started")["http"].(string)
		require.NotEmpty(r, r.http)
	case "stop":
		r.bot.signal(syscall.SIGTERM)
		require.Equal(r, 0, r.bot.ends().ExitCode())
	default:
		require.Fail(r, "what is it that systemctl should do?", verb)
	}
}

// works goes to the service's folder, where a bot runs and has done a ticket.
func (r *reader) works() {
	r.Helper()
	r.at = r.home
	r.fills(r.home)
	r.service("start")
	r.anna.Send(honda)
	card := r.card(honda)
	r.delivered(card, r.boris.In(r.group).ReplyPDF(card, pdf(), ""))
	r.settled()
}

// token makes a token for a program and gives its secret.
func (r *reader) token(command string) string {
	r.Helper()
	secret := regexp.MustCompile(`vbt_[\w-]+`).FindString(r.types(command))
	require.NotEmpty(r, secret)
	r.known.keep("a token of the API's", secret)
	return secret
}

// rooted are paths that the manual puts into the machine's own folders.
var rooted = regexp.MustCompile(`(^|[\s=:@"'])(/(?:etc|run|tmp|usr|var)/)`)

// types has a shell do what is typed, each command in turn, and gives all that was
// said. It ends at the first that fails.
func (r *reader) types(commands ...string) string {
	r.Helper()
	r.mu.Lock()
	at := "http://" + r.http
	r.mu.Unlock()
	exchange := []string{
		" -o vinbot", "", " -g vinbot", "", // there is no such person
		"http://127.0.0.1:8080", at, "https://vinbot.example.com", at,
	}
	for of, with := range r.more {
		exchange = append(exchange, of, with)
	}
	var script strings.Builder
	for _, command := range commands {
		command = strings.NewReplacer(exchange...).Replace(rooted.ReplaceAllString(command, "${1}"+r.root+"$2"))
		fmt.Fprintf(&script, "{ %s\n} || exit\n", command)
	}
	ctx, cancel := context.WithTimeout(r.Context(), 4*patience) // of several commands
	defer cancel()
	shell := exec.CommandContext(ctx, "/bin/bash", "-xu", "-o", "pipefail", "-c", script.String())
	shell.Dir, shell.Env = r.at, r.env
	said, err := shell.CombinedOutput()
	require.NoError(r, err, "%s", said)
	return string(said)
}
