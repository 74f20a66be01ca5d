package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// copyBatch is how many rows a statement writes, copyValues how many
	// values: SQLite takes 32,766, PostgreSQL 65,535.
	copyBatch, copyValues = 200, 30_000
)

// copyTable copies a table and sums up what was read.
func copyTable(ctx context.Context, source, target *copySide, t table) (CopiedTable, error) {
	most := max(1, min(copyBatch, copyValues/len(t.columns)))
	values := make([]any, 0, most*len(t.columns))
	flush := func() error {
		if len(values) == 0 {
			return nil
		}
		_, err := target.tx.ExecContext(ctx, target.insert(t, len(values)/len(t.columns)), values...)
		values = values[:0]
		return fault("write rows", err)
	}
	copied, err := source.each(ctx, t, func(row []any) error {
		if values = append(values, row...); len(values) < most*len(t.columns) {
			return nil
		}
		return flush()
	})
	if err != nil {
		return CopiedTable{}, err
	}
	return copied, flush()
}

// sum sums up what a table holds.
func (s *copySide) sum(ctx context.Context, t table) (CopiedTable, error) {
	return s.each(ctx, t, func([]any) error { return nil })
}

// insert is the statement that writes so many rows.
func (s *copySide) insert(t table, rows int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO ` + t.name + ` (` + strings.Join(t.names(), ", ") + `) VALUES `)
	n := 0
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for column := range t.columns {
			if column > 0 {
				b.WriteString(", ")
			}
			n++
			b.WriteString(s.of.placeholder(n))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// each gives every row of a table, by its key, and sums them up.
func (s *copySide) each(ctx context.Context, t table, do func(row []any) error) (CopiedTable, error) {
	const doing = "read rows"
	rows, err := s.tx.QueryContext(ctx, t.selection())
	if err != nil {
		return CopiedTable{}, fault(doing, err)
	}
	defer rows.Close()
	var total rowSum
	cells := make([]cell, len(t.columns))
	into, row := make([]any, len(cells)), make([]any, len(cells))
	for i, c := range t.columns {
		cells[i] = newCell(c.kind)
		into[i] = cells[i].into()
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return CopiedTable{}, fmt.Errorf("%s: a value is not of its column's kind (%T)", doing, err)
		}
		for i, c := range cells {
			row[i] = c.value()
		}
		total.add(row)
		if err := do(row); err != nil {
			return CopiedTable{}, err
		}
	}
	return CopiedTable{Name: t.name, Rows: total.rows, Sum: total.String()}, fault(doing, rows.Err())
}

// cell is where a value of a row is read into.
type cell interface {
	into() any
	value() any // nil for NULL
}

type cellOf[T any] struct{ sql.Null[T] }

func (c *cellOf[T]) into() any { return &c.Null }

func (c *cellOf[T]) value() any {
	if !c.Valid {
		return nil
	}
	if at, ok := any(c.V).(time.Time); ok {
		return at.UTC().Truncate(time.Microsecond)
	}
	return c.V
}

func newCell(k kind) cell {
	switch k {
	case kindInteger:
		return &cellOf[int64]{}
	case kindBoolean:
		return &cellOf[bool]{}
	case kindTime:
		return &cellOf[time.Time]{}
	case kindBytes:
		return &cellOf[[]byte]{}
	case kindText:
	}
	return &cellOf[string]{}
}

// rowSum sums rows up, in whatever order they come: the databases sort texts
// differently.
type rowSum struct {
	rows  int64
	parts [4]uint64
}

func (s *rowSum) add(row []any) {
	hash := sha256.New()
	for _, value := range row {
		var text string
		switch v := value.(type) {
		case nil:
			hash.Write([]byte{0})
			continue
		case time.Time:
			text = strconv.FormatInt(v.UnixMicro(), 10)
		case []byte:
			text = string(v)
		default:
			text = fmt.Sprint(v)
		}
		fmt.Fprintf(hash, "\x01%d:%s", len(text), text)
	}
	one := hash.Sum(nil)
	s.rows++
	for i := range s.parts {
		s.parts[i] += binary.BigEndian.Uint64(one[8*i:])
	}
}

// String gives the sum in short.
func (s *rowSum) String() string {
	all := make([]byte, 0, sha256.Size)
	for _, part := range s.parts {
		all = binary.BigEndian.AppendUint64(all, part)
	}
	short := sha256.Sum256(all)
	return hex.EncodeToString(short[:8])
}
