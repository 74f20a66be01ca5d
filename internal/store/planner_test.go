package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
)

// asked remembers what a PostgreSQL was asked, with the values of the last time.
type asked struct {
	mu         sync.Mutex
	statements map[string][]any
}

// TraceQueryStart is called before a statement is sent.
func (a *asked) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.statements[data.SQL] = slices.DeleteFunc(slices.Clone(data.Args), func(arg any) bool {
		_, isOption := arg.(pgx.QueryResultFormatsByOID)
		return isOption
	})
	return ctx
}

// TraceBatchStart is called before several statements are sent at once.
func (a *asked) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, query := range data.Batch.QueuedQueries {
		a.statements[query.SQL] = query.Arguments
	}
	return ctx
}

// TraceBatchQuery is called with the answer to one of them.
func (a *asked) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd is called after the last.
func (a *asked) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TraceQueryEnd is called after it.
func (a *asked) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// planner asks a PostgreSQL how it goes about statements.
type planner struct {
	conn     *pgx.Conn
	prepared int
}

func newPlanner(t *testing.T, url string) *planner {
	t.Helper()
	config, err := store.WriterConfig(url)
	require.NoError(t, err)
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) })
	return &planner{conn: conn}
}

// explain gives every plan of a statement that is kept prepared: from the sixth
// time on the server may take one that looks at no value.
func (p *planner) explain(t *testing.T, statement string, args []any) string {
	t.Helper()
	const times = 7
	p.prepared++
	name := fmt.Sprintf("s%d", p.prepared)
	_, err := p.conn.Exec(t.Context(), "PREPARE "+name+" AS "+statement)
	require.NoError(t, err, statement)
	execute := "EXPLAIN EXECUTE " + name
	if len(args) > 0 {
		values := make([]string, len(args))
		for i := range values {
			values[i] = fmt.Sprintf("$%d", i+1)
		}
		execute += " (" + strings.Join(values, ", ") + ")"
	}
	var plans strings.Builder
	for range times {
		rows, err := p.conn.Query(t.Context(), execute, append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...)
		require.NoError(t, err, statement)
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			plans.WriteString(line + "\n")
		}
		require.NoError(t, rows.Err(), statement)
	}
	return plans.String()
}
