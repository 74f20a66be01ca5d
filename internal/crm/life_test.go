package crm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/crm/crmtest"
	"vinbot/internal/ticket"
)

func TestATicketIsADealThatMovesWithIt(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		stage := func(status string) string {
			_, after, _ := strings.Cut(w.stages, status+"=")
			s, _, _ := strings.Cut(after, ",")
			return s
		}
		w.knows(owner)
		k := w.opens(owner, vinA)
		w.passes(time.Minute)
		contact := w.sim.Contacts()
		require.Len(w, contact, 1)
		assert.Equal(w, crmtest.Contact{ID: contact[0].ID, Telegram: "777", Name: "Лариска", Username: "@lariska"}, contact[0])
		deal := w.deal()
		assert.Equal(w, crmtest.Deal{
			ID: deal.ID, Title: vinA + " · №1", Stage: stage("new"), VIN: vinA, Car: "Honda, США", Priority: "обычный",
			Key: "vinbot-42-1", Ticket: "https://vin.example.com/tickets/1", Contacts: []int64{contact[0].ID},
		}, deal)

		w.takes(k.ID)
		w.passes(time.Minute)
		deal = w.deal()
		assert.Equal(w, stage("taken"), deal.Stage)
		require.Len(w, deal.Comments, 1)
		assert.Equal(w, "01.01.2000 00:01 — в работе: Чебурашка\n(vinbot 2)", deal.Comments[0])

		_, _, err := w.tickets.Prioritize(w.Context(), k.ID, ticket.Urgent, ticket.Actor{ID: manager})
		require.NoError(w, err)
		w.delivers(k.ID)
		w.passes(time.Minute)
		deal = w.deal()
		assert.Equal(w, stage("done"), deal.Stage)
		assert.Equal(w, "срочный", deal.Priority)
		assert.Equal(w, "https://vin.example.com/tickets/1#report", deal.Report)
		assert.Equal(w, []int64{contact[0].ID}, deal.Contacts)
		told := strings.Join(deal.Comments, "\n")
		for i, want := range []string{"в работе", "приоритет: срочный", "отчёт принят", "отчёт доставлен"} {
			assert.Contains(w, told, want)
			if i > 0 {
				_, told, _ = strings.Cut(told, want)
			}
		}
		assert.Zero(w, w.waiting())
	})
}

func TestAnOwnerIsOneContact(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.sim.Meet(owner, "Лариса Ивановна, звонить после 18")
		w.knows(owner)
		w.opens(owner, vinA)
		w.opens(owner, vinB)
		w.passes(time.Minute)
		w.opens(owner, strings.Replace(vinA, "4352", "4353", 1))
		w.passes(time.Minute)
		require.Len(w, w.sim.Contacts(), 1)
		assert.Equal(w, "Лариса Ивановна, звонить после 18", w.sim.Contacts()[0].Name, "one that is found keeps its name")
		deals := w.sim.Deals()
		require.Len(w, deals, 3)
		for _, d := range deals {
			assert.Equal(w, []int64{w.sim.Contacts()[0].ID}, d.Contacts)
		}
		w.sim.DeleteContacts()
		w.opens(owner, strings.Replace(vinA, "4352", "4354", 1))
		w.passes(time.Minute)
		require.Len(w, w.sim.Contacts(), 1, "one that people deleted is made anew for the next deal")
		assert.Equal(w, []int64{w.sim.Contacts()[0].ID}, w.sim.Deals()[3].Contacts)
	})
}

func TestATicketThatNobodyOwnsHasNoContact(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.opens(0, vinA)
		w.passes(time.Minute)
		assert.Empty(w, w.sim.Contacts())
		assert.Empty(w, w.deal().Contacts)
	})
}

func TestEachTicketIsToldInItsOrder(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		all := w.opensMany(10)
		for _, k := range all {
			w.takes(k.ID)
			w.passes(100 * time.Millisecond) // the CRM is behind
			w.delivers(k.ID)
			w.moves(k.ID, ticket.New, ticket.Event{Kind: ticket.EventReopened})
			w.takes(k.ID)
		}
		w.passes(5 * time.Minute)
		deals := w.sim.Deals()
		require.Len(w, deals, len(all))
		for _, d := range deals {
			told := strings.Join(d.Comments, "\n")
			var said []string
			for line := range strings.Lines(told) {
				if _, what, ok := strings.Cut(strings.TrimSpace(line), " — "); ok {
					said = append(said, what)
				}
			}
			assert.Equal(w, []string{
				"в работе: Чебурашка", "отчёт принят, отправляется владельцу", "отчёт доставлен", "открыта снова", "в работе: Чебурашка",
			}, said, d.Title)
			assert.True(w, strings.HasSuffix(d.Stage, "EXECUTING") || d.Stage == "31/2", d.Stage)
		}
	})
}

func TestWhatPeopleDoInTheCRMChangesNoTicketAndIsLeftAlone(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		k := w.opens(owner, vinA)
		w.passes(time.Minute)
		w.sim.DeleteDeals()
		w.takes(k.ID)
		w.passes(time.Minute)
		w.delivers(k.ID)
		w.passes(time.Hour)
		assert.Empty(w, w.sim.Deals(), "a deal that people deleted stays so")
		assert.Zero(w, w.waiting())
		found := w.syncs()
		assert.Equal(w, 1, found.Queued)
		w.passes(time.Minute)
		deal := w.deal()
		assert.NotEmpty(w, deal.Report)
		assert.Len(w, deal.Comments, 1, "the whole story, in one comment")
		assert.Equal(w, ticket.Done, w.ticket(k.ID).Status)
	})
}

func TestWhatHappenedBeforeThereWasACRMIsFilledBySync(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.ends()
		w.without = true
		w.begins()
		old := w.opens(owner, vinB)
		w.passes(24 * time.Hour)
		since := time.Now()
		w.opensMany(3)
		w.takes(2)
		w.passes(time.Minute)
		w.ends()
		// The account becomes another: what was known of the first is nothing here.
		_, err := openState(w)
		require.NoError(w, err)
		w.without = false
		w.begins()
		w.passes(time.Minute)
		assert.Empty(w, w.sim.Deals(), "the past is not brought over by itself")
		found := w.syncsSince(since)
		assert.Equal(w, 3, found.Tickets)
		assert.Equal(w, 3, found.Queued)
		found = w.syncsSince(since)
		assert.Equal(w, fmt.Sprint(3, 0, 0, 3), fmt.Sprint(found.Tickets, found.Whole, found.Queued, found.Waiting), "what waits is not queued twice")
		w.passes(time.Minute)
		require.Len(w, w.sim.Deals(), 3)
		found = w.syncsSince(since)
		assert.Equal(w, fmt.Sprint(3, 3, 0, 0), fmt.Sprint(found.Tickets, found.Whole, found.Queued, found.Waiting))
		assert.Len(w, w.sim.Deals()[0].Comments, 1)
		assert.NotContains(w, fmt.Sprint(w.sim.Deals()), vinB)
		assert.Equal(w, ticket.New, w.ticket(old.ID).Status)
	})
}
