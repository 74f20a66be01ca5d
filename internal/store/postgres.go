package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	postgresgorm "gorm.io/driver/postgres"
	"gorm.io/gorm"

	"vinbot/migrations"
)

// Everything that holds for PostgreSQL only is in this file, in
// postgres_fault.go, candidate.go and term.go.

const (
	// connectTime is how long connecting may take, where the URL does not say.
	connectTime = 5 * time.Second
	// goneTime is after how long a server that says nothing any more, not even
	// that it got what was sent, is gone.
	goneTime = 10 * time.Second
	// lockPeriod and lockPatience say how often, in seconds, and how many
	// times another process's migrations are looked for.
	lockPeriod, lockPatience = 1, 120
)

// Postgres is the database that a URL (postgres://…) names. Several processes
// may work on it at a time.
func Postgres(url string) Database { return Database{postgres{url: url}} }

type postgres struct {
	url    string
	tracer pgx.QueryTracer // of tests; nil is the usual
}

var _ dialect = postgres{}

// name tells which database it is, without user and password.
func (p postgres) name() string {
	config, err := pgx.ParseConfig(p.url)
	if err != nil {
		return "the database"
	}
	return fmt.Sprintf("postgres://%s:%d/%s", config.Host, config.Port, config.Database)
}

func (p postgres) habit() string { return "" }

func (p postgres) far() bool { return true }

func (p postgres) returns() bool { return true }

func (p postgres) begin() string { return "BEGIN" }

// ready has nothing to make: the database is its administrator's.
func (p postgres) ready() error { return nil }

func (p postgres) exists() (bool, error) { return true, nil }

// open prepares a pool.
func (p postgres) open(u use) (*sql.DB, error) {
	config, err := p.config(u)
	if err != nil {
		return nil, err
	}
	connections := map[use]int{forWriting: 1, forReading: readerConnections, forGathering: gatheredKinds, forSchema: 2}[u] // there one holds the lock
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// settings are what the server shall do otherwise than it usually does. A
// process that was stopped in a transaction, or waits for another that was,
// shall not hold up all others: the server ends the one and refuses the other.
// And a row found by an index is not dear, as it was on disks that turn:
// otherwise it would rather read a table of 100,000 rows from end to end than
// look 500 of them up.
func (u use) settings() map[string]string {
	switch u {
	case forSchema: // whatever the administrator thinks is long
		return map[string]string{"statement_timeout": "0", "lock_timeout": "0", "idle_in_transaction_session_timeout": "0"}
	case forLeading:
		return map[string]string{
			"idle_session_timeout": fmt.Sprintf("%dms", lockLife.Milliseconds()),
			"lock_timeout":         "3s",
			"statement_timeout":    "4s",
		}
	case forWriting, forReading, forGathering:
	}
	settings := map[string]string{
		"idle_in_transaction_session_timeout": "5s",
		"lock_timeout":                        "5s",
		"statement_timeout":                   "30s",
		"random_page_cost":                    "1.1",
		"jit":                                 "off", // the longest question takes less time than compiling it
	}
	if u == forGathering { // what is asked for by number is found in the same way whatever the number
		settings["plan_cache_mode"] = "force_generic_plan"
	}
	if u != forWriting {
		settings["default_transaction_read_only"] = "on"
	}
	return settings
}

// leadersName is what the connections are called by which processes lead, or try
// to.
const leadersName = "vinbot: leads or waits"

// config reads the URL. Its parser's error is not told, since it may quote it.
func (p postgres) config(u use) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(p.url)
	if err != nil {
		return nil, errors.New("open the database: its URL cannot be read: wrong sslmode, port, file of a certificate or the like")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	dialer := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: goneTime / 2, Interval: goneTime / 10, Count: 5},
		Control:         noticeSilence,
	}
	config.DialFunc = dialer.DialContext
	config.Tracer = p.tracer
	maps.Copy(config.RuntimeParams, u.settings())
	config.RuntimeParams["timezone"] = "UTC"
	// What waited for another's row shall see what that one wrote, whatever the
	// server's administrator likes for others.
	config.RuntimeParams["default_transaction_isolation"] = "read committed"
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "vinbot"
	}
	if u == forLeading { // by which the processes are counted
		config.RuntimeParams["application_name"] = leadersName
	}
	return config, nil
}

