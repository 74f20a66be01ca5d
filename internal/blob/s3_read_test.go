package blob_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
)

func TestAFileInS3IsReadFromWhereItIsWanted(t *testing.T) {
	t.Parallel()
	s := bucket(t, s3test.New(t))
	content := random(300_000)
	store(t, s, key, content)
	r, err := s.Open(t.Context(), key)
	require.NoError(t, err)
	defer r.Close()
	file, ok := r.(io.ReadSeeker)
	require.True(t, ok)
	end, err := file.Seek(0, io.SeekEnd)
	require.NoError(t, err)
	assert.EqualValues(t, len(content), end)
	for _, at := range []int64{0, 7, 299_990, 1000} {
		_, err = file.Seek(at, io.SeekStart)
		require.NoError(t, err)
		part := make([]byte, 10)
		_, err = io.ReadFull(file, part)
		require.NoError(t, err)
		assert.Equal(t, content[at:at+10], string(part), at)
	}
	at, err := file.Seek(-1010, io.SeekCurrent)
	require.NoError(t, err)
	assert.Zero(t, at)
	all, err := io.ReadAll(file)
	require.NoError(t, err)
	assert.True(t, content == string(all))
	_, err = file.Seek(-1, io.SeekStart)
	require.ErrorContains(t, err, "before its beginning")
}

// TestAFileThatWasDamagedInS3IsNotHandedOut: its last bytes are kept back, so
// that nobody takes it for whole.
func TestAFileThatWasDamagedInS3IsNotHandedOut(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	s := bucket(t, server)
	content := random(100_000)
	store(t, s, key, content)
	server.Spoil(key, "spoilt")
	r, err := s.Open(t.Context(), key)
	require.NoError(t, err)
	defer r.Close()
	got, err := io.ReadAll(r)
	require.ErrorIs(t, err, blob.ErrDamaged)
	assert.Less(t, len(got), len(content))
}

// fetch follows a link.
func fetch(t *testing.T, link string) (int, http.Header, string) {
	t.Helper()
	answer, err := http.Get(link)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, answer.Header, string(body)
}

func TestALinkFetchesOneFileForFiveMinutes(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	s := bucket(t, server)
	store(t, s, key, "%PDF-anna")
	store(t, s, "reports/2/b.pdf", "%PDF-boris")

	link, until, err := s.Link(key, "report-1.pdf")
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(5*time.Minute), until, time.Minute)
	status, header, body := fetch(t, link)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "%PDF-anna", body)
	assert.Equal(t, "application/pdf", header.Get("Content-Type"))
	assert.Equal(t, `attachment; filename="report-1.pdf"`, header.Get("Content-Disposition"))

	for name, tampered := range map[string]string{
		"another file":   strings.Replace(link, key, "reports/2/b.pdf", 1),
		"a longer life":  strings.Replace(link, "X-Amz-Expires=300", "X-Amz-Expires=3000", 1),
		"another name":   strings.Replace(link, "report-1.pdf", "report-2.pdf", 1),
		"its signature":  link[:len(link)-4] + "0000",
		"none":           link[:strings.Index(link, "?")],
		"another's time": strings.Replace(link, "X-Amz-Date=20", "X-Amz-Date=19", 1),
	} {
		require.NotEqual(t, link, tampered, name)
		status, _, body := fetch(t, tampered)
		assert.GreaterOrEqual(t, status, 400, name)
		assert.NotContains(t, body, "%PDF-", name)
	}

	for age, want := range map[time.Duration]int{4 * time.Minute: http.StatusOK, 6 * time.Minute: http.StatusForbidden} {
		old := bucket(t, server, func(o *blob.S3Options) {
			o.Clock = func() time.Time { return time.Now().Add(-age) }
		})
		link, _, err := old.Link(key, "report-1.pdf")
		require.NoError(t, err)
		status, _, _ := fetch(t, link)
		assert.Equal(t, want, status, "after %s", age)
	}
}
