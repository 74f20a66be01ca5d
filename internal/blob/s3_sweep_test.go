package blob_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
)

// TestUploadsThatWereNeverEndedAreTakenBack once they are over a day old, whoever
// else keeps something in the bucket.
func TestUploadsThatWereNeverEndedAreTakenBack(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	s := bucket(t, server)
	sweeps := func() int {
		there, err := s.Unfinished(t.Context())
		require.NoError(t, err)
		taken, err := s.Sweep(t.Context())
		require.NoError(t, err)
		assert.Equal(t, there, taken)
		return taken
	}
	store(t, s, key, "content")
	server.Begin(s, "reports/1/lost.pdf")
	server.Begin(s, "others/1/lost.pdf")
	server.Age(23 * time.Hour)
	assert.Zero(t, sweeps(), "somebody may yet go on with it")
	server.Age(25 * time.Hour)
	assert.Equal(t, 1, sweeps())
	assert.Zero(t, sweeps())
	assert.NotEmpty(t, server.Unfinished(), "that of others stays")
	assert.Equal(t, []string{key}, server.Objects())

	poor := bucket(t, server, func(o *blob.S3Options) { o.SecretKey = "other" })
	_, err := poor.Sweep(t.Context())
	require.Error(t, err)
	cause, _ := poor.Explain(err)
	assert.Contains(t, cause, "does not take the secret key")
}

// TestErasingTakesBackWhatWasBegun: a process died in the middle of an upload, and
// the owner is forgotten before anybody tries again.
func TestErasingTakesBackWhatWasBegun(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	archive := &blob.Tiers{Bucket: bucket(t, server), Old: folder(t), Waiting: folder(t), Alone: true}
	server.Begin(archive.Bucket, key)
	require.NoError(t, archive.Delete(t.Context(), key))
	assert.Empty(t, server.Unfinished())
	assert.Empty(t, server.Objects())
	server.Kill()
	require.Error(t, archive.Delete(t.Context(), key), "whoever erases tries again")
}

// TestALongListOfUploadsComesInPages, and a server that knows no such list holds
// nothing up.
func TestALongListOfUploadsComesInPages(t *testing.T) {
	t.Parallel()
	var aborted, pages atomic.Int64
	old := time.Now().Add(-48 * time.Hour).UTC().Format(time.RFC3339)
	known := true
	s, err := blob.NewS3(blob.S3Options{
		Endpoint: "http://s3.example.com", Bucket: "box", PathStyle: true, Clock: time.Now,
		Transport: answering(func(r *http.Request) (int, string) {
			query := r.URL.Query()
			switch {
			case r.Method == http.MethodDelete && query.Get("uploadId") != "":
				aborted.Add(1)
				return http.StatusNoContent, ""
			case r.Method == http.MethodDelete:
				return http.StatusNoContent, ""
			case !known:
				return http.StatusNotImplemented, "<Error><Code>NotImplemented</Code></Error>"
			}
			page := pages.Add(1)
			assert.Equal(t, "reports/", query.Get("prefix"))
			if page > 1 {
				assert.Equal(t, fmt.Sprint("reports/", page-1, ".pdf"), query.Get("key-marker"))
				assert.Equal(t, fmt.Sprint("id-", page-1), query.Get("upload-id-marker"))
			}
			return http.StatusOK, fmt.Sprintf(`<ListMultipartUploadsResult><IsTruncated>%t</IsTruncated>
				<NextKeyMarker>reports/%d.pdf</NextKeyMarker><NextUploadIdMarker>id-%d</NextUploadIdMarker>
				<Upload><Key>reports/%d.pdf</Key><UploadId>id-%d</UploadId><Initiated>%s</Initiated></Upload></ListMultipartUploadsResult>`,
				page < 3, page, page, page, page, old)
		}),
	})
	require.NoError(t, err)
	taken, err := s.Sweep(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 3, taken)
	assert.EqualValues(t, 3, aborted.Load())
	known = false
	taken, err = s.Sweep(t.Context())
	require.NoError(t, err)
	assert.Zero(t, taken)
	require.NoError(t, s.Delete(t.Context(), key))
}
