package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pages gives the pages of the documentation, each with its text.
func pages(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	found, err := filepath.Glob(filepath.Join(root, "*.md"))
	require.NoError(t, err)
	more, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	texts := map[string]string{}
	for _, path := range append(found, more...) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		texts[path] = string(text)
	}
	return texts
}

// prose is a page without what stands in it as an example.
func prose(page string) string {
	page = regexp.MustCompile("(?s)\n```.*?\n```").ReplaceAllString(page, "")
	return regexp.MustCompile("`[^`\n]*`").ReplaceAllString(page, "")
}

// anchors gives what can be led to in a page, as GitHub names its headings.
func anchors(page string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#{1,6} (.+)$`).FindAllStringSubmatch(page, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(m[1]))
		out[name] = true
	}
	return out
}

func TestEveryLinkInTheDocumentationLeadsSomewhere(t *testing.T) {
	t.Parallel()
	texts := pages(t)
	link := regexp.MustCompile(`(?:\]\(|<img src=")([^)"\s]+)`)
	seen := 0
	for path, text := range texts {
		for _, m := range link.FindAllStringSubmatch(prose(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			seen++
			file, anchor, _ := strings.Cut(m[1], "#")
			to := path
			if file != "" {
				to = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(to); !assert.NoError(t, err, "%s leads to %s", path, m[1]) || anchor == "" {
				continue
			}
			assert.True(t, anchors(texts[to])[anchor], "%s leads to %s, where there is no such heading", path, m[1])
		}
	}
	assert.Greater(t, seen, 50)
}
