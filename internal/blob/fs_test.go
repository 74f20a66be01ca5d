package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func archive(t *testing.T) (*Files, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "archive")
	return reopened(t, dir), dir
}

func reopened(t *testing.T, dir string) *Files {
	t.Helper()
	s, err := OpenFiles(dir, time.Now)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func put(t *testing.T, s *Files, key, content string) string {
	t.Helper()
	sum, err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	return sum
}

func kept(t *testing.T, s *Files, key string) string {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	require.NoError(t, err)
	defer r.Close()
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(content)
}

// names lists everything in the archive's folder but the folders.
func names(t *testing.T, dir string) []string {
	t.Helper()
	list := []string{}
	require.NoError(t, filepath.WalkDir(dir, func(p string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(dir, p)
			list = append(list, name)
		}
		return err
	}))
	return list
}

func TestPutOpenDelete(t *testing.T) {
	t.Parallel()
	s, dir := archive(t)
	for _, content := range []string{"", "x", strings.Repeat("report ", 100_000)} {
		want := sha256.Sum256([]byte(content))
		assert.Equal(t, hex.EncodeToString(want[:]), put(t, s, "reports/1/a.pdf", content))
		assert.Equal(t, content, kept(t, s, "reports/1/a.pdf"))
		assert.Equal(t, content, kept(t, reopened(t, dir), "reports/1/a.pdf"), "after a restart")
	}
	assert.Equal(t, []string{"reports/1/a.pdf"}, names(t, dir))

	require.NoError(t, s.Delete(t.Context(), "reports/1/a.pdf"))
	_, err := s.Open(t.Context(), "reports/1/a.pdf")
	require.ErrorIs(t, err, ErrNotFound)
	require.NoError(t, s.Delete(t.Context(), "reports/1/a.pdf"), "again")
	assert.Empty(t, names(t, dir))
}

func TestOpenWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s, _ := archive(t)
	put(t, s, "reports/1.pdf", "x")
	for _, key := range []string{"nothing", "reports/2.pdf", "reports"} {
		_, err := s.Open(t.Context(), key)
		require.ErrorIs(t, err, ErrNotFound, key)
		require.NoError(t, s.Delete(t.Context(), key), key)
	}
	assert.Equal(t, "x", kept(t, s, "reports/1.pdf"))
}

func TestRefusedKeysTouchNothing(t *testing.T) {
	t.Parallel()
	s, dir := archive(t)
	const key = "../escaped"
	_, err := s.Put(t.Context(), key, strings.NewReader("x"), 1)
	require.ErrorIs(t, err, ErrKey)
	_, err = s.Open(t.Context(), key)
	require.ErrorIs(t, err, ErrKey)
	require.ErrorIs(t, s.Delete(t.Context(), key), ErrKey)
	assert.Empty(t, names(t, filepath.Dir(dir)))
}

func TestOnlyTheOwnerMayRead(t *testing.T) {
	t.Parallel()
	s, dir := archive(t)
	put(t, s, "reports/1.pdf", "x")
	for name, want := range map[string]fs.FileMode{
		"": 0o700, incoming: 0o700, "reports": 0o700, "reports/1.pdf": 0o600,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode().Perm(), "%q", name)
	}
}

func TestFailedPutLeavesTheOldContentAndNoTrace(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	tests := []struct {
		name string
		ctx  context.Context
		from io.Reader
		size int64
		want error
	}{
		{"source breaks off", t.Context(), io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken)), 4, broken},
		{"too few bytes", t.Context(), strings.NewReader("abc"), 4, ErrSize},
		{"too many bytes", t.Context(), strings.NewReader("abcde"), 4, ErrSize},
		{"size unknown", t.Context(), strings.NewReader("abcd"), -1, ErrSize},
		{"told to stop", ended, strings.NewReader("abcd"), 4, broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, dir := archive(t)
			put(t, s, "1.pdf", "old")
			sum, err := s.Put(tt.ctx, "1.pdf", tt.from, tt.size)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, fmt.Sprintf("write %d bytes to the archive", tt.size))
			assert.Empty(t, sum)
			assert.Equal(t, "old", kept(t, s, "1.pdf"))
			assert.Equal(t, []string{"1.pdf"}, names(t, dir))
		})
	}
}

// A reader that began before a replacement ends with what it began with.
func TestReplacementDoesNotDisturbReaders(t *testing.T) {
	t.Parallel()
	s, _ := archive(t)
	put(t, s, "1.pdf", "old")
	r, err := s.Open(t.Context(), "1.pdf")
	require.NoError(t, err)
	defer r.Close()
	put(t, s, "1.pdf", "newer")
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, "old", string(content))
	assert.Equal(t, "newer", kept(t, s, "1.pdf"))
}

func TestConcurrentPutsOfOneKey(t *testing.T) {
	t.Parallel()
	s, dir := archive(t)
	contents := make([]string, 16)
	var writers sync.WaitGroup
	for i := range contents {
		contents[i] = strings.Repeat(string(rune('a'+i)), 10_000*(i+1))
		writers.Go(func() {
			_, err := s.Put(t.Context(), "a/new/folder/1.pdf", strings.NewReader(contents[i]), int64(len(contents[i])))
			assert.NoError(t, err)
		})
	}
	writers.Wait()
	assert.Contains(t, contents, kept(t, s, "a/new/folder/1.pdf"), "one of them, whole")
	assert.Equal(t, []string{"a/new/folder/1.pdf"}, names(t, dir))
}

