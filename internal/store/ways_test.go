package store_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// counted counts the ways to a PostgreSQL, and back.
type counted struct {
	asked

	ways atomic.Int64
}

// TraceQueryStart is called before a statement is sent.
func (c *counted) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.ways.Add(1)
	return ctx
}

// TraceBatchStart is called before several are.
func (c *counted) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.ways.Add(1)
	return ctx
}

// TestAVINTakesFewWaysToPostgres has twenty owners served, whose updates, and what is
// sent for them, share transactions.
func TestAVINTakesFewWaysToPostgres(t *testing.T) {
	t.Parallel()
	const owners = 20
	ways := &counted{}
	f := openOn(t, store.Traced(pgtest.Database(t), ways))
	var units []func() error
	for id := range int64(owners + 1) {
		_, err := f.Inbox(1).Append(t.Context(), raws(id+1))
		require.NoError(t, err)
		c := caller{id: id + 1, name: "Owner", language: "ru", vins: []string{vinA}}
		units = append(units, func() error {
			return f.Inbox(1).Consume(t.Context(), c.id, c.id, func(ctx context.Context) error { return c.handled(ctx, f) })
		})
	}
	require.NoError(t, units[owners]()) // from it the writer knows what is asked of owners
	f.announced()
	units = units[:owners]
	before := ways.ways.Load()
	assert.Equal(t, make([]error, owners), f.together(t, units...))
	assert.Less(t, ways.ways.Load()-before, int64(5), "few for all")

	heads := f.announced()
	require.Len(t, heads, 2*owners)
	units = nil
	for _, h := range heads {
		job := f.claim(t, h.ID)
		units = append(units, func() error {
			return f.Outbox().Finish(t.Context(), job, func(ctx context.Context) error {
				if job.Kind != string(ticket.EffectCardPost) {
					return nil
				}
				return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
					_, err := tx.PostCard(ctx, ticket.Card{TicketID: job.TicketID, Kind: ticket.CardMain, Place: ticket.Place{Chat: -1, Message: int(job.ID)}})
					return err
				})
			})
		})
	}
	before = ways.ways.Load()
	assert.Equal(t, make([]error, len(heads)), f.together(t, units...))
	assert.Less(t, ways.ways.Load()-before, int64(5), "few for all")
}
