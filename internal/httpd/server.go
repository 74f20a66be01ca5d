// Package httpd holds what the program serves over HTTP: the listener for
// everybody, with the panel and the API, and the one for operations, with health,
// metrics and profiles.
package httpd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// maxHeaders is how long a request's line and headers may be together.
const maxHeaders = 64 << 10

// patience is how long a client may take.
type patience struct{ headers, request, answer, idle time.Duration }

func usualPatience() patience {
	return patience{
		headers: 5 * time.Second, request: 15 * time.Second, idle: 2 * time.Minute,
		// Room for a profile of 30 seconds, pprof's own default.
		answer: 90 * time.Second,
	}
}

// Server is one listener as a service: it listens when Start has returned, and
// Stop lets requests in flight end.
type Server struct {
	addr     string
	handler  http.Handler
	log      zerolog.Logger
	patience patience

	mu     sync.Mutex
	server *http.Server // nil while it does not run
	bound  string
	done   chan struct{}
}

// NewServer makes a server for addr, which is host:port; port 0 takes a free
// one, which Addr then names.
func NewServer(addr string, handler http.Handler, log zerolog.Logger) *Server {
	return &Server{addr: addr, handler: handler, log: log, patience: usualPatience()}
}

// Start listens. Twice is once.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return nil
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.bound = listener.Addr().String()
	s.server = &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: s.patience.headers,
		ReadTimeout:       s.patience.request,
		WriteTimeout:      s.patience.answer,
		IdleTimeout:       s.patience.idle,
		MaxHeaderBytes:    maxHeaders,
	}
	s.done = make(chan struct{})
	go s.serve(s.server, listener, s.done)
	return nil
}

func (s *Server) serve(server *http.Server, listener net.Listener, done chan<- struct{}) {
	defer close(done)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		s.log.Error().Err(err).Str("addr", s.addr).Msg("the listener ended by itself")
	}
}

// Stop takes no new request, and waits for those in flight as long as ctx
// allows; then it cuts them off and returns ctx's error. Twice is once.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil
	}
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("end requests in flight: %w", errors.Join(err, s.server.Close()))
	}
	<-s.done
	s.server = nil
	return err
}

// Addr is the address that is listened on, or the one asked for before Start.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bound == "" {
		return s.addr
	}
	return s.bound
}
