package metric_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// What deploy/ holds, seen from here.
const (
	prometheusDir = "../../deploy/prometheus"
	rulesFile     = prometheusDir + "/vinbot.rules.yml"
	testsFile     = prometheusDir + "/vinbot.tests.yml"
	dashboardFile = "../../deploy/grafana/dashboards/vinbot.json"
	unusedFile    = prometheusDir + "/unused-metrics.txt"
)

// rule is an alert.
type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

// rules reads the alerts.
func rules(t *testing.T) []rule {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	readYAML(t, rulesFile, &file)
	require.Len(t, file.Groups, 1)
	return file.Groups[0].Rules
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, into))
}

// panel is a panel of the dashboard.
type panel struct {
	Type, Title, Description string
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct{ Expr string }
}

// panels reads the dashboard's.
func panels(t *testing.T) []panel {
	t.Helper()
	text, err := os.ReadFile(dashboardFile)
	require.NoError(t, err)
	var board struct{ Panels []panel }
	require.NoError(t, json.Unmarshal(text, &board))
	return board.Panels
}

// promtool runs Debian's promtool, which comes with prometheus.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput()
	require.NoError(t, err, "promtool %s: %s (scripts/setup-test installs it)", args, out)
}

func TestPrometheusTakesItsRulesAndSettings(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", rulesFile)
	promtool(t, "check", "config", filepath.Join(prometheusDir, "prometheus.yml"))
}

