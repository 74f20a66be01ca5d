package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/crm/crmtest"
)

// codes gives all that stands as code in the manual, within a sentence or as a block,
// each with its page.
func codes(t *testing.T) (all [][2]string) {
	t.Helper()
	for path, text := range pages(t) {
		fence := regexp.MustCompile("(?s)\n```.*?\n```")
		for _, block := range fence.FindAllString(text, -1) {
			all = append(all, [2]string{path, block})
		}
		for paragraph := range strings.SplitSeq(fence.ReplaceAllString(text, ""), "\n\n") {
			for _, span := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(paragraph, -1) {
				all = append(all, [2]string{path, strings.Join(strings.Fields(span[1]), " ")})
			}
		}
	}
	return all
}

// source reads files of the checkout, as one text.
func source(t *testing.T, patterns ...string) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				continue
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			all.Write(text)
			all.WriteByte('\n')
		}
	}
	return all.String()
}

// named finds the names of one kind in the manual's code, each with a page that has it.
func named(t *testing.T, pattern string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, code := range codes(t) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(code[1], -1) {
			found[m[1]] = code[0]
		}
	}
	return found
}

func TestEveryMakeTargetInTheManualExists(t *testing.T) {
	t.Parallel()
	makefile := source(t, "Makefile")
	targets := named(t, `\bmake ([a-z][a-z-]*)`)
	for target, page := range targets {
		assert.True(t, strings.Contains(makefile, "\n"+target+":"), "%s names make %s", page, target)
	}
	assert.Greater(t, len(targets), 10)
}

func TestEveryProfileAndServiceInTheManualExists(t *testing.T) {
	t.Parallel()
	services, profiles := composed(t, nil), map[string]bool{}
	for _, s := range services {
		for _, profile := range s.Profiles {
			profiles[profile] = true
		}
	}
	namedProfiles := named(t, `--profile ([\w-]+)`)
	for profile, page := range namedProfiles {
		assert.True(t, profiles[profile], "%s names the profile %s", page, profile)
	}
	namedServices := named(t, `docker compose (?:exec|logs)(?: --?[\w-]+)* (\w+)`)
	for service, page := range namedServices {
		assert.Contains(t, services, service, "%s names the service %s", page, service)
	}
	assert.NotEmpty(t, namedProfiles)
	assert.NotEmpty(t, namedServices)
}

// others are names in capitals that are not ours, each with whose it is.
func others() map[string]string {
	return map[string]string{
		"PGPASSWORD": "libpq", "SSL_CERT_FILE": "Go", "HTTPS_PROXY": "Go", "NO_PROXY": "Go", "NO_COLOR": "no-color.org",
	}
}

func TestEverySettingInTheManualExists(t *testing.T) {
	t.Parallel()
	ours := source(t, ".env.example", "Makefile", "scripts/*", "docker-compose.yml", ".ci/run", "internal/*/*_test.go", "internal/*/*/*.go")
	names := named(t, `(?:^|[^\w${])([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]|[A-Z][A-Z0-9_]+=)`)
	for name, page := range names {
		name = strings.TrimSuffix(name, "=")
		if others()[name] != "" {
			continue
		}
		reads := regexp.MustCompile(`\b` + strings.TrimSuffix(name, "_FILE") + `\b`)
		assert.True(t, reads.MatchString(ours), "%s names %s, which nothing reads", page, name)
	}
	assert.Greater(t, len(names), 40)
}

func TestEveryFileInTheManualExists(t *testing.T) {
	t.Parallel()
	var files []string
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains([]string{".git", ".tools", "bin", "dist", "data"}, entry.Name()) && filepath.Dir(path) == root {
			return fs.SkipDir
		}
		files = append(files, strings.TrimPrefix(path, root))
		return err
	}))
	names := named(t, `^(\.?(?:[\w-]+/)*[\w.{},-]+\.(?:go|md|yml|sql|csv|txt|h)|(?:internal|cmd|docs|scripts|deploy|migrations|\.ci)/[\w./{},-]*|\.env\.example|\.golangci\.yml)$`)
	for name, page := range names {
		for _, one := range braced(name) {
			one = strings.TrimSuffix(one, "/")
			assert.True(t, slices.ContainsFunc(files, func(path string) bool { return strings.HasSuffix(path, "/"+one) }),
				"%s names %s, which is nowhere", page, name)
		}
	}
	assert.Greater(t, len(names), 40)
}

