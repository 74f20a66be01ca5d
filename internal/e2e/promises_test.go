package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryPromiseHasItsTest reads the pages that say what shows something: each
// row of their tables names a test, and each test that is named exists.
func TestEveryPromiseHasItsTest(t *testing.T) {
	t.Parallel()
	known := allTests(t)
	for page, atLeast := range map[string]int{"promises.md": 200, "security.md": 30, "testing.md": 20} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
			require.NoError(t, err)
			rows := promised(string(text))
			assert.Greater(t, len(rows), atLeast)
			name := regexp.MustCompile("`([a-z0-9]+\\.(?:Test|Fuzz|Benchmark)\\w+)`")
			for _, row := range rows {
				named := name.FindAllStringSubmatch(row, -1)
				assert.NotEmpty(t, named, "no test shows that: %s", row)
				for _, n := range named {
					assert.True(t, known[n[1]], "%s does not exist", n[1])
				}
			}
		})
	}
}

// promised gives the rows of those tables of a page whose last column is what
// shows something.
func promised(page string) []string {
	var rows []string
	header, shown := "", false
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			header, shown = "", false
		case strings.HasPrefix(line, "| ---"):
			shown = strings.HasSuffix(header, "| shown by |")
		case shown:
			rows = append(rows, line)
		default:
			header = line
		}
	}
	return rows
}

// allTests lists the tests of all packages, each as package.TestName.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(\w+ \*testing\.[TFB]\)`)
	note := func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(source), -1) {
			found[filepath.Base(filepath.Dir(path))+"."+m[1]] = true
		}
		return err
	}
	require.NoError(t, filepath.WalkDir("..", note))
	require.NoError(t, filepath.WalkDir(filepath.Join("..", "..", "cmd"), note))
	return found
}
