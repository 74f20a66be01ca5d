package blob_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
)

// bucket is an archive in a server's bucket.
func bucket(t *testing.T, server *s3test.Server, changes ...func(*blob.S3Options)) *blob.S3 {
	t.Helper()
	o := blob.S3Options{
		Endpoint: server.URL(), Bucket: s3test.Bucket, Region: s3test.Region, PathStyle: true,
		AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey, Clock: time.Now,
	}
	for _, change := range changes {
		change(&o)
	}
	s, err := blob.NewS3(o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

const key = "reports/1/a.pdf"

func store(t *testing.T, s blob.Store, key, content string) string {
	t.Helper()
	sum, err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	return sum
}

func held(t *testing.T, s blob.Store, key string) string {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	require.NoError(t, err)
	defer r.Close()
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(content)
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// random gives so many bytes that no two parts are alike.
func random(size int) string {
	content := make([]byte, size)
	state := uint32(1)
	for i := range content {
		state = state*1664525 + 1013904223
		content[i] = byte(state >> 24)
	}
	return string(content)
}

func TestS3KeepsFiles(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	s := bucket(t, server)
	for name, content := range map[string]string{"e.pdf": "", "x.pdf": "x", "long.pdf": random(3 << 20)} {
		assert.Equal(t, sumOf(content), store(t, s, "reports/1/"+name, content))
		assert.Equal(t, content, held(t, s, "reports/1/"+name))
	}
	assert.Equal(t, []string{"reports/1/e.pdf", "reports/1/long.pdf", "reports/1/x.pdf"}, server.Objects())

	require.NoError(t, s.Delete(t.Context(), "reports/1/x.pdf"))
	require.NoError(t, s.Delete(t.Context(), "reports/1/x.pdf"), "again")
	_, err := s.Open(t.Context(), "reports/1/x.pdf")
	require.ErrorIs(t, err, blob.ErrNotFound)
	assert.Equal(t, []string{"reports/1/e.pdf", "reports/1/long.pdf"}, server.Objects())

	_, err = s.Put(t.Context(), "../x", strings.NewReader("x"), 1)
	require.ErrorIs(t, err, blob.ErrKey)
	_, err = s.Open(t.Context(), "../x")
	require.ErrorIs(t, err, blob.ErrKey)
	require.ErrorIs(t, s.Delete(t.Context(), "../x"), blob.ErrKey)
	_, _, err = s.Link("../x", "x.pdf")
	require.ErrorIs(t, err, blob.ErrKey)
}

func TestS3TakesExactlyWhatWasAnnounced(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	s := bucket(t, server)
	for name, from := range map[string]io.Reader{
		"at hand": strings.NewReader("abcde"), "as it comes": io.MultiReader(strings.NewReader("abcde")),
	} {
		for _, size := range []int64{-1, 4, 6} {
			_, err := s.Put(t.Context(), key, from, size)
			require.ErrorIs(t, err, blob.ErrSize, "%s, %d", name, size)
		}
	}
	assert.Empty(t, server.Objects())
	sum, err := s.Put(t.Context(), key, io.MultiReader(strings.NewReader("ab"), strings.NewReader("cde")), 5)
	require.NoError(t, err)
	assert.Equal(t, sumOf("abcde"), sum)
	rest := strings.NewReader("abcde")
	_, err = rest.Seek(2, io.SeekStart)
	require.NoError(t, err)
	sum, err = s.Put(t.Context(), "reports/2/rest.pdf", rest, 3)
	require.NoError(t, err)
	assert.Equal(t, sumOf("cde"), sum, "from where the reader is")
}

// TestS3NeverReplacesAFile: the same may be stored again, and another not.
func TestS3NeverReplacesAFile(t *testing.T) {
	t.Parallel()
	s := bucket(t, s3test.New(t))
	for _, size := range []int{10, 17 << 20} {
		key, content := "reports/1/"+strings.Repeat("x", size%7+1)+".pdf", random(size)
		store(t, s, key, content)
		assert.Equal(t, sumOf(content), store(t, s, key, content), "after a crash")
		other := "another" + content[len("another"):]
		_, err := s.Put(t.Context(), key, strings.NewReader(other), int64(size))
		require.ErrorIs(t, err, blob.ErrOther)
		assert.True(t, content == held(t, s, key), "%d bytes", size)
	}
}

// TestTwoProcessesStoreOneFile at once: both succeed, and there is one.
func TestTwoProcessesStoreOneFile(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	content := random(100_000)
	var stored atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		s := bucket(t, server)
		all.Go(func() {
			sum, err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content)))
			if assert.NoError(t, err) && assert.Equal(t, sumOf(content), sum) {
				stored.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 8, stored.Load())
	assert.Equal(t, []string{key}, server.Objects())
}

// TestALargeFileGoesInParts, each of which is checked, and comes back whole.
func TestALargeFileGoesInParts(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	s := bucket(t, server)
	content := random(33 << 20)
	assert.Equal(t, sumOf(content), store(t, s, key, content))
	assert.True(t, content == held(t, s, key))
	assert.Equal(t, []string{key}, server.Objects())
	assert.Empty(t, server.Unfinished())
}

// TestTheS3ServerIsKilledInTheMiddleOfAnUpload: nothing is seen of it, and when
// the server is back the same call stores it and takes back what was begun.
func TestTheS3ServerIsKilledInTheMiddleOfAnUpload(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"in one piece": 8 << 20, "in parts": 40 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := s3test.New(t)
			s := bucket(t, server)
			content := random(size)
			server.BreakAfter(int64(size) * 3 / 4)
			failed := make(chan error)
			go func() {
				_, err := s.Put(t.Context(), key, strings.NewReader(content), int64(size))
				failed <- err
			}()
			server.Broken()
			server.Kill()
			require.Error(t, <-failed)
			server.Run()
			_, err := s.Open(t.Context(), key)
			require.ErrorIs(t, err, blob.ErrNotFound)
			assert.Equal(t, sumOf(content), store(t, s, key, content))
			assert.True(t, content == held(t, s, key))
			assert.Empty(t, server.Unfinished())
		})
	}
}

// TestABrokenUploadIsTakenBack at once where the server still answers.
func TestABrokenUploadIsTakenBack(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	s := bucket(t, server)
	content := random(40 << 20)
	broken := &breaking{ReaderAt: strings.NewReader(content), size: int64(len(content)), after: 20 << 20}
	_, err := s.Put(t.Context(), key, broken, int64(len(content)))
	require.ErrorIs(t, err, io.ErrClosedPipe)
	assert.Empty(t, server.Objects())
	assert.Empty(t, server.Unfinished())
}

// breaking is a file that can be read once, and then up to a place.
type breaking struct {
	io.ReaderAt

	size, after int64
	read        bool
}

func (b *breaking) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func (b *breaking) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		offset += b.size
	}
	return offset, nil
}

func (b *breaking) ReadAt(into []byte, at int64) (int, error) {
	if b.read && at > b.after {
		return 0, io.ErrClosedPipe
	}
	b.read = b.read || at+int64(len(into)) >= b.size
	return b.ReaderAt.ReadAt(into, at)
}

// TestARestartedS3ServerIsUsedAtOnce: connections that stood idle are dead.
func TestARestartedS3ServerIsUsedAtOnce(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	s := bucket(t, server)
	store(t, s, key, "content")
	server.Kill()
	server.Run()
	store(t, s, "reports/2/b.pdf", "content")
	server.Kill()
	server.Run()
	assert.Equal(t, "content", held(t, s, key))
}
