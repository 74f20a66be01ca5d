package httpd

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// soon is a patience that a test can wait for the end of.
const soon = 50 * time.Millisecond

// hurried starts a server that loses patience soon with one kind of slowness.
func hurried(t *testing.T, change func(*patience), handler http.HandlerFunc) net.Conn {
	t.Helper()
	s := NewServer("127.0.0.1:0", handler, zerolog.Nop())
	change(&s.patience)
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, s.Stop(context.WithoutCancel(t.Context()))) })
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	return conn
}

// ends reads until the server has hung up, and gives what it said.
func ends(t *testing.T, conn net.Conn) string {
	t.Helper()
	said, err := io.ReadAll(conn)
	if err != nil {
		assert.ErrorContains(t, err, "reset by peer")
	}
	return string(said)
}

func TestWhoIsSlowWithTheirHeadersIsCutOff(t *testing.T) {
	t.Parallel()
	conn := hurried(t, func(p *patience) { p.headers = soon },
		func(http.ResponseWriter, *http.Request) { t.Error("half a request was handled") })
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	require.NoError(t, err)
	assert.NotContains(t, ends(t, conn), "200 OK")
}

func TestWhoIsSlowWithTheirBodyIsCutOff(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	conn := hurried(t, func(p *patience) { p.request = soon }, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
	})
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\none")
	require.NoError(t, err)
	require.ErrorContains(t, <-read, "timeout")
	ends(t, conn)
}

func TestWhoReadsNothingHoldsNoHandlerForEver(t *testing.T) {
	t.Parallel()
	written := make(chan error, 1)
	conn := hurried(t, func(p *patience) { p.answer = soon }, func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for megabyte := make([]byte, 1<<20); err == nil; {
			_, err = w.Write(megabyte)
		}
		written <- err
	})
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	assert.ErrorContains(t, <-written, "timeout")
}

func TestWhoSaysNothingIsHungUpOn(t *testing.T) {
	t.Parallel()
	conn := hurried(t, func(p *patience) { p.idle = soon }, func(http.ResponseWriter, *http.Request) {})
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	assert.Contains(t, ends(t, conn), "200 OK")
}

func TestAFloodOfHeadersIsRefused(t *testing.T) {
	t.Parallel()
	for name, flood := range map[string]string{
		"one that is long": "X-Long: " + strings.Repeat("a", 2*maxHeaders) + "\r\n",
		"many":             strings.Repeat("X-Many: a\r\n", 2*maxHeaders/10),
		"a cookie":         "Cookie: " + strings.Repeat("a=b; ", maxHeaders) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := hurried(t, func(*patience) {}, func(http.ResponseWriter, *http.Request) { t.Error("it was handled") })
			go func() { _, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n"+flood+"\r\n") }()
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			defer answer.Body.Close()
			assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, answer.StatusCode)
		})
	}
}

func TestTwoLengthsAreNoRequest(t *testing.T) {
	t.Parallel()
	for _, headers := range []string{
		"Content-Length: 5\r\nContent-Length: 6\r\n",
		"Transfer-Encoding: chunked, identity\r\n",
		"Content-Length: -1\r\n",
		"Host: y\r\n",
	} {
		t.Run(headers, func(t *testing.T) {
			t.Parallel()
			conn := hurried(t, func(*patience) {}, func(http.ResponseWriter, *http.Request) { t.Error("it was handled") })
			_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\n"+headers+"\r\nhello")
			require.NoError(t, err)
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			defer answer.Body.Close()
			assert.Contains(t, []int{http.StatusBadRequest, http.StatusNotImplemented}, answer.StatusCode)
		})
	}
}
