package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

const roomy = 64 << 20 // bytes that a test's PDF may have

func saved(t *testing.T, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.pdf")
	require.NoError(t, os.WriteFile(path, pdf, 0o600))
	return path
}

func check(t *testing.T, limits Limits, pdf []byte) Finding {
	t.Helper()
	found, err := NewChecker(limits).Check(t.Context(), saved(t, pdf), roomy)
	require.NoError(t, err)
	return found
}

func TestCheckInAProcessOfItsOwn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		pdf    []byte
		reason string
		pages  int
	}{
		{"one page", pdftest.Valid("1HGCM82633A004352"), "", 1},
		{"many pages", pdftest.Pages(make([]string, 300)...), "", 300},
		{"only an owner password", pdftest.Encrypted("x", "", "owner"), "", 1},
		{"a user password", pdftest.Encrypted("x", "user", "owner"), ticket.ReasonEncrypted, 0},
		{"empty", nil, ticket.ReasonNotPDF, 0},
		{"a web page", []byte("<!doctype html><title>report.pdf</title>"), ticket.ReasonNotPDF, 0},
		{"AES with only an owner password", encryptedAES(t, "", "owner"), "", 1},
		{"AES with a user password", encryptedAES(t, "user", "owner"), ticket.ReasonEncrypted, 0},
		{"cut off", pdftest.Truncated(), ticket.ReasonDamaged, 0},
		{"table of objects in a circle", tableCycle(), ticket.ReasonDamaged, 0},
		{"pages in a circle", pageTreeCycle(), ticket.ReasonDamaged, 0},
		{"objects that unpack to too much", manyObjects(3, 1000), ticket.ReasonUnchecked, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found := check(t, DefaultLimits(), tt.pdf)
			assert.Equal(t, tt.reason, found.Reason, "%+v", found)
			assert.Equal(t, tt.pages, found.Pages)
			assert.Equal(t, tt.reason == "", found.OK())
		})
	}
}

func TestCheckThatRunsOutOfMemoryLeavesTheParentAlive(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	limits.Memory = 8 << 20
	found := check(t, limits, manyObjects(200_000, 0))
	assert.Equal(t, ticket.ReasonUnchecked, found.Reason)
	// 2 is Go's runtime; 66 the race detector's, which may be the first to ask in vain.
	assert.Regexp(t, `^exit status (2|66)\b`, found.Detail)
}

func TestCheckThatTakesTooLongIsKilled(t *testing.T) {
	t.Parallel()
	pdf := manyObjects(100_000, 0)
	for name, wall := range map[string]time.Duration{
		"before it began":           time.Nanosecond,
		"in the middle of its work": 50 * time.Millisecond,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := DefaultLimits()
			limits.Wall = wall
			found := check(t, limits, pdf)
			assert.Equal(t, Finding{Reason: ticket.ReasonUnchecked, Detail: "took too long"}, found)
		})
	}
}

func TestCheckThatUsesUpItsProcessorTimeIsKilled(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	limits.CPU = 0
	found := check(t, limits, pdftest.Pages(make([]string, 30_000)...))
	assert.Equal(t, Finding{Reason: ticket.ReasonUnchecked, Detail: "signal: killed"}, found)
}

func TestCheckRefusesByTheGivenSize(t *testing.T) {
	t.Parallel()
	pdf := pdftest.Valid("x")
	path := saved(t, pdf)
	checker := NewChecker(DefaultLimits())
	found, err := checker.Check(t.Context(), path, int64(len(pdf)))
	require.NoError(t, err)
	assert.True(t, found.OK())
	found, err = checker.Check(t.Context(), path, int64(len(pdf))-1)
	require.NoError(t, err)
	assert.Equal(t, ticket.ReasonTooLarge, found.Reason)
}

// Without a verdict there is an error and no finding, so that the caller asks
// again instead of telling a manager something wrong.
func TestCheckWithoutAVerdict(t *testing.T) {
	t.Parallel()
	checker := NewChecker(DefaultLimits())
	_, err := checker.Check(t.Context(), filepath.Join(t.TempDir(), "gone.pdf"), roomy)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = checker.Check(t.Context(), t.TempDir(), roomy)
	require.ErrorContains(t, err, "not a regular file")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = checker.Check(ended, saved(t, pdftest.Valid("x")), roomy)
	require.ErrorIs(t, err, context.Canceled)
}

