package telegram

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fileServer names a path for every file id, and serves the file at it.
func fileServer(path string, size int, file http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/file/") {
			file(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"file_id":"F","file_size":`+strconv.Itoa(size)+
			`,"file_path":`+strconv.Quote(path)+`}}`)
	}
}

func TestDownloadFetchesTheFile(t *testing.T) {
	t.Parallel()
	var path string
	c := newClient(t, fileServer("documents/a file 100%?.pdf", 0, func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		_, _ = io.WriteString(w, "%PDF-")
	}))
	var got bytes.Buffer
	n, err := c.Download(t.Context(), "F", &got, 5)
	require.NoError(t, err)
	assert.EqualValues(t, 5, n)
	assert.Equal(t, "%PDF-", got.String())
	assert.Equal(t, "/file/bot"+testToken+"/documents/a file 100%?.pdf", path)

	_, err = c.Download(t.Context(), "F", &got, 0)
	require.NoError(t, err, "no limit")
}

func TestDownloadKeepsItsLimit(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	c := newClient(t, fileServer("a.pdf", 0, always(200, "%PDF-1")))
	n, err := c.Download(t.Context(), "F", &got, 5)
	classed(t, ClassOverLimit, err)
	assert.LessOrEqual(t, n, int64(6))

	c = newClient(t, fileServer("a.pdf", 6, func(http.ResponseWriter, *http.Request) {
		t.Error("a file known to be too long is not fetched")
	}))
	_, err = c.Download(t.Context(), "F", &got, 5)
	classed(t, ClassOverLimit, err)
}

func TestDownloadsThatFail(t *testing.T) {
	t.Parallel()
	refusedAsk := func(text string) http.HandlerFunc {
		return always(400, `{"ok":false,"error_code":400,"description":"Bad Request: `+text+`"}`)
	}
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   Class
	}{
		"over 20 MB on the cloud":  {refusedAsk("file is too big"), ClassFileTooBig},
		"a file id of another bot": {refusedAsk("wrong file_id or the file is temporarily unavailable"), ClassBadFile},
		"a link that is over":      {fileServer("a", 0, always(404, `{"ok":false,"error_code":404,"description":"Not Found"}`)), ClassUnknown},
		"a wrong token":            {fileServer("a", 0, always(401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`)), ClassUnauthorized},
		"a proxy in the way":       {fileServer("a", 0, always(502, "<html>")), ClassUnknown},
		"cut":                      {fileServer("a", 0, cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n%PDF")), ClassUnknown},
		"a path not on this disk":  {fileServer("/nowhere/SECRET/a.pdf", 0, nil), ClassNotSent},
		"a path that is a folder":  {fileServer("/tmp", 0, nil), ClassNotSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, tt.answer).Download(t.Context(), "F", io.Discard, 100)
			classed(t, tt.want, err)
		})
	}
}

func TestALocalServersFileIsReadFromDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.pdf")
	require.NoError(t, os.WriteFile(path, []byte("%PDF-"), 0o600))
	c := newClient(t, fileServer(path, 5, nil))
	var got bytes.Buffer
	_, err := c.Download(t.Context(), "F", &got, 5)
	require.NoError(t, err)
	assert.Equal(t, "%PDF-", got.String())
}

func TestAnErrorOfTheWriterIsItsOwn(t *testing.T) {
	t.Parallel()
	c := newClient(t, fileServer("a.pdf", 0, always(200, "%PDF-")))
	_, err := c.Download(t.Context(), "F", failingWriter{}, 0)
	require.ErrorIs(t, err, assert.AnError)
	var e *Error
	assert.NotErrorAs(t, err, &e)
	assert.Equal(t, ClassUnknown, ClassOf(err))
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, assert.AnError }
