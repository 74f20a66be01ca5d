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

// TestEveryPromiseHasItsTest reads docs/promises.md: each row names a test,
// and each test that is named exists.
func TestEveryPromiseHasItsTest(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "promises.md"))
	require.NoError(t, err)
	known := allTests(t)
	name := regexp.MustCompile("`([a-z0-9]+\\.Test\\w+)`")
	rows := 0
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| promise") {
			continue
		}
		rows++
		named := name.FindAllStringSubmatch(line, -1)
		assert.NotEmpty(t, named, "no test shows that: %s", line)
		for _, n := range named {
			assert.True(t, known[n[1]], "%s does not exist", n[1])
		}
	}
	assert.Greater(t, rows, 40)
}

// allTests lists the tests of all packages, each as package.TestName.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
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
