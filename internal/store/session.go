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
	ctx  context.Context
	conn *sql.Conn
	over gorm.ConnPool // the connection, and what keeps its statements
	kept *statements   // nil where the driver keeps them
	db   *gorm.DB
	line line
	far  bool // see dialect
}

func newSession(ctx context.Context, d dialect, from *sql.DB) (*session, error) {
	conn, err := from.Conn(ctx)
	if err != nil {
		return nil, fault("connect to write", err)
	}
	s := &session{ctx: ctx, conn: conn, far: d.far()}
	s.over, s.kept = connPool(d, conn)
	s.db, err = openGORM(d, s.over)
	if err != nil {
		s.discard()
		return nil, err
	}
	s.line = lineOf(s.over, s.db)
	if habit := d.habit(); habit != "" {
		if err := s.control(habit); err != nil {
			s.discard()
			return nil, err
		}
	}
	return s, nil
}

// control begins, ends or divides the transaction.
func (s *session) control(statement string) error {
	_, err := s.over.ExecContext(s.ctx, statement)
	return fault(statement, err)
}

// discard closes the connection for good, as one that went bad.
func (s *session) discard() {
	if s.kept != nil {
		s.kept.close()
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}

// pool is a number of connections to read by.
type pool struct {
	sql  *sql.DB
	kept *statements // nil where the driver keeps them
	db   *gorm.DB
	line line
}

func openPool(d dialect, u use) (*pool, error) {
	db, err := d.open(u)
	if err != nil {
		return nil, err
	}
	over, kept := connPool(d, db)
	g, err := openGORM(d, over)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &pool{sql: db, kept: kept, db: g, line: lineOf(over, g)}, nil
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
func openGORM(d dialect, over gorm.ConnPool) (*gorm.DB, error) {
	db, err := gorm.Open(d.dialector(over), &gorm.Config{
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
