package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// kind is what a column holds.
type kind string

const (
	kindInteger kind = "integer"
	kindText    kind = "text"
	kindBoolean kind = "boolean"
	kindTime    kind = "time"
	kindBytes   kind = "bytes"
)

// kindOf understands both databases' names of types.
func kindOf(name string) (kind, error) {
	switch strings.ToLower(name) {
	case "integer", "bigint", "smallint":
		return kindInteger, nil
	case "text":
		return kindText, nil
	case "boolean":
		return kindBoolean, nil
	case "timestamp", "timestamp with time zone":
		return kindTime, nil
	case "blob", "bytea":
		return kindBytes, nil
	}
	return "", fmt.Errorf("a column of the type %q cannot be copied", name)
}

// column is a column of a table.
type column struct {
	name string
	kind kind
}

// table is a table as the database itself describes it.
type table struct {
	name     string
	columns  []column
	key      []string
	identity string   // the column that numbers the rows, empty for none
	parents  []string // tables whose rows must be there first
}

func (t table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// selection is the question for all its rows.
func (t table) selection() string {
	return "SELECT " + strings.Join(t.names(), ", ") + " FROM " + t.name + " ORDER BY " + strings.Join(t.key, ", ")
}

// equal reports whether rows of one fit the other.
func (t table) equal(other table) bool {
	return t.name == other.name && slices.Equal(t.columns, other.columns) &&
		slices.Equal(t.key, other.key) && t.identity == other.identity
}

// add notes a column.
func (t *table) add(name, typ string) error {
	k, err := kindOf(typ)
	t.columns = append(t.columns, column{name, k})
	return err
}

// inOrder has parents come first.
func inOrder(tables []table) ([]table, error) {
	sorted := make([]table, 0, len(tables))
	placed := map[string]bool{}
	for len(sorted) < len(tables) {
		before := len(sorted)
		for _, t := range tables {
			ready := !placed[t.name]
			for _, p := range t.parents {
				ready = ready && (placed[p] || p == t.name)
			}
			if ready {
				placed[t.name] = true
				sorted = append(sorted, t)
			}
		}
		if len(sorted) == before {
			return nil, errors.New("the tables refer to each other in a circle")
		}
	}
	return sorted, nil
}

// copyDialect is what copying must know of a database.
type copyDialect interface {
	open(write bool) (*sql.DB, error)
	options(write bool) *sql.TxOptions
	asks() schemaQuestions
	placeholder(n int) string
	lastID(t table) string
	setLastID(t table, last int64) []string
}

func copyDialectOf(d Database) (copyDialect, error) {
	switch d := d.dialect.(type) {
	case sqlite:
		return sqliteCopy{d}, nil
	case postgres:
		return postgresCopy{d}, nil
	}
	return nil, errors.New("another database than SQLite and PostgreSQL")
}

// schemaQuestions ask a database about itself, all but the first about a table.
type schemaQuestions struct {
	tables   string
	columns  string // each with its type
	key      string
	parents  string
	identity string
}

// tablesOf reads what tables there are, but for goose's.
func tablesOf(ctx context.Context, tx *sql.Tx, ask schemaQuestions) (all []table, err error) {
	names, err := texts(ctx, tx, ask.tables)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		t := table{name: name}
		var columns, identity []string
		for question, answer := range map[string]*[]string{
			ask.columns: &columns, ask.key: &t.key, ask.parents: &t.parents, ask.identity: &identity,
		} {
			if *answer, err = texts(ctx, tx, question, name); err != nil {
				return nil, err
			}
		}
		for _, c := range columns {
			column, typ, _ := strings.Cut(c, " ")
			if err := t.add(column, typ); err != nil {
				return nil, err
			}
		}
		t.identity = strings.Join(identity, "")
		all = append(all, t)
	}
	return all, nil
}

// texts reads a column of texts.
func texts(ctx context.Context, tx *sql.Tx, query string, args ...any) (all []string, err error) {
	const doing = "read the schema"
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fault(doing, err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, fault(doing, err)
		}
		all = append(all, one)
	}
	return all, fault(doing, rows.Err())
}
