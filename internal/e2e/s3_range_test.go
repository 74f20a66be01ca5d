package e2e

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob/s3test"
)

// came is an answer with its body.
type came struct {
	status int
	header http.Header
	text   string
}

// TestARangeOfAReportInTheBucketIsFetched by the API, over HTTP, as a viewer or a
// download that goes on does (RFC 9110, 14).
func TestARangeOfAReportInTheBucketIsFetched(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	w := begin(t, served, inBucket(server))
	p := w.program()
	opened := p.opens(honda, 0)
	w.boris.In(w.group).ReplyPDF(w.card(honda), pdf(), "")
	p.becomes(opened.ID, "done")
	w.objects(server, 1)
	get := func(header ...string) came {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			"http://"+w.app.HTTPAddr()+"/api/v1/tickets/"+strconv.FormatInt(opened.ID, 10)+"/report", nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+p.secret)
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return came{answer.StatusCode, answer.Header, string(text)}
	}
	whole := get()
	content := whole.text
	require.Equal(t, http.StatusOK, whole.status)
	require.Equal(t, string(pdf()), content)
	assert.Equal(t, "bytes", whole.header.Get("Accept-Ranges"))
	etag, size := whole.header.Get("ETag"), len(content)
	for _, tt := range []struct {
		ask      []string
		from, to int // of what comes; 0, 0: all
	}{
		{[]string{"Range", "bytes=0-0"}, 0, 1},
		{[]string{"Range", "bytes=5-9"}, 5, 10},
		{[]string{"Range", fmt.Sprintf("bytes=%d-", size-7)}, size - 7, size},
		{[]string{"Range", "bytes=-5"}, size - 5, size},
		{[]string{"Range", "bytes=5-99999999"}, 5, size},
		{[]string{"Range", "bytes=5-9", "If-Range", etag}, 5, 10},
		{[]string{"Range", "bytes=5-9", "If-Range", whole.header.Get("Last-Modified")}, 5, 10},
		{[]string{"Range", "bytes=5-9", "If-Range", `"another"`}, 0, 0},
		{[]string{"Range", fmt.Sprintf("bytes=%d-", size)}, -1, -1},
	} {
		answer := get(tt.ask...)
		switch {
		case tt.to == 0:
			assert.Equal(t, http.StatusOK, answer.status, tt.ask)
			assert.Equal(t, content, answer.text, tt.ask)
		case tt.to < 0:
			assert.Equal(t, http.StatusRequestedRangeNotSatisfiable, answer.status, tt.ask)
		default:
			assert.Equal(t, http.StatusPartialContent, answer.status, tt.ask)
			assert.Equal(t, content[tt.from:tt.to], answer.text, tt.ask)
			assert.Equal(t, fmt.Sprintf("bytes %d-%d/%d", tt.from, tt.to-1, size), answer.header.Get("Content-Range"))
			assert.Equal(t, etag, answer.header.Get("ETag"))
		}
	}
	beyond := get("Range", fmt.Sprintf("bytes=%d-", size))
	assert.Equal(t, fmt.Sprintf("bytes */%d", size), beyond.header.Get("Content-Range"))

	several := get("Range", "bytes=0-3,10-13")
	require.Equal(t, http.StatusPartialContent, several.status)
	kind, how, err := mime.ParseMediaType(several.header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/byteranges", kind)
	parts := multipart.NewReader(strings.NewReader(several.text), how["boundary"])
	for _, want := range []string{content[0:4], content[10:14]} {
		part, err := parts.NextPart()
		require.NoError(t, err)
		got, err := io.ReadAll(part)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	server.Kill()
	answer := get("Range", "bytes=0-0")
	assert.Equal(t, http.StatusServiceUnavailable, answer.status)
	assert.Empty(t, answer.header.Get("Content-Range"))
}
