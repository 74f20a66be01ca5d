package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/validate"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

func TestSampleIsAGoodPDF(t *testing.T) {
	t.Parallel()
	pdf, err := pdfcpu.Read(bytes.NewReader(samplePDF), &model.Configuration{
		ValidationMode: model.ValidationStrict, Limits: model.DefaultResourceLimits(),
	})
	require.NoError(t, err)
	require.NoError(t, validate.XRefTable(pdf))
	require.NoError(t, pdf.EnsurePageCount())
	assert.Equal(t, 1, pdf.PageCount)
	assert.Contains(t, string(samplePDF), "(Sample vehicle history report) Tj")
	assert.Less(t, len(samplePDF), 16<<10)
	assert.NotRegexp(t, regexp.MustCompile(`[A-HJ-NPR-Z0-9]{17}`), string(samplePDF), "it is a report for any VIN, so it names none")
}

func TestListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "8090"} {
		d, err := New(Options{Config: config.Demo{Addr: config.Addr(addr)}, Log: zerolog.Nop(), Clock: time.Now})
		require.NoError(t, err)
		assert.ErrorContains(t, d.Start(t.Context()), "DEMO_ADDR", addr)
	}
}

func TestPortInUseIsSaid(t *testing.T) {
	t.Parallel()
	taken := begin(t).listener.Addr().String()
	d, err := New(Options{Config: config.Demo{Addr: config.Addr(taken)}, Log: zerolog.Nop(), Clock: time.Now})
	require.NoError(t, err)
	require.ErrorContains(t, d.Start(t.Context()), "DEMO_ADDR chooses another port")
	require.NoError(t, d.Stop(t.Context()), "stopping what never started")
}

func TestRunSaysWhereItIsAndLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	said, out := lines()
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{Config: config.Demo{Addr: "127.0.0.1:0"}, Log: zerolog.Nop(), Clock: time.Now, Out: out})
	}()
	select {
	case line := <-said:
		assert.Regexp(t, `^The demo is at http://127\.0\.0\.1:\d+ \(Ctrl\+C ends it\); the managers' panel is opened from there\n\n(.*\n)+$`, line)
	case err := <-ended:
		require.NoError(t, err)
	}
	kept, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "vinbot-demo-*", "*", "vinbot.db"))
	require.NoError(t, err)
	assert.Len(t, kept, 2, "a SQLite file for each language")
	cancel()
	require.NoError(t, <-ended)
	left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "vinbot-demo-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// lines gives what is written, write by write.
func lines() (<-chan string, writer) {
	out := make(chan string, 10)
	return out, out
}

type writer chan string

func (w writer) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

// quietFeed is a feed of one private chat without a bot behind it.
func quietFeed() *feed {
	return newFeed(cover{}, []*person{{Key: "anna"}}, map[int64]string{1: "anna"})
}

func event(kind telegramtest.EventKind, id int, text string) telegramtest.Event {
	return telegramtest.Event{Kind: kind, Message: telegramtest.Message{ChatID: 1, ID: id, Text: text}}
}

func TestSlowBrowserDelaysNobody(t *testing.T) {
	t.Parallel()
	f := quietFeed()
	slow, quick := f.watch(), f.watch()
	for _, v := range []*viewer{slow, quick} {
		frames, err := v.take()
		require.NoError(t, err)
		require.Equal(t, "state", frames[0].name)
	}
	for id := 1; id <= 2*maxBehind; id++ {
		f.apply(event(telegramtest.MessageSent, id, "hello"))
		frames, err := quick.take()
		require.NoError(t, err)
		require.Len(t, frames, 1)
		require.Equal(t, "message", frames[0].name)
	}
	assert.LessOrEqual(t, len(slow.waiting), maxBehind, "what waits for it is bounded")
	frames, err := slow.take()
	require.NoError(t, err)
	require.Len(t, frames, 1)
	var all state
	require.NoError(t, json.Unmarshal(frames[0].data, &all))
	assert.Len(t, all.Messages, 2*maxBehind, "it gets everything anew")

	f.apply(event(telegramtest.MessageEdited, 1, "changed"))
	f.apply(event(telegramtest.MessageDeleted, 2, ""))
	frames, err = slow.take()
	require.NoError(t, err)
	assert.Equal(t, []string{"message", "removed"}, []string{frames[0].name, frames[1].name}, "and then each change again")
	slow.leave()
	quick.leave()
	assert.Empty(t, f.viewers)
	assert.Len(t, f.messages, 2*maxBehind-1)
}

func TestOtherChatsStayOutside(t *testing.T) {
	t.Parallel()
	f := quietFeed()
	f.apply(telegramtest.Event{Kind: telegramtest.MessageSent, Message: telegramtest.Message{ChatID: 2, ID: 1}})
	f.apply(event(telegramtest.PressAnswered, 1, ""))
	assert.Empty(t, f.messages)
}

func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"report.pdf": "report.pdf", `C:\Users\anna\отчёт.pdf`: "отчёт.pdf", "../../etc/passwd": "passwd",
		"a\r\nb\x00.pdf": "ab.pdf", "": "file", "..": "file", "/": "file", "\xff\xfe": "file",
		strings.Repeat("я", 300) + ".pdf": strings.Repeat("я", maxName-4) + ".pdf",
	} {
		assert.Equal(t, want, cleanName(given), "%q", given)
	}
}

// TestEveryTextIsThere holds that both languages have the same texts, and that
// the page asks for no other.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	source := map[string]string{}
	entries, err := fs.ReadDir(pageFiles, "page")
	require.NoError(t, err)
	for _, e := range entries {
		data, err := fs.ReadFile(pageFiles, "page/"+e.Name())
		require.NoError(t, err)
		source[e.Name()] = string(data)
		assert.NotRegexp(t, `innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(`, string(data), e.Name())
		assert.NotRegexp(t, `\sstyle="`, string(data), "%s: the policy forbids it", e.Name())
	}
	ru, en, _ := strings.Cut(source["words.js"], "const en = {")
	russian, english := textsOf(ru), textsOf(en)
	assert.Equal(t, russian, english)
	used := regexp.MustCompile(`\bt\("([\w.]+)"|data-t(?:-label|-title)?="([\w.]+)"`)
	for name, code := range source {
		for _, match := range used.FindAllStringSubmatch(code, -1) {
			assert.Contains(t, russian, match[1]+match[2], name)
		}
	}
}

func textsOf(code string) []string {
	var keys []string
	for _, match := range regexp.MustCompile(`(?m)^  "([\w.]+)":`).FindAllStringSubmatch(code, -1) {
		keys = append(keys, match[1])
	}
	return keys
}
