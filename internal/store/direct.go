package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

// Most of what is done for each message are a dozen small statements, written
// out in SQL. GORM's way from a text to the driver costs as much again as such a
// statement does, so they go to its connection directly. What GORM makes
// statements of, and fills structs from, goes through it.

// execute runs a statement, in the context that the connection was given for.
func execute(db *gorm.DB, text string, args []any) (sql.Result, error) {
	return db.Statement.ConnPool.ExecContext(db.Statement.Context, numbered(db, text), args...) //nolint:wrapcheck // fault classes it
}

// ask runs a statement that gives one row.
func ask(db *gorm.DB, text string, args []any) *sql.Row {
	return db.Statement.ConnPool.QueryRowContext(brief(db), numbered(db, text), args...)
}

// list runs a statement that gives rows, which the caller closes.
func list(db *gorm.DB, text string, args []any) (*sql.Rows, error) {
	return db.Statement.ConnPool.QueryContext(brief(db), numbered(db, text), args...) //nolint:wrapcheck // fault classes it
}

// numbered writes the places of values as the database wants them: ? as it is
// for SQLite, $1, $2 and so on for PostgreSQL. No statement here has a question
// mark of another meaning.
func numbered(db *gorm.DB, text string) string {
	if db.Name() != "postgres" {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + strings.Count(text, "?"))
	for n := 1; ; n++ {
		before, after, more := strings.Cut(text, "?")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		text = after
	}
}

// brief is the context for a statement that reads little. On SQLite it is over
// before anybody could break it off, while being ready for that costs a
// goroutine in the driver and one in database/sql, a third of its time.
func brief(db *gorm.DB) context.Context {
	if db.Name() == "postgres" {
		return db.Statement.Context
	}
	return context.WithoutCancel(db.Statement.Context)
}
