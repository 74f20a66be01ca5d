package store

import (
	"database/sql"
	"fmt"
	"strconv"
)

// sqliteCopy is SQLite, to be copied from or into.
type sqliteCopy struct{ of sqlite }

// open opens the file. Into a new one is written without a journal beside it,
// which would hold all of it once more.
func (s sqliteCopy) open(write bool) (*sql.DB, error) {
	if write {
		return openFile(s.of.path, "mode=rw&_journal_mode=DELETE&_busy_timeout=5000&_txlock=immediate&_foreign_keys=on&_synchronous=FULL")
	}
	return openFile(s.of.path, "mode=ro&_busy_timeout=5000&_query_only=1")
}

func (s sqliteCopy) options(bool) *sql.TxOptions { return nil }

func (s sqliteCopy) placeholder(int) string { return "?" }

func (s sqliteCopy) asks() schemaQuestions {
	return schemaQuestions{
		tables: `SELECT name FROM sqlite_master
			WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> 'goose_db_version' ORDER BY name`,
		columns: `SELECT name || ' ' || type FROM pragma_table_info(?) ORDER BY cid`,
		key:     `SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`,
		parents: `SELECT DISTINCT "table" FROM pragma_foreign_key_list(?)`,
		identity: `SELECT i.name FROM sqlite_master AS m, pragma_table_info(m.name) AS i
			WHERE m.name = ? AND m.sql LIKE '%AUTOINCREMENT%' AND i.pk = 1`,
	}
}

func (s sqliteCopy) lastID(t table) string {
	return `SELECT seq FROM sqlite_sequence WHERE name = '` + t.name + `'`
}

func (s sqliteCopy) setLastID(t table, last int64) []string {
	return []string{
		`DELETE FROM sqlite_sequence WHERE name = '` + t.name + `'`,
		fmt.Sprintf(`INSERT INTO sqlite_sequence (name, seq) VALUES ('%s', %d)`, t.name, last),
	}
}

// postgresCopy is PostgreSQL, to be copied from or into.
type postgresCopy struct{ of postgres }

func (p postgresCopy) open(bool) (*sql.DB, error) { return p.of.open(forSchema) }

func (p postgresCopy) options(write bool) *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: !write}
}

func (p postgresCopy) placeholder(n int) string { return "$" + strconv.Itoa(n) }

func (p postgresCopy) asks() schemaQuestions {
	return schemaQuestions{
		tables: `SELECT table_name FROM information_schema.tables
			WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> 'goose_db_version' ORDER BY 1`,
		columns: `SELECT column_name || ' ' || data_type FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`,
		key: `SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, place), pg_attribute a
			WHERE i.indrelid = to_regclass($1) AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.attnum
			ORDER BY k.place`,
		parents: `SELECT DISTINCT c.relname FROM pg_constraint f JOIN pg_class c ON c.oid = f.confrelid
			WHERE f.contype = 'f' AND f.conrelid = to_regclass($1)`,
		identity: `SELECT column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'YES'`,
	}
}

func (p postgresCopy) lastID(t table) string {
	return `SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('` + t.name + `', '` + t.identity + `')::regclass), 0)`
}

func (p postgresCopy) setLastID(t table, last int64) []string {
	return []string{fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%s', '%s'), %d, %t)`, t.name, t.identity, max(last, 1), last > 0)}
}
