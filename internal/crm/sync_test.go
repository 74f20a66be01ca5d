package crm_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/crm"
	"vinbot/internal/crm/crmtest"
)

// filled is what filling gaps found, in short.
func filled(s crm.Synced) string {
	return fmt.Sprint(s.Tickets, " tickets, ", s.Whole, " whole, ", s.Queued, " queued, ", s.Waiting, " waiting, deleted ", s.Deleted)
}

// TestSyncFindsTheDealsThatWereDeleted though nothing happened to their tickets
// since, and makes them anew; looking changes nothing.
func TestSyncFindsTheDealsThatWereDeleted(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		const tickets = 60 // more than the CRM is asked about at once
		w.opensMany(tickets)
		w.takes(59)
		w.passes(5 * time.Minute)
		deals := w.sim.Deals()
		require.Len(w, deals, tickets)
		begun := time.Unix(0, 0)
		assert.Equal(w, "60 tickets, 60 whole, 0 queued, 0 waiting, deleted []", filled(w.syncs()))
		w.sim.DeleteDeal(deals[2].ID)
		w.sim.DeleteDeal(deals[58].ID)
		found := w.looksSince(begun, true)
		require.NoError(w, found.Unasked)
		assert.Equal(w, "60 tickets, 58 whole, 2 queued, 0 waiting, deleted [3 59]", filled(found))
		w.passes(time.Minute)
		assert.Len(w, w.sim.Deals(), tickets-2, "it only looked")
		if sim, ok := w.sim.(*crmtest.AmoCRM); ok {
			sim.Filter(true) // whether the account may filter or not, the same comes of it
		}
		assert.Equal(w, "60 tickets, 58 whole, 2 queued, 0 waiting, deleted [3 59]", filled(w.syncs()))
		w.passes(time.Minute)
		all := w.sim.Deals()
		require.Len(w, all, tickets)
		assert.Equal(w, "vinbot-42-3", all[tickets-2].Key)
		assert.Equal(w, "vinbot-42-59", all[tickets-1].Key)
		assert.Len(w, all[tickets-1].Comments, 1, "with all that happened")
		assert.Len(w, w.sim.Contacts(), tickets, "and its owner is no other")
		assert.Equal(w, "60 tickets, 60 whole, 0 queued, 0 waiting, deleted []", filled(w.syncs()))
	})
}

// TestSyncTakesUpADealThatWasDeletedThoughAJobWaits: that job alone would let it be.
func TestSyncTakesUpADealThatWasDeletedThoughAJobWaits(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		k := w.opens(owner, vinA)
		w.passes(time.Minute)
		w.sim.DeleteDeals()
		w.takes(k.ID)
		w.passes(time.Minute)
		require.Empty(w, w.sim.Deals())
		require.NoError(w, w.relay.Stop(w.Context()))
		w.delivers(k.ID)
		w.passes(time.Second)
		require.Equal(w, 1, w.waiting())
		assert.Equal(w, "1 tickets, 0 whole, 1 queued, 0 waiting, deleted [1]", filled(w.syncs()))
		require.NoError(w, w.relay.Start(w.Context()))
		w.passes(time.Minute)
		assert.NotEmpty(w, w.deal().Report)
	})
}

// TestSyncFillsGapsThoughTheCRMCannotBeAsked, and says that it was not.
func TestSyncFillsGapsThoughTheCRMCannotBeAsked(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.opens(owner, vinA)
		w.passes(time.Minute)
		w.ends()
		w.without = true
		w.begins()
		w.opens(owner, vinB) // while there is no CRM
		w.passes(time.Minute)
		w.sim.Behave(always(crmtest.Down))
		found := w.looksSince(time.Unix(0, 0), false)
		f, ok := crm.AsFault(found.Unasked)
		require.True(w, ok, "%v", found.Unasked)
		assert.Equal(w, crm.Away, f.Kind)
		assert.Equal(w, "2 tickets, 1 whole, 1 queued, 0 waiting, deleted []", filled(found))

		limited := 0
		w.sim.Behave(func(string) crmtest.Mood {
			if limited++; limited < 3 {
				return crmtest.Limiting
			}
			return crmtest.Well
		})
		begun := time.Now()
		assert.Equal(w, "2 tickets, 1 whole, 0 queued, 1 waiting, deleted []", filled(w.syncs()))
		assert.GreaterOrEqual(w, time.Since(begun), 10*time.Second, "it has the pause that it wants")
	})
}
