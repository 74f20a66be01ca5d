package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd/api"
	"vinbot/internal/ticket"
)

func TestAnOwnerHasThemselvesForgotten(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		anna, again, olga := w.owner(7, false), w.owner(7, false), w.owner(8, false)
		mine, others := w.opens(anna, object{"vin": honda}), w.opens(olga, object{"vin": honda})
		for range 2 { // once is twice
			require.Equal(t, 202, w.ask(anna, "DELETE", "/api/v1/me", nil).status)
		}
		waiting, err := w.store.Outbox().Waiting(t.Context(), 0, 100)
		require.NoError(t, err)
		var wishes []int64
		for _, h := range waiting {
			if h.Kind == string(ticket.EffectForget) {
				wishes = append(wishes, h.ID)
			}
		}
		require.Len(t, wishes, 1)
		jobs, err := w.store.Outbox().Claim(t.Context(), wishes, time.Minute)
		require.NoError(t, err)
		var ref ticket.ErasureRef
		require.NoError(t, json.Unmarshal(jobs[0].Payload, &ref))
		done, err := ticket.NewForgetting(w.tickets, w.store, w.store.Erasures()).Forget(t.Context(), ref.Erasure)
		require.NoError(t, err)
		require.True(t, done)

		for _, session := range []string{anna, again} {
			assert.Equal(t, 401, w.ask(session, "GET", "/api/v1/me", nil).status, "every session has ended")
		}
		var k api.Ticket
		w.ask(w.all(), "GET", path(mine), nil).into(&k)
		assert.Equal(t, "cancelled", k.Status)
		assert.Empty(t, k.VIN)
		assert.Zero(t, k.OwnerID)
		assert.Equal(t, 200, w.ask(olga, "GET", path(others), nil).status)
		var page api.TicketPage
		w.ask(w.owner(7, false), "GET", tickets, nil).into(&page)
		assert.Empty(t, page.Items, "who comes back is somebody new")
	})
}
