package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// step is one of several statements that go to the database together: none of them
// needs the answer to another.
type step struct {
	doing string
	statement

	// read is given every row that the statement gives; nil where it gives none.
	read func(scan func(into ...any) error) error
	// ended is told how many rows the statement gave, or touched, and, on a database
	// that does not return ids, the id of the last; nil where nobody wants to know.
	ended func(touched, last int64) error
}

// together runs steps, in their order, up to the first that fails. On a database
// that is far they are sent at once: that saves the way there and back.
func (s *session) together(steps []step) error {
	if s.far && len(steps) > 1 {
		return s.send(steps)
	}
	for _, next := range steps {
		if err := s.take(next); err != nil {
			return fault(next.doing, err)
		}
	}
	return nil
}

// take runs one step.
func (s *session) take(next step) error {
	if next.read != nil {
		rows, err := s.line.list(s.ctx, next.text, next.args)
		if err != nil {
			return err
		}
		defer rows.Close()
		found := int64(0)
		for rows.Next() {
			if err := next.read(rows.Scan); err != nil {
				return err
			}
			found++
		}
		if err := rows.Err(); err != nil || next.ended == nil {
			return err //nolint:wrapcheck // together does
		}
		return next.ended(found, 0)
	}
	result, err := s.line.execute(s.ctx, next.text, next.args)
	if err != nil || next.ended == nil {
		return err
	}
	return told(result, next.ended, s.far)
}

// told tells what became of a statement.
func told(result sql.Result, ended func(touched, last int64) error, far bool) (err error) {
	var last int64
	touched, err := result.RowsAffected()
	if err == nil && !far {
		last, err = result.LastInsertId()
	}
	if err != nil {
		return fmt.Errorf("ask what became of it: %w", err)
	}
	return ended(touched, last)
}

// send sends the steps at once. PostgreSQL leaves out those that follow one that
// failed, a COMMIT, too.
func (s *session) send(steps []step) error {
	return s.conn.Raw(func(over any) error { //nolint:wrapcheck // its errors are ours
		c := over.(*stdlib.Conn).Conn() //nolint:forcetypeassert,errcheck // the driver of what is far
		if c.IsClosed() {
			return fault(steps[0].doing, driver.ErrBadConn)
		}
		var batch pgx.Batch
		for _, next := range steps {
			batch.Queue(s.line.places(next.text), next.args...)
		}
		answers := c.SendBatch(s.ctx, &batch)
		for _, next := range steps {
			if err := answered(answers, next); err != nil {
				_ = answers.Close() // it says the same
				return fault(next.doing, err)
			}
		}
		return fault(steps[len(steps)-1].doing, answers.Close())
	})
}

// answered reads the answer to one step.
func answered(answers pgx.BatchResults, next step) error {
	rows, err := answers.Query()
	if err != nil {
		return err //nolint:wrapcheck // fault classes it
	}
	defer rows.Close()
	for rows.Next() {
		if next.read == nil {
			continue
		}
		if err := next.read(rows.Scan); err != nil {
			return err
		}
	}
	rows.Close()
	if err := rows.Err(); err != nil || next.ended == nil {
		return err //nolint:wrapcheck // fault classes it
	}
	return next.ended(rows.CommandTag().RowsAffected(), 0)
}

// control is a step that begins or ends a transaction.
func control(statement string) step { return step{doing: statement, statement: sqlf(statement)} }

// step makes a step of a statement.
func (s statement) step(doing string) step { return step{doing: doing, statement: s} }

// reading makes a step of a question.
func (s statement) reading(doing string, read func(scan func(into ...any) error) error) step {
	return step{doing: doing, statement: s, read: read}
}

// perform runs steps of a transaction that are blind.
func (t *tx) perform(ctx context.Context, steps []step) error {
	if _, _, err := t.past(ctx); err != nil || len(steps) == 0 {
		return err
	}
	err := t.writer.session.together(steps)
	if err != nil {
		t.spoil(err)
	}
	return err
}
