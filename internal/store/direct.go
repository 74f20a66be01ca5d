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

// line is the direct way to a connection or a pool.
type line struct {
	over     gorm.ConnPool
	numbered bool // values have numbered places, as PostgreSQL wants it
}

func lineOf(over gorm.ConnPool, db *gorm.DB) line {
	return line{over: over, numbered: db.Name() == "postgres"}
}

// execute runs a statement.
func (l line) execute(ctx context.Context, text string, args []any) (sql.Result, error) {
	return l.over.ExecContext(ctx, l.places(text), args...) //nolint:wrapcheck // fault classes it
}

// ask runs a statement that gives one row.
func (l line) ask(ctx context.Context, text string, args []any) *sql.Row {
	return l.over.QueryRowContext(l.brief(ctx), l.places(text), args...)
}

// list runs a statement that gives rows, which the caller closes.
func (l line) list(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	return l.over.QueryContext(l.brief(ctx), l.places(text), args...) //nolint:wrapcheck // fault classes it
}

// brief is the context for a statement that reads little. On SQLite it is over
// before anybody could break it off, while being ready for that costs a
// goroutine in the driver and one in database/sql, a third of its time.
func (l line) brief(ctx context.Context) context.Context {
	if l.numbered {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// places writes the places of values as the database wants them: ? as it is
// for SQLite, $1, $2 and so on for PostgreSQL. No statement here has a question
// mark of another meaning.
func (l line) places(text string) string {
	if !l.numbered {
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