func TestLeftoversOfACrashAreRemovedWhenOld(t *testing.T) {
	t.Parallel()
	s, dir := archive(t)
	put(t, s, "reports/1.pdf", "x")
	now := time.Now()
	for name, age := range map[string]time.Duration{"old": leftoverAge, "fresh": leftoverAge - time.Second} {
		path := filepath.Join(dir, incoming, name)
		require.NoError(t, os.WriteFile(path, []byte("half"), 0o600))
		require.NoError(t, os.Chtimes(path, now, now.Add(-age)))
	}
	long := now.Add(-1000 * time.Hour)
	require.NoError(t, os.Chtimes(filepath.Join(dir, "reports/1.pdf"), long, long))

	again, err := OpenFiles(dir, func() time.Time { return now })
	require.NoError(t, err)
	defer again.Close()
	assert.ElementsMatch(t, []string{incoming + "/fresh", "reports/1.pdf"}, names(t, dir))
}

func TestSymlinksDoNotLeadOutside(t *testing.T) {
	t.Parallel()
	s, dir := archive(t)
	outside := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "1.pdf"), []byte("secret"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "reports")))
	_, err := s.Put(t.Context(), "reports/2.pdf", strings.NewReader("x"), 1)
	require.ErrorContains(t, err, "make a folder in the archive")
	require.ErrorContains(t, err, "escapes")
	_, err = s.Open(t.Context(), "reports/1.pdf")
	require.Error(t, err)
	require.Error(t, s.Delete(t.Context(), "reports/1.pdf"))
	assert.Equal(t, []string{"1.pdf"}, names(t, outside))
	assert.Equal(t, []string{"reports"}, names(t, dir), "and no trace")
}

func TestDiskFaultsSayWhatWasTried(t *testing.T) {
	t.Parallel()
	s, dir := archive(t)
	put(t, s, "file", "x")
	put(t, s, "folder/file", "x")
	_, err := s.Put(t.Context(), "file/below", strings.NewReader("x"), 1)
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, "make a folder in the archive")
	_, err = s.Put(t.Context(), "folder", strings.NewReader("x"), 1)
	require.ErrorContains(t, err, "move folder into the archive")
	_, err = s.Open(t.Context(), "file/below")
	require.ErrorIs(t, err, syscall.ENOTDIR)
	require.ErrorContains(t, err, "open file/below in the archive")

	require.NoError(t, os.RemoveAll(filepath.Join(dir, incoming)))
	_, err = s.Put(t.Context(), "other", strings.NewReader("x"), 1)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "create a file in the archive")

	_, err = OpenFiles(filepath.Join(dir, "file"), time.Now)
	require.ErrorContains(t, err, "make the archive's folder")
}

// asNobody runs f without root's right to write everywhere. The rights belong
// to a thread, which ends with its goroutine since it stays locked.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	var done sync.WaitGroup
	done.Go(func() {
		runtime.LockOSThread()
		const nobody = 65534
		if err := syscall.Setfsuid(nobody); err != nil {
			t.Error(err)
			return
		}
		f()
	})
	done.Wait()
}

func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	s, dir := archive(t)
	put(t, s, "1.pdf", "x")
	for _, name := range []string{dir, filepath.Join(dir, incoming)} {
		require.NoError(t, os.Chmod(name, 0o555))
	}
	t.Cleanup(func() { assert.NoError(t, os.Chmod(dir, 0o700)) })
	asNobody(t, func() {
		_, err := s.Put(t.Context(), "2.pdf", strings.NewReader("x"), 1)
		assert.ErrorIs(t, err, fs.ErrPermission)
		assert.ErrorContains(t, err, "create a file in the archive")
		err = s.Delete(t.Context(), "1.pdf")
		assert.ErrorIs(t, err, fs.ErrPermission)
		assert.ErrorContains(t, err, "remove 1.pdf from the archive")
		_, err = OpenFiles(filepath.Join(dir, "below"), time.Now)
		assert.ErrorIs(t, err, fs.ErrPermission)
		assert.ErrorContains(t, err, "make the archive's folder")
	})
	assert.Equal(t, []string{"1.pdf"}, names(t, dir))
}

// FuzzKey tries to leave the folder, or to meet a file that is being written.
func FuzzKey(f *testing.F) {
	for _, key := range []string{
		"a", "reports/1.pdf", "../a", "a/../../b", "/etc/passwd", ".incoming/x", "a\x00b", "A", "a//b", strings.Repeat("a", 300),
	} {
		f.Add(key)
	}
	base := f.TempDir()
	dir := filepath.Join(base, "archive")
	s, err := OpenFiles(dir, time.Now)
	require.NoError(f, err)
	f.Cleanup(func() { assert.NoError(f, s.Close()) })
	f.Fuzz(func(t *testing.T, key string) {
		if _, err := s.Put(t.Context(), key, bytes.NewReader([]byte(key)), int64(len(key))); err != nil {
			require.ErrorIs(t, err, ErrKey)
			require.Empty(t, names(t, base))
			return
		}
		require.Equal(t, []string{"archive/" + key}, names(t, base))
		require.Equal(t, key, kept(t, s, key))
		require.NoError(t, s.Delete(t.Context(), key))
		require.Empty(t, names(t, base))
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, entry := range entries {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
		require.NoError(t, os.Mkdir(filepath.Join(dir, incoming), 0o700))
	})
}
