package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// queries reads: from a transaction, or from the readers.
type queries struct {
	on    func(ctx context.Context) (*gorm.DB, error)
	by    func(ctx context.Context) (line, context.Context, error) // on, past GORM
	past  func(ctx context.Context) (line, context.Context, error) // by, for a statement that is blind
	spoil func(error)                                              // told when the database failed; nil outside a transaction
}

// fault makes a database's error one of ours.
func (q queries) fault(doing string, err error) error {
	err = fault(doing, err)
	if err != nil && q.spoil != nil {
		q.spoil(err)
	}
	return err
}

// row is a table's row that is something of the domain.
type row[T any] interface{ domain() T }

// choice narrows a question down, or puts it in SQL: a limit that varies must
// be a value there, since GORM writes it into the text, and each text is kept
// prepared.
type choice func(*gorm.DB) *gorm.DB

// one finds the first row of R's table that is chosen.
func one[R row[T], T any](ctx context.Context, q queries, doing string, chosen choice) (T, error) {
	var none T
	db, err := q.on(ctx)
	if err != nil {
		return none, err
	}
	var r R
	if err := chosen(db).Take(&r).Error; err != nil {
		return none, q.fault(doing, err)
	}
	return r.domain(), nil
}

// all finds every row of R's table that is chosen.
func all[R row[T], T any](ctx context.Context, q queries, doing string, chosen choice) ([]T, error) {
	db, err := q.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []R
	if err := chosen(db).Find(&rows).Error; err != nil {
		return nil, q.fault(doing, err)
	}
	return domain[R, T](rows), nil
}

func domain[R row[T], T any](rows []R) []T {
	made := make([]T, len(rows))
	for i, r := range rows {
		made[i] = r.domain()
	}
	return made
}

// scan runs a statement that gives one row (an INSERT … RETURNING) and reads it.
func (q queries) scan(ctx context.Context, doing string, s statement, into ...any) error {
	l, ctx, err := q.reach(ctx, s)
	if err != nil {
		return err
	}
	return q.fault(doing, l.ask(ctx, s.text, s.args).Scan(into...))
}

// reach gives the way to the database for a statement.
func (q queries) reach(ctx context.Context, s statement) (line, context.Context, error) {
	if s.isBlind {
		return q.past(ctx)
	}
	return q.by(ctx)
}

// statement is SQL with its values.
type statement struct {
	text string
	args []any
	// isBlind says that it neither reads nor changes what a group may write late, or
	// know ahead; see [late].
	isBlind bool
}

// blind says that of the statement.
func (s statement) blind() statement {
	s.isBlind = true
	return s
}

func sqlf(text string, args ...any) statement { return statement{text: text, args: args} }

// instant is a time in the database: UTC, to the microsecond, which both
// databases keep; NULL for the zero time.
type instant time.Time

// Value gives what is stored.
func (i instant) Value() (driver.Value, error) {
	t := time.Time(i)
	if t.IsZero() {
		return nil, nil //nolint:nilnil // NULL
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// Scan reads what is stored. SQLite gives text where a value is computed.
func (i *instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*i = instant{}
	case time.Time:
		*i = instant(v.UTC())
	case string:
		t, err := time.Parse("2006-01-02 15:04:05.999999999-07:00", v)
		if err != nil {
			return fmt.Errorf("read a time: %w", err)
		}
		*i = instant(t.UTC())
	default:
		return fmt.Errorf("read a time from %T", value)
	}
	return nil
}
