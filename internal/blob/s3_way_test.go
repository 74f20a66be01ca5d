package blob_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
)

// spoiling carries requests, and changes a byte of each long body on its way.
type spoiling struct{ http.RoundTripper }

func (s spoiling) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPut || r.ContentLength < 1000 {
		return s.RoundTripper.RoundTrip(r)
	}
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	content[len(content)/2] ^= 1
	r.Body = io.NopCloser(bytes.NewReader(content))
	return s.RoundTripper.RoundTrip(r)
}

// TestWhatIsChangedOnItsWayIntoTheBucketIsNotKept: the server compares what came
// with the SHA-256 that came with it.
func TestWhatIsChangedOnItsWayIntoTheBucketIsNotKept(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	spoilt := bucket(t, server, func(o *blob.S3Options) { o.Transport = spoiling{transport} })
	for _, size := range []int{100_000, 17 << 20} { // whole, and in parts
		_, err := spoilt.Put(t.Context(), key, strings.NewReader(random(size)), int64(size))
		require.Error(t, err, size)
		assert.True(t, blob.Away(err), "it is tried again: %v", err)
		assert.Empty(t, server.Objects())
		assert.Empty(t, server.Unfinished())
	}
	content := random(100_000)
	assert.Equal(t, sumOf(content), store(t, bucket(t, server), key, content))
}
