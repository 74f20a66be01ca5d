// Package httpd holds what the program serves over HTTP: today the operations
// listener, with health, metrics and profiles.
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

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	// writeTimeout leaves room for a profile of 30 seconds, pprof's own default.
	writeTimeout = 90 * time.Second
	idleTimeout  = 2 * time.Minute
)

// Server is one listener as a service: it listens when Start has returned, and
// Stop lets requests in flight end.
type Server struct {
	addr    string
	handler http.Handler
	log     zerolog.Logger

	mu     sync.Mutex
	server *http.Server // nil while it does not run
	bound  string
	done   chan struct{}
}

// NewServer makes a server for addr, which is host:port; port 0 takes a free
// one, which Addr then names.
func NewServer(addr string, handler http.Handler, log zerolog.Logger) *Server {
	return &Server{addr: addr, handler: handler, log: log}
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
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    64 << 10,
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
