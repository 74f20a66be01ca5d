package store

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// postgresFault classes what PostgreSQL says by its SQLSTATE: the first two
// characters are a class. See the appendix A of its manual.
func postgresFault(doing string, e *pgconn.PgError) error {
	switch e.Code {
	case "23505":
		return fault(doing, gorm.ErrDuplicatedKey)
	case "23503":
		return fault(doing, gorm.ErrForeignKeyViolated)
	}
	class := e.Code[:min(2, len(e.Code))]
	switch {
	case class == "23":
		return ticket.NewError(ticket.CodeInvalid, doing+": the table does not allow it",
			errors.New("constraint "+e.ConstraintName+" of column "+e.TableName+"."+e.ColumnName))
	case isBusyState(e.Code):
		return busy(doing, fmt.Errorf("%s (SQLSTATE %s)", e.Message, e.Code))
	case isAwayState(class, e.Code):
		return away(doing, fmt.Errorf("%s (SQLSTATE %s)", e.Message, e.Code))
	case class == "42": // the statement is wrong; its text holds no values
		return fmt.Errorf("%s: %s (SQLSTATE %s)", doing, e.Message, e.Code)
	}
	return fmt.Errorf("%s: SQLSTATE %s", doing, e.Code) // the message may quote a value
}

// isBusyState reports whether others were in a statement's way: they held a lock
// for too long, came in between, or waited for us as we for them.
func isBusyState(state string) bool {
	return state == "55P03" || state == "40001" || state == "40P01"
}

// isAwayState reports whether a SQLSTATE says that the same may succeed later.
func isAwayState(class, state string) bool {
	switch class {
	case "08", // the connection
		"28", "3D", // the password was changed, the database is gone: an operator mends it
		"53", // disk full, out of memory, too many connections
		"55", // what is needed is held by another
		"57", // the server ends, or ended this
		"58", // the disk, or the system
		"F0", "XX":
		return true
	}
	switch state {
	case "25P03", // this one did nothing for too long
		"25006": // the server takes no writes: it is a standby, or became one
		return true
	}
	return false
}

// isCut reports whether an error says that there is no connection (any more).
func isCut(err error) bool {
	var network net.Error
	var connecting *pgconn.ConnectError
	return errors.As(err, &connecting) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// cutReason says in one line why there is no connection. What the driver says
// names host, user and database, and no secret.
func cutReason(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return fmt.Errorf("%s (SQLSTATE %s)", said.Message, said.Code)
	}
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}
