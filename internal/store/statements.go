package store

import (
	"context"
	"database/sql"
	"sync"

	"gorm.io/gorm"
)

// preparer is a connection, or a pool of them.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// statements prepares each statement once and keeps it: there are as many as
// the source names, so what varies must be a value, not text.
type statements struct {
	over preparer

	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

var _ gorm.ConnPool = (*statements)(nil)

func newStatements(over preparer) *statements {
	return &statements{over: over, prepared: map[string]*sql.Stmt{}}
}

// PrepareContext gives a statement that its caller must not close.
func (s *statements) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	stmt, ok := s.prepared[query]
	s.mu.RUnlock()
	if ok {
		return stmt, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt, ok := s.prepared[query]; ok {
		return stmt, nil
	}
	stmt, err := s.over.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept until the connection ends
	if err != nil {
		return nil, err
	}
	s.prepared[query] = stmt
	return stmt, nil
}

// ExecContext runs a statement.
func (s *statements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...) //nolint:wrapcheck // GORM's place: it translates the driver's errors
}

// QueryContext asks for rows.
func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...) //nolint:wrapcheck // GORM's place: it translates the driver's errors
}

// QueryRowContext asks for one row.
func (s *statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept
	if err != nil {                           // a row cannot be made to carry it: let the connection meet it again
		return s.over.QueryRowContext(ctx, query, args...)
	}
	return stmt.QueryRowContext(ctx, args...)
}

// close ends the statements. A connection whose statements are open would stay
// open itself, with its transaction.
func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stmt := range s.prepared {
		_ = stmt.Close() // the connection is to be closed anyway
	}
	clear(s.prepared)
}
