package store

import (
	"database/sql"
	"errors"
)

// How a transaction that writes may end.
const (
	TransactionOK     = "ok"
	TransactionBusy   = "busy"   // others held what it needs; what waits for it tries again
	TransactionAway   = "away"   // the database is out of reach, full or damaged; likewise
	TransactionFailed = "failed" // for another reason
)

// TransactionEndings lists them.
func TransactionEndings() []string {
	return []string{TransactionOK, TransactionBusy, TransactionAway, TransactionFailed}
}

// ending is how a transaction ended, by the error that all its units share.
func ending(err error) string {
	gone, ok := errors.AsType[*awayError](err)
	switch {
	case err == nil:
		return TransactionOK
	case ok && gone.busy:
		return TransactionBusy
	case ok:
		return TransactionAway
	}
	return TransactionFailed
}

// Far reports whether the database is another process, on another machine perhaps.
func (s *Store) Far() bool { return s.dialect.far() }

// Pools gives the pools of connections by what they are for, to be looked at.
func (s *Store) Pools() map[string]*sql.DB {
	pools := map[string]*sql.DB{"readers": s.readers.sql, "writer": s.writer.db}
	if s.lookers != nil {
		pools["lookers"] = s.lookers.sql
	}
	if s.aside != s.writer {
		pools["aside"] = s.aside.db
	}
	return pools
}