func TestEachAlertFiresWhenItShouldAndNotOtherwise(t *testing.T) {
	t.Parallel()
	promtool(t, "test", "rules", testsFile)
	var file struct {
		Tests []struct {
			Name  string
			Cases []struct {
				Samples []struct{ Labels string } `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		}
	}
	readYAML(t, testsFile, &file)
	for _, r := range rules(t) {
		fires, quiet := false, false
		for _, test := range file.Tests {
			if !strings.HasPrefix(test.Name, r.Alert+" ") {
				continue
			}
			fired := false
			for _, c := range test.Cases {
				for _, s := range c.Samples {
					fired = fired || s.Labels == `{alertname="`+r.Alert+`"}`
				}
			}
			fires, quiet = fires || fired, quiet || !fired
		}
		assert.True(t, fires, "%s has a case in which it fires", r.Alert)
		assert.True(t, quiet, "%s has a case in which it does not", r.Alert)
	}
}

func TestEachAlertWaitsAWhileAndHasARunbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	for _, r := range rules(t) {
		assert.NotEmpty(t, r.For, r.Alert)
		assert.Contains(t, []string{"page", "ticket"}, r.Labels["severity"], r.Alert)
		assert.NotEmpty(t, r.Annotations["summary"], r.Alert)
		assert.NotEmpty(t, r.Annotations["description"], r.Alert)
		assert.Equal(t, "docs/operations.md#"+strings.ToLower(r.Alert), r.Annotations["runbook"])
		_, section, found := strings.Cut(string(text), "\n#### "+r.Alert+"\n")
		require.True(t, found, "docs/operations.md has a section for %s", r.Alert)
		section, _, _ = strings.Cut(section, "\n#")
		for _, part := range []string{"**It means**", "**Look**", "**Do**"} {
			assert.Contains(t, section, part, r.Alert)
		}
	}
}

func TestEachPanelSaysWhatItShowsAndInWhat(t *testing.T) {
	t.Parallel()
	for _, p := range panels(t) {
		if p.Type == "row" {
			continue
		}
		assert.Regexp(t, `^[A-Z].+\.$`, p.Description, p.Title)
		if p.Type != "text" {
			assert.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
			assert.NotEmpty(t, p.Targets, p.Title)
		}
	}
}

// names finds the metrics that a text speaks of.
var names = regexp.MustCompile(`\b(vinbot|go|process|promhttp|up)(_[a-z0-9_]+)?\b`)

// asked lists the metrics that the dashboard and the rules ask for.
func asked(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	add := func(query string) {
		query = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(query, "")
		for _, name := range names.FindAllString(query, -1) {
			all[name] = true
		}
	}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			add(target.Expr)
		}
	}
	for _, r := range rules(t) {
		add(r.Expr)
	}
	return all
}

// shown is a metric as /metrics describes it.
type shown struct {
	kind, help string
	labels     []string
}

// described lists the metrics that the program shows.
func described(t *testing.T) map[string]shown {
	t.Helper()
	all := map[string]shown{}
	name := ""
	label := regexp.MustCompile(`[{,]([a-z_]+)="`)
	for line := range strings.Lines(scrape(t, exercised(t))) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if fields[0] == "#" {
			name = fields[2]
		}
		m := all[name]
		switch {
		case fields[0] != "#":
			for _, found := range label.FindAllStringSubmatch(line, -1) {
				if found[1] != "le" && !slices.Contains(m.labels, found[1]) {
					m.labels = append(m.labels, found[1])
				}
			}
		case fields[1] == "HELP":
			m.help = fields[3]
		case fields[1] == "TYPE":
			m.kind = fields[3]
		}
		all[name] = m
	}
	return all
}

// TestTheTableOfMetricsIsWhatTheProgramShows: docs/metrics.md.
func TestTheTableOfMetricsIsWhatTheProgramShows(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	there := described(t)
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if m := there[name]; ours(name) {
			labels := "`" + strings.Join(m.labels, "`, `") + "`"
			if len(m.labels) == 0 {
				labels = ""
			}
			fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", name, m.kind, labels, m.help)
		}
	}
	text, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	_, found, _ := strings.Cut(string(text), "| --- | --- | --- | --- |\n")
	found, _, _ = strings.Cut(found, "\n\n")
	assert.Equal(t, strings.TrimSpace(table.String()), strings.TrimSpace(found), "the table must be:\n%s", table.String())
}

// ours tells the program's metrics from those of Go and the process.
func ours(name string) bool {
	return strings.HasPrefix(name, "vinbot_") || strings.HasPrefix(name, "go_sql_")
}

func TestEachMetricIsLookedAtAndWhatIsLookedAtIsThere(t *testing.T) {
	t.Parallel()
	there, looked := described(t), asked(t)
	require.NotEmpty(t, looked)
	unused, err := os.ReadFile(unusedFile)
	require.NoError(t, err)
	intended := map[string]bool{}
	for line := range strings.Lines(string(unused)) {
		if name := strings.TrimSpace(line); name != "" && !strings.HasPrefix(name, "#") {
			intended[name] = true
		}
	}
	used := map[string]bool{}
	for name := range looked {
		base := name
		if _, ok := there[name]; !ok {
			base = regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, "")
		}
		if _, ok := there[base]; !ok && name != "up" {
			assert.Fail(t, "no such metric", "%s is asked for", name)
		}
		used[base] = true
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if !ours(name) {
			continue
		}
		assert.NotEqual(t, used[name], intended[name],
			"%s is looked at by a panel or a rule, or is in %s, and not both", name, filepath.Base(unusedFile))
		delete(intended, name)
	}
	assert.Empty(t, intended, "there are no such metrics")
}

// TestTheMonitoringOfComposeIsPinnedAndForThisMachineAlone: and without its
// profile there is the bot and nothing else.
func TestTheMonitoringOfComposeIsPinnedAndForThisMachineAlone(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Profiles, Ports, Volumes []string
			Image                    string
		}
	}
	readYAML(t, "../../docker-compose.yml", &file)
	for name, s := range file.Services {
		assert.Equal(t, name == "bot", len(s.Profiles) == 0, "%s runs only where its profile is asked for", name)
	}
	for _, name := range []string{"prometheus", "grafana"} {
		s := file.Services[name]
		assert.Equal(t, []string{"monitoring"}, s.Profiles, name)
		assert.Regexp(t, `:v?\d+\.\d+\.\d+$`, s.Image)
		for _, port := range s.Ports {
			assert.Regexp(t, `^127\.0\.0\.1:\d+:\d+$`, port)
		}
		for _, volume := range s.Volumes {
			from, to, _ := strings.Cut(volume, ":")
			if !strings.HasPrefix(from, "./") {
				continue
			}
			assert.DirExists(t, filepath.Join("../..", from))
			assert.True(t, strings.HasSuffix(to, ":ro"), volume)
		}
	}
}
