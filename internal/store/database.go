package store

import (
	"context"
	"database/sql"
	"io/fs"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
)

// Database says where the data are kept: [SQLite] or [Postgres].
type Database struct{ dialect }

// String tells which database it is, without any secret.
func (d Database) String() string { return d.name() }

// use is what connections are for.
type use int

const (
	forWriting   use = iota // one connection: there is one writer
	forReading              // may only read
	forGathering            // likewise, questions that many ask at once; see [gathered]
	forSchema               // what takes long may take long
	forLeading              // the lock of who leads; [Candidate] alone
)

// dialect is all that differs between the two databases. What is not asked for
// here is said in words that both understand.
type dialect interface {
	// name is how people are told which database it is, without any secret.
	name() string
	// ready makes what must be there before anybody connects.
	ready() error
	// exists reports whether there is a database to look into.
	exists() (bool, error)
	// open prepares a pool; nothing is connected yet.
	open(u use) (*sql.DB, error)
	// keeper says by what statements are kept prepared; nil if the driver
	// does that by itself.
	keeper(over preparer) *statements
	dialector(over gorm.ConnPool) gorm.Dialector
	// habit is the statement that a connection that writes begins with; empty for
	// none.
	habit() string
	// far says that the database is another process, to which each question takes
	// its time.
	far() bool
	// returns says that the id of a new row has to be asked for with RETURNING.
	returns() bool
	// begin is the statement that begins a transaction that writes.
	begin() string
	// versioned reports whether goose has been here.
	versioned(ctx context.Context, db *sql.DB) (bool, error)
	// schema gives the migrations, and how goose goes about them.
	schema() (goose.Dialect, fs.FS, []goose.ProviderOption, error)
	// alone makes sure that no bot works on the database until release.
	alone(ctx context.Context) (release func(), err error)
	// lock takes the lock of who runs the bot or changes the schema, or waits
	// a while for it; see [Lock].
	lock(ctx context.Context, wait bool) (*Lock, error)
	// inFlight are two columns: the oldest transaction that still runs, and the
	// next that will; equal where none does that a reader could miss.
	inFlight() string
	// quarter is the number of the quarter of an hour since 1970 that a time is in,
	// as an SQL expression of a column.
	quarter(column string) string
	// news is the statement that tells the process that leads of a row of
	// outbox, by its id; empty where there is no other process.
	news() string
	// stirs is the statement that tells all processes that something happened to
	// tickets, and who says so; empty where there is no other process.
	stirs() string
	// hold is what a question ends with that locks the rows it finds against who
	// would change them; empty where nobody else writes meanwhile.
	hold() string
	// skip is what a question ends with that locks the rows it finds but those that
	// somebody else has; empty where nobody else writes meanwhile.
	skip() string
	// claim is the question whether a name, hashed, is held by nobody else, and
	// holds it until the transaction's end; it never waits. Empty where nobody
	// else writes meanwhile.
	claim() string
	// settle takes what was written lately to its place, beside who writes.
	settle(ctx context.Context) error
	// scrub takes what was erased out of the database's files.
	scrub(ctx context.Context) error
}

// connPool is a connection, or a pool of them, with whatever keeps its
// statements.
func connPool(d dialect, over interface {
	preparer
	gorm.ConnPool
},
) (gorm.ConnPool, *statements) {
	if kept := d.keeper(over); kept != nil {
		return kept, kept
	}
	return over, nil
}