// braced writes a{b,c}d out.
func braced(name string) []string {
	parts := regexp.MustCompile(`^(.*)\{(.*)\}(.*)$`).FindStringSubmatch(name)
	if parts == nil {
		return []string{name}
	}
	var all []string
	for middle := range strings.SplitSeq(parts[2], ",") {
		all = append(all, parts[1]+middle+parts[3])
	}
	return all
}

func TestEveryGoTestInTheManualFindsSomething(t *testing.T) {
	t.Parallel()
	tests := allTests(t)
	found := 0
	for _, code := range codes(t) {
		m := regexp.MustCompile(`go test (?:.* )?\./([\w/]+)`).FindStringSubmatch(code[1])
		if m == nil {
			continue
		}
		found++
		assert.DirExists(t, filepath.Join("..", "..", m[1]), code[0])
		wanted := regexp.MustCompile(`-(?:run|bench) '?([\w./|$^]+)`).FindAllStringSubmatch(code[1], -1)
		matches := len(wanted) == 0
		for _, w := range wanted {
			for test := range tests {
				of, name, _ := strings.Cut(test, ".")
				matches = matches || of == filepath.Base(m[1]) && regexp.MustCompile(w[1]).MatchString(name)
			}
		}
		assert.True(t, matches, "%s: nothing would be run by %s", code[0], code[1])
	}
	assert.Greater(t, found, 4)
}

// asTyped puts in what the manual leaves open.
func asTyped(command string) string {
	return strings.NewReplacer("bin/vinbot", "vinbot", "FILE", "copy.db", "ID", "1", "URL", "sqlite://of.db", "…", "").Replace(command)
}

// completed are commands that the manual names without what must follow them.
func completed() map[string]string {
	return map[string]string{
		"vinbot token": "list", "vinbot token create": "--name x --scopes manage", "vinbot token revoke": "1", "vinbot migrate": "status",
		"vinbot backup": "copy.db", "vinbot restore": "copy.db", "vinbot blob copy": "--from fs --to s3",
		"vinbot crm sync": "--since 2026-11-01", "vinbot crm sync --since": "2026-11-01", "vinbot login-link": "--user 1",
	}
}

// TestEveryCommandInTheManualIsOneOfTheProgram runs what the manual names within its
// sentences, with no settings and no network: it may fail for that, but not for how it
// was called.
func TestEveryCommandInTheManualIsOneOfTheProgram(t *testing.T) {
	t.Parallel()
	path, err := binary()
	require.NoError(t, err)
	known := source(t, "cmd/vinbot/*.go")
	commands := map[string]string{}
	for _, code := range codes(t) {
		if regexp.MustCompile(`^(?:bin/)?vinbot [a-z]`).MatchString(code[1]) {
			commands[code[1]] = code[0]
		}
		if m := regexp.MustCompile(`^--[a-z-]+`).FindString(code[1]); m != "" {
			assert.Contains(t, known, `("`+strings.TrimPrefix(m, "--")+`"`, "%s names the flag %s", code[0], m)
		}
	}
	for command, page := range commands {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			for _, one := range alternatives(asTyped(command)) {
				said := speaks(t, path, one)
				if rest := completed()[one]; rest != "" && strings.Contains(said, "\nUsage: ") {
					said = speaks(t, path, one+" "+rest)
				}
				assert.NotContains(t, said, "Usage: ", "%s names %s", page, one)
			}
		})
	}
	assert.Greater(t, len(commands), 15)
}

// alternatives writes out what is named as a|b|c.
func alternatives(command string) (all []string) {
	words := strings.Fields(command)
	last := words[len(words)-1]
	for one := range strings.SplitSeq(last, "|") {
		all = append(all, strings.Join(append(slices.Clone(words[:len(words)-1]), one), " "))
	}
	return all
}

// speaks gives what the program says to a command.
func speaks(t *testing.T, path, command string) string {
	t.Helper()
	words := strings.Fields(command)
	cmd := exec.CommandContext(t.Context(), path, words[1:]...)
	cmd.Dir = t.TempDir()
	const nowhere = "127.0.0.1:1"
	cmd.Env = []string{
		"DEMO_ADDR=nowhere", "OPS_ADDR=" + nowhere, "TELEGRAM_API_URL=http://" + nowhere, "CRM=bitrix24",
		"BITRIX24_WEBHOOK_URL=http://" + nowhere + "/rest/1/abcdef0123456789/", "CRM_STAGES=" + crmtest.Bitrix24Stages,
	}
	said, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &failed, command)
	}
	return string(said)
}
