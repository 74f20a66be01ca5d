// Package s3test gives tests an S3 server of their own: versitygw, whose files
// lie in a temporary folder. It stands behind a door in this process, so that a
// test can close it, or break a connection after as many bytes as it likes.
package s3test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// What the server knows.
const (
	Bucket    = "reports"
	Region    = "eu-test-1"
	AccessKey = "access-key"
	SecretKey = "secret-key"
	// PoorAccess and PoorSecret are of somebody who may do nothing, once
	// [Server.Poor] has let them in.
	PoorAccess = "poor-access"
	PoorSecret = "poor-secret"
)

// patience is how long a server may take to start or to end.
const patience = 30 * time.Second

// Server is an S3 server.
type Server struct {
	tb    testing.TB
	dir   string
	bin   string
	tls   bool
	door  net.Listener
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
	said  bytes.Buffer

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	shut   bool
	mute   atomic.Bool  // answers do not come out
	breaks atomic.Int64 // how many more bytes may come in before a connection breaks; 0: no bound
	broken chan struct{}
	all    sync.WaitGroup
}

// New runs a server with an empty bucket. It ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	return newServer(tb, false)
}

func newServer(tb testing.TB, tls bool) *Server {
	tb.Helper()
	bin, err := Binary()
	if err != nil {
		tb.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "s3-") //nolint:usetesting // the test's own folder may be too deep for a socket
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{tb: tb, dir: dir, bin: bin, tls: tls, open: map[net.Conn]struct{}{}, broken: make(chan struct{}, 64)}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	for _, folder := range []string{filepath.Join(s.files(), Bucket), s.people()} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	if tls {
		s.certify()
	}
	if s.door, err = net.Listen("tcp", "127.0.0.1:0"); err != nil { //nolint:noctx // until the test ends
		tb.Fatal(err)
	}
	s.all.Go(s.letIn)
	tb.Cleanup(func() {
		s.Kill()
		_ = s.door.Close()
		s.Shut()
		s.all.Wait()
	})
	s.Run()
	return s
}

// Binary finds the server's program: where scripts/setup-test puts it, or where
// go install does.
func Binary() (string, error) {
	const name = "versitygw"
	if built := filepath.Join(project(), ".tools/bin", name); executable(built) {
		return built, nil
	}
	if found, err := exec.LookPath(name); err == nil {
		return found, nil
	}
	if home, err := os.UserHomeDir(); err == nil {
		if found := filepath.Join(home, "go/bin", name); executable(found) {
			return found, nil
		}
	}
	return "", errors.New("versitygw is missing: run scripts/setup-test, which builds it once")
}

// project is the project's folder, which the test runs somewhere in; empty
// where it does not.
func project() string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o100 != 0
}

// URL is the server's address.
func (s *Server) URL() string {
	if s.tls {
		return "https://" + s.door.Addr().String()
	}
	return "http://" + s.door.Addr().String()
}

func (s *Server) files() string  { return filepath.Join(s.dir, "files") }
func (s *Server) people() string { return filepath.Join(s.dir, "people") }
func (s *Server) socket() string { return filepath.Join(s.dir, "socket") }

// Run starts the server, if it does not run, and returns when it takes
// connections.
func (s *Server) Run() {
	s.tb.Helper()
	if s.cmd != nil {
		return
	}
	_ = os.Remove(s.socket()) // of one that was killed
	s.said.Reset()
	args := []string{"--quiet", "--keep-alive", "--port", s.socket(), "--region", Region, "--access", AccessKey, "--secret", SecretKey, "--iam-dir", s.people()}
	if s.tls {
		args = append(args, "--cert", s.certFile(), "--key", s.keyFile())
	}
	cmd := exec.Command(s.bin, append(args, "posix", s.files())...) //nolint:gosec,noctx // of our own; it ends by Kill
	cmd.Dir, cmd.Env = s.dir, []string{"HOME=" + s.dir, "PATH=/usr/bin:/bin"}
	cmd.Stdout, cmd.Stderr = &s.said, &s.said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // whatever ends this process
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // that signal is sent when the thread ends that started it
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is killed
		}
	}()
	if err := <-started; err != nil {
		s.tb.Fatalf("start versitygw: %s", err)
	}
	s.cmd, s.ended = cmd, ended
	s.awaits()
}