// noticeSilence has the kernel give a connection up whose other end does not
// say that it got what was sent: the writer would wait for a quarter of an
// hour otherwise.
func noticeSilence(network, _ string, conn syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	const tcpUserTimeout = 18 // TCP_USER_TIMEOUT of Linux
	var err error
	controlled := conn.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(goneTime.Milliseconds()))
	})
	return errors.Join(controlled, err)
}

// keeper is nobody: the driver keeps statements prepared, and prepares them
// anew when another process has changed the schema.
func (p postgres) keeper(preparer) *statements { return nil }

func (p postgres) dialector(over gorm.ConnPool) gorm.Dialector {
	return postgresgorm.New(postgresgorm.Config{Conn: over})
}

func (p postgres) versioned(ctx context.Context, db *sql.DB) (there bool, err error) {
	err = db.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&there)
	return there, fault("look for the schema", err)
}

// schema gives the migrations, and has those who migrate at once wait for each
// other.
func (p postgres) schema() (goose.Dialect, fs.FS, []goose.ProviderOption, error) {
	files, err := migrations.Postgres()
	if err != nil {
		return "", nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockPeriod, lockPatience))
	if err != nil {
		return "", nil, nil, fmt.Errorf("prepare the schema's lock: %w", err)
	}
	return goose.DialectPostgres, files, []goose.ProviderOption{goose.WithSessionLocker(locker)}, nil
}

// alone waits for nobody: it takes the lock of who leads, for as long as the
// schema goes down under it.
func (p postgres) alone(ctx context.Context) (release func(), err error) {
	config, err := p.config(forSchema)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fault("connect to look whether a vinbot runs", err)
	}
	release = func() { letGo(ctx, conn) }
	var mine bool
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, hashtext(current_schema()))`, lockSpace).Scan(&mine)
	if err == nil && mine {
		return release, nil
	}
	release()
	if err != nil {
		return nil, fault("look whether a vinbot runs", err)
	}
	return nil, ErrLocked
}

func (p postgres) inFlight() string {
	return `pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint`
}

func (p postgres) quarter(column string) string {
	return `CAST(floor(extract(epoch FROM ` + column + `) / 900) AS BIGINT)`
}

func (p postgres) news() string { return `SELECT pg_notify(` + newsChannel + `, ?)` }

func (p postgres) stirs() string { return `SELECT pg_notify(` + eventsChannel + `, ?)` }

// hold lets others refer to the row, as a new event does.
func (p postgres) hold() string { return ` FOR NO KEY UPDATE` }

func (p postgres) skip() string { return ` FOR UPDATE SKIP LOCKED` }

func (p postgres) claim() string { return `SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))` }

// lock has nothing to lock: several processes may run on the database, and who
// migrates has goose's lock.
func (p postgres) lock(context.Context, bool) (*Lock, error) {
	return &Lock{release: func() error { return nil }}, nil
}

// settle is the server's own business.
func (p postgres) settle(context.Context) error { return nil }

// scrub has the server vacuum the program's tables: no question can bring back
// what was erased, and its place is used anew. Until it is, the bytes lie in
// unused parts of pages, where nobody but the server's administrator can look;
// what they must do who want them gone at once is in docs/operations.md.
func (p postgres) scrub(ctx context.Context) error {
	const doing = "vacuum the tables"
	config, err := p.config(forSchema)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fault("connect to vacuum", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it did its work, or failed
	var tables string
	err = conn.QueryRow(ctx, `SELECT coalesce(string_agg(format('%I.%I', schemaname, tablename), ', '), '') FROM pg_tables
		WHERE schemaname = current_schema() AND tableowner = current_user`).Scan(&tables)
	if err != nil || tables == "" { // another's tables are vacuumed by nobody but them, and their server
		return fault(doing, err)
	}
	_, err = conn.Exec(ctx, `VACUUM `+tables)
	return fault(doing, err)
}