func TestCheckWaitsForAFreeSlot(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	limits.Parallel = 1
	checker := NewChecker(limits)
	path := saved(t, pdftest.Valid("x"))
	checker.slots <- struct{}{} // another check runs

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := checker.Check(ended, path, roomy)
	require.ErrorIs(t, err, context.Canceled)

	<-checker.slots
	found, err := checker.Check(t.Context(), path, roomy)
	require.NoError(t, err)
	assert.True(t, found.OK())
}

// A page that unpacks to more than the child may hold is fine: the check has
// no need to unpack pages. What it may hold leaves the race detector room for
// its own books.
func TestCheckDoesNotUnpackPages(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	limits.Memory = 256 << 20 // the race detector's own books take a part
	assert.Equal(t, Finding{Pages: 1}, check(t, limits, contentBomb(260)))
}

func TestOnlyTheRuntimesOwnWordsAreQuoted(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "fatal error: out of memory",
		runtimeComplaint([]byte("1HGCM82633A004352\nfatal error: out of memory\n\ngoroutine 1\n")))
	assert.Empty(t, runtimeComplaint([]byte("panic: 1HGCM82633A004352\n")))
}

func TestAnswerIsBounded(t *testing.T) {
	t.Parallel()
	for rest, wantErr := range map[overflow]bool{refuse: true, discard: false} {
		b := cappedBuffer{limit: 10, rest: rest}
		_, err := b.Write([]byte("12345678"))
		require.NoError(t, err)
		_, err = b.Write([]byte("abcdefgh"))
		assert.Equal(t, wantErr, err != nil)
		assert.Equal(t, "12345678ab", string(b.bytes))
	}
}

func inspected(pdf []byte) Finding {
	return inspectSafely(bytes.NewReader(pdf), int64(len(pdf)))
}

func TestInspect(t *testing.T) {
	t.Parallel()
	valid := pdftest.Valid("x")
	junk := func(n int) []byte { return append(bytes.Repeat([]byte{'\n'}, n), valid...) }
	tests := []struct {
		name   string
		pdf    []byte
		reason string
	}{
		{"header right after 1019 bytes of junk", junk(1019), ""},
		{"header beyond the first kilobyte", junk(1020), ticket.ReasonNotPDF},
		{"a few zeros at the end", append(bytes.Clone(valid), make([]byte, 4000)...), ""},
		{"a kilobyte of text after the end", append(bytes.Clone(valid), strings.Repeat("x", 1100)...), ticket.ReasonDamaged},
		{"only a header", []byte("%PDF-1.7\n%%EOF\n"), ticket.ReasonDamaged},
		{"no place of the table", without(valid, "startxref"), ""},
		{"no root", without(valid, "/Root 1 0 R"), ticket.ReasonDamaged},
		{"no pages", pdftest.Pages(), ticket.ReasonDamaged},
		{"a page is missing", without(pdftest.Pages("a", "b"), "6 0 obj"), ticket.ReasonDamaged},
		{"content is missing", without(valid, "5 0 obj"), ticket.ReasonDamaged},
		{"objects in an object stream", manyObjects(10, 0), ""},
		{"a page tree that doubles 60 times", doublingPageTree(60), ticket.ReasonDamaged},
		{"a page tree 60 deep", deepPageTree(60), ""},
		{"a page tree 600 deep", deepPageTree(600), ticket.ReasonDamaged},
		{"idle arrays nested a million deep", nested(1_000_000), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found := inspected(tt.pdf)
			assert.Equal(t, tt.reason, found.Reason, "%+v", found)
		})
	}
}

// A cut anywhere must be noticed: an owner would get half a report.
func TestInspectNoticesEveryCut(t *testing.T) {
	t.Parallel()
	pdf := pdftest.Pages("first", "second")
	for n := range len(pdf) - len("%%EOF\n") {
		assert.False(t, inspected(pdf[:n]).OK(), "cut at %d of %d", n, len(pdf))
	}
}

func BenchmarkCheck(b *testing.B) {
	path := filepath.Join(b.TempDir(), "report.pdf")
	require.NoError(b, os.WriteFile(path, pdftest.Valid("x"), 0o600))
	checker := NewChecker(DefaultLimits())
	for b.Loop() {
		found, err := checker.Check(b.Context(), path, roomy)
		require.NoError(b, err)
		require.True(b, found.OK(), fmt.Sprint(found))
	}
}