func (s *Server) awaits() {
	s.tb.Helper()
	late := time.After(patience)
	for {
		conn, err := net.Dial("unix", s.socket()) //nolint:noctx // it answers at once
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-s.ended:
			s.tb.Fatalf("versitygw ended as it began: %s", &s.said)
		case <-late:
			s.tb.Fatalf("versitygw does not answer: %s", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Kill ends the server as a power cut does. It is safe to call twice.
func (s *Server) Kill() {
	s.tb.Helper()
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.tb.Errorf("kill versitygw: %s", err)
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.tb.Error("versitygw does not end")
	}
	s.cmd = nil
}

// Poor lets somebody in who may do nothing in the bucket.
func (s *Server) Poor() {
	s.tb.Helper()
	out, err := exec.Command(s.bin, "admin", "--access", AccessKey, "--secret", SecretKey, "--region", Region, //nolint:gosec,noctx // of our own
		"--endpoint-url", s.URL(), "create-user", "--access", PoorAccess, "--secret", PoorSecret, "--role", "user").CombinedOutput()
	if err != nil {
		s.tb.Fatalf("make a user: %s: %s", err, out)
	}
}

// Mute lets requests in and no answers out, until it is told that it may.
func (s *Server) Mute(mute bool) { s.mute.Store(mute) }

// Shut closes the door: whoever comes is sent away, and whoever is in is put out.
func (s *Server) Shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
	for conn := range s.open {
		_ = conn.Close()
	}
}

// Open opens the door again.
func (s *Server) Open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = false
}

// BreakAfter breaks connections once that many more bytes have come in.
func (s *Server) BreakAfter(bytes int64) { s.breaks.Store(bytes) }

// Broken waits until a connection was broken.
func (s *Server) Broken() {
	s.tb.Helper()
	select {
	case <-s.broken:
	case <-time.After(patience):
		s.tb.Fatal("no connection broke")
	}
}

// letIn lets connections in, as long as there is a door.
func (s *Server) letIn() {
	for {
		conn, err := s.door.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.shut {
			_ = conn.Close()
			s.mu.Unlock()
			continue
		}
		s.open[conn] = struct{}{}
		s.mu.Unlock()
		s.all.Go(func() { s.pass(conn) })
	}
}

// pass carries what is said between a client and the server.
func (s *Server) pass(conn net.Conn) {
	defer func() {
		s.mu.Lock()
		delete(s.open, conn)
		s.mu.Unlock()
		_ = conn.Close()
	}()
	server, err := net.Dial("unix", s.socket()) //nolint:noctx // it answers at once
	if err != nil {
		return // nobody is there
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() {
		defer conn.Close()
		_, _ = io.Copy(answers{conn, s}, server) // a test looks at what its client makes of it
	})
	_, _ = io.Copy(server, &counted{Reader: conn, s: s})
	_ = server.Close()
	both.Wait()
}

// answers go to a client, unless nobody may hear them.
type answers struct {
	io.Writer

	s *Server
}

// Write passes an answer on, or keeps it back.
func (a answers) Write(p []byte) (int, error) {
	if a.s.mute.Load() {
		return len(p), nil
	}
	return a.Writer.Write(p) //nolint:wrapcheck // io.Copy passes it on
}

// counted breaks off when its bytes are used up.
type counted struct {
	io.Reader

	s *Server
}

var errBroken = errors.New("broken by the test")

// Read reads on, or breaks off.
func (c *counted) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	if left := c.s.breaks.Load(); left > 0 {
		if int64(n) >= left {
			c.s.breaks.Store(0)
			c.s.broken <- struct{}{}
			return 0, errBroken
		}
		c.s.breaks.Store(left - int64(n))
	}
	if err != nil {
		return n, fmt.Errorf("from the client: %w", err)
	}
	return n, nil
}
