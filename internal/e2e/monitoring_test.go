package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"vinbot/internal/blob/s3test"
	"vinbot/internal/telegramtest"
)

// monitor is a real Prometheus that scrapes a bot.
type monitor struct {
	*testing.T
	url string
}

// monitors has Prometheus scrape the world's bot each second, and watch it by the
// rules that operators get.
func (w *world) monitors() monitor {
	w.Helper()
	dir := w.TempDir()
	rules, err := filepath.Abs(filepath.Join("..", "..", "deploy", "prometheus", "vinbot.rules.yml"))
	require.NoError(w, err)
	settings := fmt.Sprintf("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [%q]\n"+
		"scrape_configs: [{job_name: vinbot, static_configs: [{targets: [%q]}]}]\n", rules, w.app.OpsAddr())
	require.NoError(w, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(settings), 0o600))
	log := &journal{grown: make(chan struct{})}
	cmd := exec.Command("prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0", "--log.format=json")
	cmd.Stderr = log
	require.NoError(w, cmd.Start(), "scripts/setup-test installs it")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // the test has ended it
	}()
	w.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGKILL) // it may have ended
		<-ended
	})
	return monitor{w.T, "http://" + log.address(w, ended)}
}

// address waits until the log says where Prometheus listens.
func (j *journal) address(w *world, ended <-chan struct{}) string {
	w.Helper()
	late := time.After(patience)
	for {
		j.growing.Lock()
		grown := j.grown
		j.growing.Unlock()
		for _, line := range j.with(`"msg":"Listening on"`) {
			var said struct{ Address string }
			require.NoError(w, json.Unmarshal([]byte(line), &said))
			return said.Address
		}
		select {
		case <-grown:
		case <-ended:
			require.FailNow(w, "Prometheus ended", j.all())
		case <-late:
			require.FailNow(w, "Prometheus does not listen", j.all())
		}
	}
}

// asks asks Prometheus's API.
func (m monitor) asks(path string, into any) error {
	m.Helper()
	ctx, cancel := context.WithTimeout(m.Context(), patience)
	defer cancel()
	status, body := fetch(ctx, m.T, m.url+path)
	if status == http.StatusServiceUnavailable || status == http.StatusNotFound {
		return fmt.Errorf("not ready: %d", status)
	}
	answer := struct {
		Status, Error string
		Data          any
	}{Data: into}
	require.NoError(m, json.Unmarshal([]byte(body), &answer), body)
	require.Equal(m, "success", answer.Status, "%s: %s", path, answer.Error)
	return nil
}

// knows reports whether a query returns a series.
func (m monitor) knows(query string) bool {
	m.Helper()
	var found struct{ Result []any }
	return m.asks("/api/v1/query?query="+url.QueryEscape(query), &found) == nil && len(found.Result) > 0
}

// dashboardQueries reads what the dashboard asks, as Grafana would ask it.
func dashboardQueries(t *testing.T) (queries []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "grafana", "dashboards", "vinbot.json"))
	require.NoError(t, err)
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	require.NoError(t, json.Unmarshal(text, &board))
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			queries = append(queries, strings.ReplaceAll(target.Expr, "$__rate_interval", "1m"))
		}
	}
	return queries
}

// ruleSelectors reads which series the alerts look at: an alert that does not fire
// returns none itself.
func ruleSelectors(t *testing.T) (selectors []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "prometheus", "vinbot.rules.yml"))
	require.NoError(t, err)
	var file struct {
		Groups []struct{ Rules []struct{ Expr string } }
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	selector := regexp.MustCompile(`\b(?:up|vinbot_[a-z0-9_]+)(?:\{[^}]*\})?`)
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			found := selector.FindAllString(r.Expr, -1)
			require.NotEmpty(t, found, r.Expr)
			selectors = append(selectors, found...)
		}
	}
	return selectors
}

// TestEveryQueryOfTheDashboardAndTheRulesReturnsASeries: of a bot to which all
// happens that is counted.
func TestEveryQueryOfTheDashboardAndTheRulesReturnsASeries(t *testing.T) {
	t.Parallel()
	crm := companies(t)["bitrix24"]
	w := begin(t, served, nearby, withDeadlines, inBucket(s3test.New(t)), crm.uses, limited)
	prometheus := w.monitors()
	w.lives()

	missing := append(dashboardQueries(t), ruleSelectors(t)...)
	require.Greater(t, len(missing), 80)
	require.Eventually(t, func() bool {
		var still []string
		for _, query := range missing {
			if !prometheus.knows(query) {
				still = append(still, query)
			}
		}
		missing = still
		return len(missing) == 0
	}, patience, 200*time.Millisecond, "no series: %s", lazily{&missing})

	var rules struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError, State string }
		}
	}
	require.NoError(t, prometheus.asks("/api/v1/rules", &rules))
	require.Len(t, rules.Groups, 1)
	assert.NotEmpty(t, rules.Groups[0].Rules)
	for _, r := range rules.Groups[0].Rules {
		assert.Equal(t, "ok", r.Health, "%s: %s", r.Name, r.LastError)
		assert.NotEqual(t, "firing", r.State, r.Name)
	}
	assert.False(t, prometheus.knows("vinbot_no_such_metric"), "this test can fail")
}

// lazily shows what is left when a wait is over.
type lazily struct{ of *[]string }

func (l lazily) String() string { return strings.Join(*l.of, "\n") }

// limited lets an owner have two open tickets.
func limited(w *world, _ *telegramtest.Options) { w.cfg.MaxOpenTickets = 2 }

// lives has happen what is counted by labels that are not known beforehand.
func (w *world) lives() {
	w.Helper()
	failing := w.listens(func(n int) int {
		if n == 0 {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	failing.isTold()
	w.sim.On("sendMessage").In(w.group).Once().TooManyRequests(1)
	boris := w.boris.In(w.group)
	w.anna.Send(honda)
	card := w.card(honda)
	w.takes(boris, card)
	w.delivered(card, boris.ReplyPDF(card, pdf(), ""))
	report := w.sees(w.anna, func(m telegramtest.Message) bool { return m.HasButton("rate:1:5") })
	w.presses(w.anna, report, "rate:1:5")
	const mistyped = "1HGCM82633A004353" // a wrong check digit
	w.anna.Send(mistyped)
	w.sees(w.anna, telegramtest.Containing("опечат"))
	w.anna.Send(honda[:16])
	w.sees(w.anna, telegramtest.Containing("16"))
	ivan := w.sim.User("Иван", "ru")
	ivan.Send(honda + " " + bmw + " " + suzuki)
	w.card(bmw)
	fetch(w.Context(), w.T, "http://"+w.app.HTTPAddr()+"/api/openapi.json")
}
