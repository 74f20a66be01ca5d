package blob_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
)

func folder(t *testing.T) *blob.Files {
	t.Helper()
	s, err := blob.OpenFiles(filepath.Join(t.TempDir(), "reports"), time.Now)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func keys(t *testing.T, of blob.Keeper) []string {
	t.Helper()
	list := []string{}
	require.NoError(t, of.Each(t.Context(), func(key string, size int64) error {
		there, sum, err := of.Look(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, size, there, key)
		assert.Len(t, sum, 64, key)
		list = append(list, key)
		return nil
	}))
	return list
}

// tiers is an archive in a bucket, with both folders.
func tiers(t *testing.T) (*s3test.Server, *blob.Tiers) {
	t.Helper()
	server := s3test.New(t)
	return server, &blob.Tiers{Bucket: bucket(t, server), Old: folder(t), Waiting: folder(t), Alone: true}
}

// TestWhatTheBucketDoesNotTakeWaitsInAFolder, can be read meanwhile, and is
// brought into the bucket when that is back.
func TestWhatTheBucketDoesNotTakeWaitsInAFolder(t *testing.T) {
	t.Parallel()
	server, archive := tiers(t)
	server.Kill()
	assert.Equal(t, sumOf("content"), store(t, archive, key, "content"))
	assert.Equal(t, "content", held(t, archive, key))
	_, _, err := archive.Link(t.Context(), key, "x.pdf")
	require.Error(t, err)
	moved, waiting, err := archive.CatchUp(t.Context())
	require.Error(t, err)
	assert.Zero(t, moved)
	assert.Equal(t, 1, waiting)

	server.Run()
	_, _, err = archive.Link(t.Context(), key, "x.pdf")
	require.ErrorIs(t, err, blob.ErrNoLink)
	store(t, archive.Bucket, key, "content") // and died before it said so
	for _, want := range []int{1, 0} {
		moved, waiting, err = archive.CatchUp(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, moved)
		assert.Zero(t, waiting)
	}
	assert.Equal(t, []string{key}, server.Objects())
	assert.Empty(t, keys(t, archive.Waiting))
	assert.Equal(t, "content", held(t, archive, key))
	link, _, err := archive.Link(t.Context(), key, "x.pdf")
	require.NoError(t, err)
	_, _, body := fetch(t, link)
	assert.Equal(t, "content", body)
}

// TestWhatNobodyElseCouldSeeDoesNotWait: where there are replicas the caller is
// told, and what is the caller's fault waits nowhere.
func TestWhatNobodyElseCouldSeeDoesNotWait(t *testing.T) {
	t.Parallel()
	server, archive := tiers(t)
	_, err := archive.Put(t.Context(), key, strings.NewReader("x"), 2)
	require.ErrorIs(t, err, blob.ErrSize)
	_, err = archive.Put(t.Context(), "../x", strings.NewReader("x"), 1)
	require.ErrorIs(t, err, blob.ErrKey)
	server.Kill()
	_, err = archive.Put(t.Context(), key, io.MultiReader(strings.NewReader("x")), 1)
	require.Error(t, err, "it cannot be read again")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = archive.Put(ended, key, strings.NewReader("x"), 1)
	require.Error(t, err)
	assert.Empty(t, keys(t, archive.Waiting))
	archive.Alone = false
	_, err = archive.Put(t.Context(), key, strings.NewReader("x"), 1)
	require.Error(t, err)
	assert.Empty(t, keys(t, archive.Waiting))
}

// TestAFileThatCannotBeBroughtIntoTheBucketKeepsNoOther.
func TestAFileThatCannotBeBroughtIntoTheBucketKeepsNoOther(t *testing.T) {
	t.Parallel()
	server, archive := tiers(t)
	damaged, good := "reports/1/"+sumOf("whole")+".pdf", "reports/2/"+sumOf("good")+".pdf"
	store(t, archive.Waiting, damaged, "half")
	store(t, archive.Waiting, good, "good")
	moved, waiting, err := archive.CatchUp(t.Context())
	require.ErrorIs(t, err, blob.ErrDamaged)
	assert.Equal(t, 1, moved)
	assert.Equal(t, 1, waiting)
	assert.Equal(t, []string{good}, server.Objects())
	assert.Equal(t, []string{damaged}, keys(t, archive.Waiting), "it stays where somebody can look at it")
}

// TestErasingErasesEverywhere, also what was kept before there was a bucket.
func TestErasingErasesEverywhere(t *testing.T) {
	t.Parallel()
	server, archive := tiers(t)
	for _, s := range []blob.Store{archive.Bucket, archive.Old, archive.Waiting} {
		store(t, s, key, "content")
	}
	server.Kill()
	require.Error(t, archive.Delete(t.Context(), key), "it is tried again")
	server.Run()
	require.NoError(t, archive.Delete(t.Context(), key))
	assert.Empty(t, server.Objects())
	assert.Empty(t, keys(t, archive.Old))
	assert.Empty(t, keys(t, archive.Waiting))
	_, err := archive.Open(t.Context(), key)
	require.ErrorIs(t, err, blob.ErrNotFound)
}

func TestReportsOfBeforeTheBucketAreStillThere(t *testing.T) {
	t.Parallel()
	_, archive := tiers(t)
	store(t, archive.Old, key, "old")
	assert.Equal(t, "old", held(t, archive, key))
}

// filled is a folder with reports, an upload, and what is none of ours.
func filled(t *testing.T) *blob.Files {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "reports")
	s, err := blob.OpenFiles(dir, time.Now)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	for _, content := range []string{"one", "two", "three"} {
		store(t, s, "reports/1/"+sumOf(content)+".pdf", content)
	}
	store(t, s, "reports/2/upload-abc.pdf", "four")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "NOTES"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".incoming", "half"), nil, 0o600))
	return s
}

