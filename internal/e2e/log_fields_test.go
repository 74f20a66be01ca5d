package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chapter gives a part of docs/operations.md.
func chapter(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "\n## "+name+"\n")
	require.True(t, found, "docs/operations.md has no chapter %q", name)
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// fieldsOfTheLog are those that docs/operations.md explains, each with where it is
// explained.
func fieldsOfTheLog(t *testing.T) map[string]bool {
	t.Helper()
	fields := map[string]bool{"level": true, "time": true, "message": true, "error": true}
	name := regexp.MustCompile("`([a-z_]+)`")
	for line := range strings.Lines(chapter(t, "Reading the log")) {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			for _, n := range name.FindAllStringSubmatch(cells[1], -1) {
				fields[n[1]] = true
			}
		}
	}
	return fields
}

// adders are what adds a field to a line, with the kind of value that it adds.
func adders() map[string]string {
	return map[string]string{
		"Str": "text", "Stringer": "text", "Bytes": "text", "Time": "text", "Int": "number", "Int64": "number", "Uint64": "number",
		"Dur": "number", "Float64": "number", "Bool": "bool", "Strs": "list", "Any": "anything", "Interface": "anything", "AnErr": "error",
	}
}

// TestTheLogsFieldsAreSpelledAsPromised reads the source: whatever logs a field calls
// it as docs/operations.md does, and gives it one kind of value.
func TestTheLogsFieldsAreSpelledAsPromised(t *testing.T) {
	t.Parallel()
	known, kinds, used := fieldsOfTheLog(t), map[string]string{}, map[string]bool{}
	look := func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			field, kind := fieldAdded(n)
			if field == "" {
				return true
			}
			used[field] = true
			assert.True(t, known[field], "%s: docs/operations.md does not explain the field %q", set.Position(n.Pos()), field)
			assert.NotContains(t, []string{"anything", "error"}, kind, "%s: what is in it is not known", set.Position(n.Pos()))
			assert.Equal(t, kind, firstOf(kinds, field, kind), "%s: elsewhere %q is of another kind", set.Position(n.Pos()), field)
			return true
		})
		return nil
	}
	require.NoError(t, filepath.WalkDir("..", look))
	require.NoError(t, filepath.WalkDir(filepath.Join("..", "..", "cmd"), look))
	for _, must := range []string{"request_id", "update_id", "ticket", "chat"} {
		assert.True(t, used[must], must)
	}
	for field := range known {
		assert.True(t, used[field] || slices.Contains([]string{"level", "time", "message", "error", "webhook", "crm", "world", "more"}, field), "nothing logs %q", field)
	}
}

// firstOf remembers the first value of a key, and gives it.
func firstOf(seen map[string]string, key, value string) string {
	if first, ok := seen[key]; ok {
		return first
	}
	seen[key] = value
	return value
}

// fieldAdded gives the name of the field that an expression adds to a line, and of
// what kind its value is; empty where it adds none.
func fieldAdded(n ast.Node) (field, kind string) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return "", ""
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	name, ok := call.Args[0].(*ast.BasicLit)
	if !ok || name.Kind != token.STRING {
		return "", ""
	}
	if kind = adders()[method.Sel.Name]; kind == "" {
		return "", ""
	}
	field, err := strconv.Unquote(name.Value)
	if err != nil {
		return "", ""
	}
	return field, kind
}

// TestTheLogIsReadAsTheManualSays runs every command of the chapter on the log of
// a story.
func TestTheLogIsReadAsTheManualSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.On("sendMessage").In(w.anna).Once().BadGateway()
	w.start()
	w.anna.Send(honda)
	w.delivered(w.card(honda), w.boris.In(w.group).ReplyPDF(w.card(honda), pdf(), ""))
	w.settled()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "vinbot.log"), []byte(w.log.all()+"a line that is no JSON\n"), 0o600))
	meant := map[string]string{
		"ticket": "1", "id": w.requestOf("opened"), "chat": strconv.FormatInt(w.anna.Chat(), 10),
	}
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(chapter(t, "Reading the log"))
	require.Len(t, block, 2)
	var settings []string
	ran := 0
	for line := range strings.Lines(block[1]) {
		line = strings.TrimSpace(line)
		name, _, isSetting := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case isSetting && meant[name] != "":
			settings = append(settings, name+"="+meant[name])
		default:
			cmd := exec.CommandContext(t.Context(), "bash", "-o", "pipefail", "-ec", line)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), settings...)
			out, err := cmd.CombinedOutput()
			assert.NoError(t, err, "%s: %s", line, out)
			assert.NotEmpty(t, out, line)
			assert.NotContains(t, string(out), "parse error", line)
			ran++
		}
	}
	assert.Len(t, settings, len(meant))
	assert.Greater(t, ran, 5)
}
