package telegram

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatARefusalSays(t *testing.T) {
	t.Parallel()
	c := newClient(t, always(429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3","parameters":{"retry_after":3}}`))
	_, err := c.SendMessage(t.Context(), hello(5))
	classed(t, ClassTooMany, err)
	e := asError(t, err)
	assert.Equal(t, "sendMessage", e.Method)
	assert.Equal(t, 3*time.Second, e.RetryAfter)
	assert.Equal(t, "telegram sendMessage: 429 Too Many Requests: retry after 3 (too_many)", err.Error())
}

func TestAnAcceptedMessageOfAKindYetUnknownIsAccepted(t *testing.T) {
	t.Parallel()
	c := newClient(t, always(200, ` {"ok":true,"result":{"message_id":7,"date":9,"message_thread_id":3,
		"chat":{"id":-5,"type":"supergroup"},"forward_origin":{"type":"from_mars","name":"Ivan"}}}`))
	m, err := c.SendMessage(t.Context(), hello(-5))
	require.NoError(t, err)
	assert.Equal(t, &models.Message{
		ID: 7, Date: 9, MessageThreadID: 3, Chat: models.Chat{ID: -5, Type: models.ChatTypeSupergroup},
	}, m)
}

func TestAnAnswerThatDoesNotDecodeIsNotQuoted(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"ok":true,"result":{"message_id":"Ivan WBAPK5C50BF123456"}}`,
		`{"ok":true,"result":{"message_id":7,"text":"Ivan WBAPK5C50BF1234`,
		`Ivan WBAPK5C50BF123456`,
		`{"ok":false,"description":"Ivan WBAPK5C50BF1234`,
	} {
		c := newClient(t, always(200, body))
		_, err := c.SendMessage(t.Context(), hello(5))
		classed(t, ClassUnknown, err)
		assert.NotContains(t, err.Error(), "Ivan")
		assert.NotContains(t, err.Error(), "WBA")
	}
	c := newClient(t, always(200, `{"ok":true,"result":{"status":"from_mars","user":{"first_name":"Ivan"}}}`))
	_, err := c.GetChatMember(t.Context(), -5, 42)
	classed(t, ClassUnknown, err)
	c = newClient(t, always(200, `{"ok":true,"result":"Ivan"}`))
	classed(t, ClassUnknown, c.LeaveChat(t.Context(), -5))
}

func TestARefusedConnectionWasNotSent(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, err = newClientOf(t, "http://"+l.Addr().String()).SendMessage(t.Context(), hello(5))
	classed(t, ClassNotSent, err)
	assert.Equal(t, "the connection was refused", asError(t, err).Text)

	_, err = newClientOf(t, "http://nowhere.invalid").SendMessage(t.Context(), hello(5))
	classed(t, ClassNotSent, err)
}

func TestAnUntrustedServerWasNotSentTo(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(always(200, sentMessage))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := newClientOf(t, server.URL).SendMessage(t.Context(), hello(5))
	classed(t, ClassNotSent, err)
	assert.Equal(t, "the server's certificate is not trusted", asError(t, err).Text)
}

func TestAConnectionCutAfterTheRequestIsUnknown(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]string{
		"before the answer": "",
		"in the headers":    "HTTP/1.1 200 OK\r\nContent-",
		"in the body":       "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + `{"ok":true,"result":{"mess`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, cut(part))
			_, err := c.SendMessage(t.Context(), hello(5))
			classed(t, ClassUnknown, err)
		})
	}
}

// cut answers with a part of an answer and closes.
func cut(part string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, part)
		_ = conn.Close()
	}
}

func TestATimeoutAfterTheRequestIsUnknown(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	var arrived atomic.Bool
	server := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived.Store(true)
		<-ended
	}
	var err error
	for timeout := 30 * time.Millisecond; !arrived.Load(); timeout *= 4 { // a busy machine may not get that far
		c := newClient(t, server, func(o *Options) { o.SendTimeout = timeout })
		_, err = c.SendMessage(t.Context(), hello(5))
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	classed(t, ClassUnknown, err)
	assert.Equal(t, "no answer in time", asError(t, err).Text)
	close(ended)
}

func TestACancelledCallKnowsWhetherItWentOut(t *testing.T) {
	t.Parallel()
	arrived, ended := make(chan struct{}), make(chan struct{})
	c := newClient(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(arrived)
		<-ended
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := c.SendMessage(ctx, hello(5))
	require.ErrorIs(t, err, context.Canceled)
	classed(t, ClassUnknown, err)
	close(ended)

	_, err = c.SendMessage(ctx, hello(5)) // cancelled before it began
	require.ErrorIs(t, err, context.Canceled)
	classed(t, ClassNotSent, err)
}

// staleServer closes each connection after its first answer without saying so.
func staleServer(t *testing.T) (url string, requests *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	requests = new(atomic.Int32)
	var served sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); served.Wait() })
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for first := true; ; first = false {
					r, err := http.ReadRequest(in)
					if err != nil || !first {
						return // the second request on a connection is read and never answered
					}
					_, _ = io.Copy(io.Discard, r.Body)
					requests.Add(1)
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n"+`{"ok":true,"result":{}    }`)
				}
			})
		}
	})
	return "http://" + l.Addr().String(), requests
}

func TestAStaleConnectionIsTriedAgainOnlyWhereTwiceIsOnce(t *testing.T) {
	t.Parallel()
	url, requests := staleServer(t)
	c := newClientOf(t, url)
	for range 3 {
		_, err := c.GetWebhookInfo(t.Context())
		require.NoError(t, err)
	}
	assert.EqualValues(t, 3, requests.Load())
	_, err := c.SendMessage(t.Context(), hello(5))
	classed(t, ClassUnknown, err)
}
