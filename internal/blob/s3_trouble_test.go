package blob_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
)

// TestWhatIsWrongWithS3IsSaidInASentence, and what to do about it.
func TestWhatIsWrongWithS3IsSaidInASentence(t *testing.T) {
	t.Parallel()
	server, gone := s3test.New(t), s3test.New(t)
	gone.Kill()
	server.Poor()
	tests := map[string]struct {
		server        *s3test.Server
		change        func(*blob.S3Options)
		cause, advice string
	}{
		"the access key": {server, func(o *blob.S3Options) { o.AccessKey = "other" }, "does not know the access key", "S3_ACCESS_KEY"},
		"the secret key": {server, func(o *blob.S3Options) { o.SecretKey = "other" }, "does not take the secret key", "S3_SECRET_KEY"},
		"the bucket":     {server, func(o *blob.S3Options) { o.Bucket = "nothing-here" }, "there is no bucket nothing-here at " + server.URL(), "S3_BUCKET"},
		"the region":     {server, func(o *blob.S3Options) { o.Region = "mars-1" }, "in the region eu-test-1, not in mars-1", "set S3_REGION to eu-test-1"},
		"the rights": {server, func(o *blob.S3Options) {
			o.AccessKey, o.SecretKey = s3test.PoorAccess, s3test.PoorSecret
		}, "may not do that in the bucket reports", "the rights that docs/operations.md lists"},
		"the clock": {server, func(o *blob.S3Options) {
			o.Clock = func() time.Time { return time.Now().Add(time.Hour) }
		}, "clock is wrong by ", "NTP"},
		"the server": {gone, func(*blob.S3Options) {}, "the S3 server cannot be reached: ", "S3_ENDPOINT"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := bucket(t, tt.server, tt.change)
			err := s.Probe(t.Context())
			require.Error(t, err)
			cause, advice := s.Explain(err)
			assert.Contains(t, cause, tt.cause)
			assert.Contains(t, advice, tt.advice)
			assert.NotContains(t, cause+err.Error(), s3test.SecretKey)
			_, since := s.Trouble(t.Context())
			require.Error(t, since)
		})
	}
	s := bucket(t, server)
	require.NoError(t, s.Probe(t.Context()))
	assert.Empty(t, server.Objects(), "nothing is left of the probe")
	assert.False(t, s.Versioned(t.Context()))
}

// TestTheArchiveInS3KnowsSinceWhenItFails, and that it works again.
func TestTheArchiveInS3KnowsSinceWhenItFails(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s := bucket(t, server, func(o *blob.S3Options) { o.Clock = now })
	_, err := s.Trouble(t.Context())
	require.NoError(t, err)
	server.Shut()
	_, err = s.Trouble(t.Context())
	require.NoError(t, err, "it was asked a moment ago")
	ahead.Add(int64(time.Minute))
	first, err := s.Trouble(t.Context())
	require.Error(t, err)
	ahead.Add(int64(time.Minute))
	since, err := s.Trouble(t.Context())
	require.Error(t, err)
	assert.Equal(t, first, since)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	server.Open()
	_, err = s.Open(ended, key)
	require.Error(t, err)
	_, err = s.Trouble(t.Context())
	require.Error(t, err, "who did not wait knows nothing")
	_, err = s.Open(t.Context(), key)
	require.ErrorIs(t, err, blob.ErrNotFound)
	_, err = s.Trouble(t.Context())
	require.NoError(t, err, "it answers")
}

// TestTheBucketStandsInThePathOrBeforeTheHost.
func TestTheBucketStandsInThePathOrBeforeTheHost(t *testing.T) {
	t.Parallel()
	for pathStyle, want := range map[bool]string{
		true: "https://s3.example.com/box/reports/1/a.pdf?", false: "https://box.s3.example.com/reports/1/a.pdf?",
	} {
		s, err := blob.NewS3(blob.S3Options{Endpoint: "https://s3.example.com", Bucket: "box", PathStyle: pathStyle, Clock: time.Now})
		require.NoError(t, err)
		link, _, err := s.Link(key, "x.pdf")
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(link, want), link)
	}
	_, err := blob.NewS3(blob.S3Options{Endpoint: "nowhere", Clock: time.Now})
	require.ErrorContains(t, err, "not usable")
}

// answering answers in place of a server.
type answering func(*http.Request) (int, string)

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := a(r)
	return &http.Response{
		StatusCode: status, Header: http.Header{}, Request: r, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewBufferString(body)),
	}, nil
}

// TestServersThatAreNotS3 are told from those that are.
func TestServersThatAreNotS3(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status                int
		body, advice, counted string
	}{
		"a web page":   {http.StatusNotFound, "<html>no such page</html>", "S3_ENDPOINT", "ok"}, // to who looks for a file
		"a redirect":   {http.StatusFound, "", "S3_ENDPOINT", "refused"},
		"a full disk":  {http.StatusInsufficientStorage, "<Error><Code>InternalError</Code></Error>", "disk is full", "away"},
		"no right":     {http.StatusForbidden, "<Error><Code>AccessDenied</Code></Error>", "docs/operations.md", "refused"},
		"a wrong word": {http.StatusBadRequest, "<Error><Code>InvalidRequest</Code></Error>", "logged", "refused"},
	} {
		var counted []string
		s, err := blob.NewS3(blob.S3Options{
			Endpoint: "http://s3.example.com", Bucket: "box", Clock: time.Now,
			Asked:     func(result string, _ time.Duration) { counted = append(counted, result) },
			Transport: answering(func(*http.Request) (int, string) { return tt.status, tt.body }),
		})
		require.NoError(t, err)
		_, err = s.Put(t.Context(), key, strings.NewReader("x"), 1)
		require.Error(t, err, name)
		assert.Equal(t, []string{tt.counted}, counted, name)
		_, advice := s.Explain(err)
		assert.Contains(t, advice, tt.advice, name)
	}
}

// TestACertificateThatIsNotTrusted is told from a server that is away.
func TestACertificateThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	s, err := blob.NewS3(blob.S3Options{Endpoint: server.URL, Bucket: "box", PathStyle: true, Clock: time.Now})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	_, err = s.Open(t.Context(), key)
	cause, advice := s.Explain(err)
	assert.Contains(t, cause, "of an authority that this machine does not know")
	assert.Contains(t, advice, "SSL_CERT_FILE")
}

func TestWhetherReportsTravelUnencrypted(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]bool{
		"https://s3.example.com": false, "http://s3.example.com": true, "http://10.1.2.3:9000": true,
		"http://127.0.0.1:9000": false, "http://localhost:9000": false, "http://[::1]:9000": false,
	} {
		assert.Equal(t, want, blob.OverTheNetwork(endpoint), endpoint)
	}
}
