package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// patience is how long a server may take to start or to end.
const patience = 30 * time.Second

// Server is a PostgreSQL of a test's own, in a temporary folder, reached by a
// socket in it alone.
type Server struct {
	dir   string
	bin   string
	who   *syscall.Credential // nil: this process's user
	ended chan struct{}       // closed when it has ended
	cmd   *exec.Cmd
	said  bytes.Buffer

	options []string // further ones of postgres
}

// Start makes a database cluster and runs a server on it.
func Start() (*Server, error) { return StartWith(nil, nil) }

// StartWith does so with further arguments for initdb and for postgres.
func StartWith(initdb, options []string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, options: options}
	if s.who, err = credential(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp(memory(), "vinbot-pg-"); err != nil {
		return nil, fmt.Errorf("make the server's folder: %w", err)
	}
	if s.who != nil {
		if err := os.Chown(s.dir, int(s.who.Uid), int(s.who.Gid)); err != nil {
			return nil, errors.Join(fmt.Errorf("give the server its folder: %w", err), s.remove())
		}
	}
	init := s.command("initdb", append([]string{
		"--pgdata=" + s.data(), "--username=vinbot", "--auth=trust", "--encoding=UTF8",
		"--locale=C.UTF-8", "--no-sync", "--no-instructions",
	}, initdb...)...)
	if out, err := init.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), s.remove())
	}
	if err := s.Run(); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

// memory is a folder in memory, where there is one: databases are made and
// dropped there in a third of the time. Else it is the usual one.
func memory() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() && info.Mode().Perm()&0o002 != 0 {
		return shm
	}
	return ""
}

// URL addresses a database of the server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://vinbot@/%s?host=%s", database, s.dir)
}

// Run runs the server, if it does not run, and returns when it takes
// connections. What it keeps outlives it, though not the machine.
func (s *Server) Run() error {
	if s.cmd != nil {
		return nil
	}
	s.said.Reset()
	cmd := s.command("postgres", append([]string{
		"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "autovacuum=off", "-c", "max_connections=300", "-c", "max_wal_size=256MB",
	}, s.options...)...)
	cmd.Stdout, cmd.Stderr = &s.said, &s.said
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT // it ends at once, whatever ends this process
	started, ended := make(chan error), make(chan struct{})
	go func() {
		// That signal is sent when the thread ends that started the server: it
		// is kept for as long as the server runs.
		runtime.LockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how a server ends that is stopped is no matter
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	s.cmd, s.ended = cmd, ended
	return s.awaits()
}

// awaits waits until the server takes connections.
func (s *Server) awaits() error {
	late := time.After(patience)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := execute(ctx, s.URL("postgres"), "SELECT 1")
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("postgres ended as it began: %s", &s.said)
		case <-late:
			return errors.Join(fmt.Errorf("postgres does not answer: %w", err), s.Halt(syscall.SIGQUIT))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Halt ends the server by a signal: SIGINT cuts its connections off, SIGQUIT
// ends it like a crash. It is safe to call twice.
func (s *Server) Halt(signal syscall.Signal) error {
	if s.cmd == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop postgres: %w", err)
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		return errors.New("postgres does not end")
	}
	s.cmd = nil
	return nil
}

// Stop ends the server and removes what it kept.
func (s *Server) Stop() error { return errors.Join(s.Halt(syscall.SIGQUIT), s.remove()) }

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) remove() error {
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove the server's folder: %w", err)
	}
	return nil
}

// command runs one of PostgreSQL's programs as its user, in its folder.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...) //nolint:noctx,gosec // it ends by Stop; the names are ours
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.who, Setpgid: true}
	return cmd
}

// binaries finds PostgreSQL's programs, the newest where there are several.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", fmt.Errorf("look for postgres: %w", err)
	}
	if len(found) > 0 {
		version := func(path string) int {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for a strange name
			return n
		}
		slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errors.New("PostgreSQL is missing: scripts/setup-test installs it, or TEST_DATABASE_URL names a server")
	}
	return filepath.Dir(path), nil
}

// credential is whom the server runs as: it refuses to run as root.
func credential() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // the user that we are
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("the id of the user %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("the group of the user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("no user to run PostgreSQL as: %w", fs.ErrNotExist)
}