// silent tells nothing, and takes no failure.
func silent(t *testing.T) blob.Told {
	t.Helper()
	return blob.Told{Progress: func(blob.Progress) {}, Failed: func(key string, err error) { t.Errorf("%s: %s", key, err) }}
}

func TestAnArchiveIsCopiedAndBack(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	from, to, back := filled(t), bucket(t, server), folder(t)
	steps := 0
	told := silent(t)
	told.Progress = func(p blob.Progress) {
		assert.EqualValues(t, 4, p.Files)
		assert.EqualValues(t, steps, p.DoneFiles)
		steps++
	}
	p, err := blob.Copy(t.Context(), from, to, told)
	require.NoError(t, err)
	assert.Equal(t, blob.Progress{Files: 4, Bytes: 15, DoneFiles: 4, DoneBytes: 15, Copied: 4}, p)
	assert.Equal(t, keys(t, from), keys(t, to))
	store(t, to, "doctor/probe", "x")
	p, err = blob.Copy(t.Context(), to, back, silent(t))
	require.NoError(t, err)
	assert.EqualValues(t, 4, p.Copied)
	for _, key := range keys(t, from) {
		assert.Equal(t, held(t, from, key), held(t, back, key))
	}
	for _, pair := range [][2]blob.Keeper{{from, to}, {to, back}, {back, from}} {
		p, err = blob.Copy(t.Context(), pair[0], pair[1], silent(t))
		require.NoError(t, err)
		assert.Equal(t, blob.Progress{Files: 4, Bytes: 15, DoneFiles: 4, DoneBytes: 15, Present: 4}, p, "all of it is there")
	}
}

// TestACopyThatEndedIsTakenUp where it ended.
func TestACopyThatEndedIsTakenUp(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	from, to := filled(t), bucket(t, server)
	told := silent(t)
	told.Progress = func(p blob.Progress) {
		if p.DoneFiles == 2 {
			server.Kill()
		}
	}
	p, err := blob.Copy(t.Context(), from, to, told)
	require.Error(t, err)
	assert.EqualValues(t, 2, p.Copied)
	server.Run()
	p, err = blob.Copy(t.Context(), from, to, silent(t))
	require.NoError(t, err)
	assert.EqualValues(t, 2, p.Present)
	assert.EqualValues(t, 2, p.Copied)
}

// TestADamagedFileIsNamedAndTheCopyGoesOn.
func TestADamagedFileIsNamedAndTheCopyGoesOn(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	from, to := filled(t), bucket(t, server)
	damaged, other := "reports/3/"+sumOf("whole")+".pdf", "reports/3/upload-x.pdf"
	store(t, from, damaged, "half")
	store(t, from, other, "mine")
	store(t, to, other, "yours")
	told := silent(t)
	failed := map[string]error{}
	told.Failed = func(key string, err error) { failed[key] = err }
	p, err := blob.Copy(t.Context(), from, to, told)
	require.NoError(t, err)
	assert.EqualValues(t, 4, p.Copied)
	assert.EqualValues(t, 2, p.Failed)
	require.ErrorIs(t, failed[damaged], blob.ErrDamaged)
	require.ErrorIs(t, failed[other], blob.ErrOther)
	assert.NotContains(t, server.Objects(), damaged)
}

// erasing is an archive from which a file is erased while it is copied.
type erasing struct {
	*blob.S3

	erase func(key string)
}

func (e erasing) Put(ctx context.Context, key string, r io.Reader, size int64) (string, error) {
	sum, err := e.S3.Put(ctx, key, r, size)
	e.erase(key)
	return sum, err
}

// TestWhatIsErasedDuringACopyIsInNeither.
func TestWhatIsErasedDuringACopyIsInNeither(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	from := filled(t)
	to := erasing{S3: bucket(t, server), erase: func(key string) {
		if strings.Contains(key, "upload") {
			assert.NoError(t, from.Delete(t.Context(), key))
		}
	}}
	p, err := blob.Copy(t.Context(), from, to, silent(t))
	require.NoError(t, err)
	assert.EqualValues(t, 3, p.Copied)
	assert.EqualValues(t, 1, p.Gone)
	assert.Len(t, server.Objects(), 3)
}

// TestALongListComesInPages.
func TestALongListComesInPages(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	server.Fill("reports/7/upload-%d.pdf", 1100)
	s := bucket(t, server)
	n := 0
	require.NoError(t, s.Each(t.Context(), func(string, int64) error {
		n++
		return nil
	}))
	assert.Equal(t, 1100, n)
	_, sum, err := s.Look(t.Context(), "reports/7/upload-1.pdf")
	require.NoError(t, err)
	assert.Equal(t, sumOf("filled"), sum, "put there by another program")
	assert.Equal(t, sum, store(t, s, "reports/7/upload-1.pdf", "filled"))
}
