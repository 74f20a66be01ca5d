package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// errClosed says that the store was closed.
var errClosed = errors.New("the store is closed")

// awayError is a database that cannot be reached or written now.
type awayError struct {
	cause string
	busy  bool // it is there, but others hold what is needed
}

// Error says why.
func (e *awayError) Error() string { return e.cause }

// Is makes it the queues' own error, too.
func (e *awayError) Is(target error) bool {
	return target == inbox.ErrStoreAway || target == outbox.ErrStoreAway
}

// away says that the database was away when something was tried.
func away(doing string, cause error) error {
	return ticket.NewError(ticket.CodeUnavailable, doing, &awayError{cause: cause.Error()})
}

// busy says that others held what was needed.
func busy(doing string, cause error) error {
	return ticket.NewError(ticket.CodeUnavailable, doing, &awayError{cause: cause.Error(), busy: true})
}

// isAway reports whether an error says that the database is away.
func isAway(err error) bool { return errors.Is(err, inbox.ErrStoreAway) }

// fault makes a database's error one of ours, by what can be done about it.
// Nothing that a statement was about gets into its text: of an error that may
// quote a value only its type is told.
func fault(doing string, err error) error {
	if err == nil {
		return nil
	}
	if ours, ok := errors.AsType[*ticket.Error](err); ok {
		return ours
	}
	if connecting, ok := errors.AsType[*pgconn.ConnectError](err); ok && !errors.Is(err, context.Canceled) {
		return away(doing, cutReason(connecting)) // also where its own time was up
	}
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows):
		return ticket.NewError(ticket.CodeNotFound, doing+": there is none", nil)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return ticket.NewError(ticket.CodeConflict, doing+": it is there already", nil)
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return ticket.NewError(ticket.CodeInvalid, doing+": what it belongs to does not exist", nil)
	case errors.Is(err, gorm.ErrCheckConstraintViolated):
		return ticket.NewError(ticket.CodeInvalid, doing+": the table does not allow it", nil)
	case errors.Is(err, errOver), errors.Is(err, errFailed):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, driver.ErrBadConn), isClosed(err):
		return away(doing, errors.New("the connection is closed"))
	}
	return driverFault(doing, err)
}

// driverFault classes what the databases' drivers say.
func driverFault(doing string, err error) error {
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		return sqliteFault(doing, e)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresFault(doing, e)
	}
	if isCut(err) {
		return away(doing, cutReason(err))
	}
	return fmt.Errorf("%s: %w", doing, fmt.Errorf("database: %T", err))
}

// isClosed reports whether a pool was closed; database/sql has no name for it.
func isClosed(err error) bool { return err.Error() == "sql: database is closed" }
