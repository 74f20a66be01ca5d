package httpd_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd"
	"vinbot/internal/worker"
)

var _ worker.Service = (*httpd.Server)(nil)

// fetch asks a server for its only page, on a connection of its own.
func fetch(ctx context.Context, addr string) (string, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/", nil)
	if err != nil {
		return "", err
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

func TestServerListensFromStartToStop(t *testing.T) {
	t.Parallel()
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	s := httpd.NewServer("127.0.0.1:0", hello, zerolog.Nop())
	assert.Equal(t, "127.0.0.1:0", s.Addr())
	require.NoError(t, s.Stop(t.Context()), "before the start: nothing to do")
	for range 2 {
		require.NoError(t, s.Start(t.Context()))
		require.NoError(t, s.Start(t.Context()), "twice is once")
		assert.NotEqual(t, "127.0.0.1:0", s.Addr())
		body, err := fetch(t.Context(), s.Addr())
		require.NoError(t, err)
		assert.Equal(t, "hello", body)
		require.NoError(t, s.Stop(t.Context()))
		require.NoError(t, s.Stop(t.Context()), "twice is once")
		_, err = fetch(t.Context(), s.Addr())
		require.Error(t, err)
	}
}

func TestServerSaysThatItsPortIsTaken(t *testing.T) {
	t.Parallel()
	first := httpd.NewServer("127.0.0.1:0", http.NotFoundHandler(), zerolog.Nop())
	require.NoError(t, first.Start(t.Context()))
	second := httpd.NewServer(first.Addr(), http.NotFoundHandler(), zerolog.Nop())
	require.ErrorContains(t, second.Start(t.Context()), "address already in use")
	require.NoError(t, second.Stop(t.Context()))
	require.NoError(t, first.Stop(t.Context()))
}

func TestStopLetsRequestsInFlightEnd(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	s := httpd.NewServer("127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "done")
	}), zerolog.Nop())
	require.NoError(t, s.Start(t.Context()))
	addr := s.Addr()
	bodies, stopped := make(chan string, 1), make(chan error, 1)
	go func() {
		body, err := fetch(t.Context(), addr)
		assert.NoError(t, err)
		bodies <- body
	}()
	<-entered
	go func() { stopped <- s.Stop(t.Context()) }()
	close(release)
	assert.Equal(t, "done", <-bodies)
	require.NoError(t, <-stopped)
}

func TestStopCutsOffWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	s := httpd.NewServer("127.0.0.1:0", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}), zerolog.Nop())
	require.NoError(t, s.Start(t.Context()))
	addr, failed := s.Addr(), make(chan error, 1)
	go func() {
		_, err := fetch(t.Context(), addr)
		failed <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Stop(ctx), context.DeadlineExceeded)
	require.Error(t, <-failed)
}
