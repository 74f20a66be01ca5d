package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// TestWhatAnotherProcessCommitsLateIsCounted has one process ask for numbers
// while another's transaction has taken ids for its events and not ended.
func TestWhatAnotherProcessCommitsLateIsCounted(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	f := openOn(t, store.Postgres(url))
	layer := stats.New(f.Stats(), time.UTC, f.clock.Now)
	opened := func() int {
		sum, err := layer.Ask(t.Context(), layer.Of(stats.Week))
		require.NoError(t, err)
		return sum.Total.Opened
	}
	open := func(owner int64) {
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			k := ticket.Ticket{VIN: vinA, Status: ticket.New, Priority: ticket.Normal, OwnerID: owner}
			require.NoError(t, tx.Insert(ctx, &k))
			return tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened})
		})
	}
	open(1)
	assert.Equal(t, 1, opened())

	other, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { assert.NoError(t, other.Close(context.WithoutCancel(t.Context()))) }()
	late, err := other.Begin(t.Context())
	require.NoError(t, err)
	at := f.clock.Now().Add(-48 * time.Hour)
	_, err = late.Exec(t.Context(), `WITH k AS (
			INSERT INTO tickets (vin, status, priority, owner_id, opened_at, request_id) VALUES ($1, 'new', 'low', 9, $2, '') RETURNING id)
		INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
		SELECT id, 'opened', '', 'new', 9, 0, '', $2, '' FROM k`, vinB, at)
	require.NoError(t, err)
	for owner := int64(2); owner < 5; owner++ {
		open(owner)
		assert.Equal(t, int(owner), opened(), "what came behind it is counted")
	}
	require.NoError(t, late.Commit(t.Context()))
	assert.Equal(t, 5, opened())
	assert.Equal(t, 5, opened())
}
