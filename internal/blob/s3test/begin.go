package s3test

import (
	"context"
	"io"
	"strings"
)

// archive is one in the server's bucket.
type archive interface {
	Put(ctx context.Context, key string, r io.Reader, size int64) (sha256 string, err error)
}

// Begin has a process die in the middle of an upload in parts, of which the
// server keeps what it got, and restarts the server.
func (s *Server) Begin(into archive, key string) {
	s.tb.Helper()
	const size = 40 << 20
	there := len(s.Unfinished())
	s.BreakAfter(size * 3 / 4)
	failed := make(chan error)
	go func() {
		_, err := into.Put(s.tb.Context(), key, strings.NewReader(strings.Repeat("x", size)), size)
		failed <- err
	}()
	s.Broken()
	s.Kill()
	if <-failed == nil || len(s.Unfinished()) == there {
		s.tb.Fatal("nothing was left of an upload that broke")
	}
	s.Run()
}
