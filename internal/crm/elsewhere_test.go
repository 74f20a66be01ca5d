package crm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/crm/crmtest"
	"vinbot/internal/ticket"
)

// TestADealInAnotherPipelineKeepsItsStage: whoever moved it there meant it. All
// else goes on, comments say so, and the admins are told once.
func TestADealInAnotherPipelineKeepsItsStage(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		sim, ok := w.sim.(*crmtest.Bitrix24)
		if !ok { // amoCRM's stages name their pipeline, and a lead moves to that
			return
		}
		all := w.opensMany(2)
		w.passes(time.Minute)
		for _, d := range sim.Deals() {
			sim.MoveDeal(d.ID, 7, "C7:NEW")
		}
		w.takes(all[0].ID)
		w.passes(time.Minute)
		deal := sim.Deals()[0]
		assert.Equal(w, "C7:NEW", deal.Stage)
		require.Len(w, deal.Comments, 1)
		assert.Contains(w, deal.Comments[0], "в работе: Чебурашка\nСтадия сделки не менялась: она в другой воронке.\n(vinbot ")
		told := w.says(admin, ticket.TextCRMElsewhere)
		require.Len(w, told, 1)
		assert.Equal(w, all[0].ID, told[0].Ticket)
		assert.Contains(w, told[0].Name, "bitrix24 example.bitrix24.ru")

		w.takes(all[1].ID)
		w.delivers(all[0].ID)
		w.passes(time.Minute)
		deals := sim.Deals()
		assert.Equal(w, "C7:NEW", deals[1].Stage)
		assert.NotEmpty(w, deals[0].Report, "its fields go on")
		assert.Empty(w, w.says(admin, ticket.TextCRMElsewhere), "it was said today")
		assert.Zero(w, w.waiting(), "nothing is tried again")
		assert.Zero(w, w.results()["invalid"])

		sim.MoveDeal(deals[1].ID, 0, "NEW") // back
		w.delivers(all[1].ID)
		w.passes(time.Minute)
		back := sim.Deals()[1]
		assert.Equal(w, "WON", back.Stage)
		assert.NotContains(w, back.Comments[len(back.Comments)-1], "воронке")

		w.passes(25 * time.Hour)
		sim.MoveDeal(back.ID, 7, "C7:NEW")
		w.moves(all[1].ID, ticket.New, ticket.Event{Kind: ticket.EventReopened})
		w.passes(time.Minute)
		assert.Len(w, w.says(admin, ticket.TextCRMElsewhere), 1, "another day")
	})
}

// TestADealInAnotherPipelineIsCleanedThere.
func TestADealInAnotherPipelineIsCleanedThere(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		sim, ok := w.sim.(*crmtest.Bitrix24)
		if !ok {
			return
		}
		w.knows(owner)
		w.opens(owner, vinA)
		w.passes(time.Minute)
		sim.MoveDeal(w.deal().ID, 7, "C7:NEW")
		forgetting := ticket.NewForgetting(w.tickets, w.store, w.store.Erasures())
		require.NoError(w, forgetting.Confirm(w.Context(), ticket.Erasure{Owner: owner, Language: "ru"}))
		done, err := forgetting.Forget(w.Context(), 1)
		require.NoError(w, err)
		require.True(w, done)
		w.passes(time.Minute)
		deal := w.deal()
		assert.Equal(w, "Данные удалены · №1", deal.Title)
		assert.Equal(w, "C7:NEW", deal.Stage)
		assert.Empty(w, deal.Contacts)
		assert.Zero(w, w.waiting())
	})
}
