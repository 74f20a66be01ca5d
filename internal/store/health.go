package store

import (
	"context"
	"time"
)

// DatabaseVersion names the database and its version, without any secret.
func (s *Store) DatabaseVersion(ctx context.Context) (string, error) {
	name, statement := "SQLite", `SELECT sqlite_version()`
	if s.dialect.news() != "" {
		name, statement = "PostgreSQL", `SELECT current_setting('server_version')`
	}
	var version string
	err := s.scan(ctx, "ask for the database's version", sqlf(statement), &version)
	return name + " " + version, err
}

// Processes counts the processes that run on the database, by the connection
// that each holds to lead, or to try to; on SQLite there is one.
func (s *Store) Processes(ctx context.Context) (int, error) {
	if s.dialect.news() == "" {
		return 1, nil
	}
	var n int
	err := s.scan(ctx, "count the processes", sqlf(`SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = ?`, leadersName), &n)
	return n, err
}

// InboxDepth counts the updates of a bot that wait, and tells since when the
// oldest does.
func (s *Store) InboxDepth(ctx context.Context, botID int64) (int, time.Time, error) {
	var n int
	err := s.scan(ctx, "count the updates that wait", sqlf(`SELECT count(*) FROM updates WHERE bot_id = ? AND state = 'waiting'`, botID), &n)
	if err != nil || n == 0 {
		return 0, time.Time{}, err
	}
	oldest, _, err := s.Inbox(botID).Oldest(ctx)
	return n, oldest, err
}
