package message_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	markup "html"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

const (
	sampleVIN = "1HGCM82633A004352"
	maxPDF    = 20 << 20
)

var update = flag.Bool("update", false, "write the golden files anew")

func newBook(t *testing.T) *message.Book {
	t.Helper()
	book, err := message.NewBook()
	require.NoError(t, err)
	return book
}

// golden compares a text with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update once")
	assert.Equal(t, string(want), got)
}

// named reads the texts that the constants of some files name, those whose own
// name begins with prefix.
func named(t *testing.T, files, prefix string) (names []string) {
	t.Helper()
	paths, err := filepath.Glob(files)
	require.NoError(t, err)
	for _, path := range paths {
		names = append(names, namedIn(t, path, prefix)...)
	}
	require.NotEmpty(t, names, files)
	return names
}

func namedIn(t *testing.T, file, prefix string) (names []string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		require.True(t, ok, "%s is no literal", spec.Names[0].Name)
		value, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		names = append(names, value)
		return true
	})
	return names
}

func sayNames(t *testing.T) []string {
	t.Helper()
	return append(named(t, "names*.go", "Text"), named(t, "../ticket/text.go", "Text")...)
}

// show writes a message as a golden file has it: the text, then its buttons.
func show(text message.Text) string {
	var b strings.Builder
	b.WriteString(text.HTML)
	if text.Keyboard != nil {
		for _, row := range text.Keyboard.InlineKeyboard {
			b.WriteString("\n")
			for _, button := range row {
				data := button.CallbackData
				if data == "" {
					data = "copy " + button.CopyText.Text
				}
				b.WriteString("[" + button.Text + " | " + data + "] ")
			}
		}
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}

// visible is the length of an HTML text as Telegram counts it.
func visible(html string) int {
	inTag := false
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			inTag = true
			return -1
		case r == '>':
			inTag = false
			return -1
		case inTag:
			return -1
		}
		return r
	}, html)
	return len(utf16.Encode([]rune(markup.UnescapeString(plain))))
}

func sampleTicket(change ...func(*ticket.Ticket)) ticket.Ticket {
	t := ticket.Ticket{
		ID: 12, VIN: sampleVIN, Status: ticket.New, Priority: ticket.Normal, OwnerID: 7,
		OpenedAt: time.Date(2026, 11, 23, 9, 5, 0, 0, time.UTC),
	}
	for _, c := range change {
		c(&t)
	}
	return t
}
