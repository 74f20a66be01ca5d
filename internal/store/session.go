package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// session is the writer's one connection. The writer begins and ends
// transactions itself: a statement that is prepared within an *sql.Tx ends
// with it, and would be prepared again in each.
type session struct {
	ctx        context.Context
	conn       *sql.Conn
	statements *statements
	db         *gorm.DB
}

func newSession(ctx context.Context, from *sql.DB) (*session, error) {
	conn, err := from.Conn(ctx)
	if err != nil {
		return nil, fault("connect to write", err)
	}
	s := &session{ctx: ctx, conn: conn, statements: newStatements(conn)}
	s.db, err = openGORM(s.statements)
	if err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}

// control begins, ends or divides the transaction.
func (s *session) control(statement string) error {
	_, err := s.statements.ExecContext(s.ctx, statement)
	return fault(statement, err)
}

// discard closes the connection for good, as one that went bad.
func (s *session) discard() {
	s.statements.close()
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}

// pool is a number of connections to read by.
type pool struct {
	sql        *sql.DB
	statements *statements
	db         *gorm.DB
}

func openPool(dsn string, connections int) (*pool, error) {
	db, err := openDB(dsn, connections)
	if err != nil {
		return nil, err
	}
	kept := newStatements(db)
	g, err := openGORM(kept)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &pool{sql: db, statements: kept, db: g}, nil
}

func (p *pool) close() error {
	if err := p.sql.Close(); err != nil {
		return fmt.Errorf("close the readers: %w", err)
	}
	return nil
}

// openGORM puts GORM on a connection or a pool. Statements are prepared by
// ours: GORM's own cache drops them after a day, also while they run, and its
// goroutine never ends.
func openGORM(over gorm.ConnPool) (*gorm.DB, error) {
	db, err := gorm.Open(dialector(over), &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
	})
	if err != nil {
		return nil, fault("open the database", err)
	}
	return db, nil
}
