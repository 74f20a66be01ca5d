// Package pgtest gives tests a PostgreSQL: one server for a test binary, of its
// own, and a database for each test that asks.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"vinbot/internal/store"
)

// serverEnv names another server's URL, of a role that may make databases
// (CREATEDB) and need be no superuser.
const serverEnv = "TEST_DATABASE_URL"

// template is the database that all others are copied from: it has the schema.
const template = "vinbot_template"

// shared is the server of this test binary, once a test has asked for it.
type shared struct {
	own     *Server                // nil where it is another's
	address func(db string) string // the URL of a database
	prefix  string                 // of the databases' names
	made    atomic.Int64
}

var (
	mu  sync.Mutex //nolint:gochecknoglobals // one server for the process
	one *shared    //nolint:gochecknoglobals // one server for the process
)

// get gives the process's server, which the first who asks starts.
func get() (*shared, error) {
	mu.Lock()
	defer mu.Unlock()
	if one != nil {
		return one, nil
	}
	s, err := begin()
	if err != nil {
		return nil, err
	}
	one = s
	return s, nil
}

// begin finds or starts the server and makes the template.
func begin() (*shared, error) {
	s := &shared{prefix: fmt.Sprintf("vinbot_test_%d_", os.Getpid())}
	if given := os.Getenv(serverEnv); given != "" { //nolint:forbidigo // of tests, not of the program
		u, err := url.Parse(given)
		if err != nil {
			return nil, fmt.Errorf("%s is no URL", serverEnv)
		}
		s.address = func(db string) string {
			at := *u
			if db != "postgres" {
				at.Path = "/" + db
			}
			return at.String()
		}
	} else {
		own, err := Start()
		if err != nil {
			return nil, err
		}
		s.own, s.address = own, own.URL
	}
	if err := s.makeTemplate(context.Background()); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *shared) makeTemplate(ctx context.Context) error {
	name := s.prefix + template
	if err := execute(ctx, s.address("postgres"), "CREATE DATABASE "+name); err != nil {
		return err
	}
	_, err := store.Migrate(ctx, store.Postgres(s.address(name)))
	return err
}

// end stops the server, or removes from another's what was made.
func (s *shared) end() {
	if s.own != nil {
		_ = s.own.Stop() // the tests have ended: nobody is left to be told
		return
	}
	_ = execute(context.Background(), s.address("postgres"), "DROP DATABASE IF EXISTS "+s.prefix+template)
}

// database makes a database for a test, which ends with it.
func (s *shared) database(tb testing.TB, of string) string {
	tb.Helper()
	name := s.prefix + strconv.FormatInt(s.made.Add(1), 10)
	if err := execute(tb.Context(), s.address("postgres"), "CREATE DATABASE "+name+" TEMPLATE "+of); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		err := execute(context.WithoutCancel(tb.Context()), s.address("postgres"), "DROP DATABASE "+name+" WITH (FORCE)")
		if err != nil {
			tb.Error(err)
		}
	})
	return s.address(name)
}

// Analyze has the server look how much is in a database, as one does by itself within
// a minute that is not made for tests.
func Analyze(tb testing.TB, url string) {
	tb.Helper()
	if err := execute(tb.Context(), url, "ANALYZE"); err != nil {
		tb.Fatal(err)
	}
}

// Database makes a database that has the schema and no rows, and gives its URL.
// It ends with the test.
func Database(tb testing.TB) string {
	tb.Helper()
	s := server(tb)
	return s.database(tb, s.prefix+template)
}

// Empty makes a database without a schema, and gives its URL. It ends with the
// test.
func Empty(tb testing.TB) string {
	tb.Helper()
	return server(tb).database(tb, "template0")
}

// Copy makes a copy of a database of the server that nobody is connected to, and
// gives its URL. It ends with the test.
func Copy(tb testing.TB, of string) string {
	tb.Helper()
	config, err := pgx.ParseConfig(of)
	if err != nil {
		tb.Fatal(err)
	}
	return server(tb).database(tb, config.Database)
}

func server(tb testing.TB) *shared {
	tb.Helper()
	s, err := get()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// Tests stops the server when its tests have run: it stands in TestMain for the
// tests themselves.
type Tests struct {
	Of interface{ Run() int }
}

// Run runs the tests and stops the server.
func (t Tests) Run() int {
	defer Stop()
	return t.Of.Run()
}

// Stop stops the server, if there is one. TestMain calls it when the tests have
// run; a process that dies before takes the server with it.
func Stop() {
	mu.Lock()
	defer mu.Unlock()
	if one != nil {
		one.end()
		one = nil
	}
}

// execute runs one statement in a connection of its own.
func execute(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
