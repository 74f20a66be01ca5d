package api_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd/api"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// onEach runs a test on each database.
func onEach(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, worldOn(t, store.Postgres(pgtest.Database(t))))
	})
}

func TestARequestThatComesAgainIsCarriedOutOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		token := w.all()
		open := func(body object) reply {
			return w.ask(token, "POST", tickets, body, "Idempotency-Key", "order-1")
		}
		first, again := open(object{"vin": honda}), open(object{"vin": honda})
		require.Equal(t, 201, first.status, "%s", first.text)
		assert.Equal(t, 201, again.status)
		assert.Equal(t, string(first.text), string(again.text))
		assert.Equal(t, first.header.Get("ETag"), again.header.Get("ETag"))
		assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
		other := open(object{"vin": vinNumber(1)})
		assert.Equal(t, 422, other.status, "another body")
		assert.Equal(t, 201, w.ask(w.all(), "POST", tickets, object{"vin": honda}, "Idempotency-Key", "order-1").status, "another's key")

		refused := func() reply {
			return w.ask(token, "POST", path(api.Ticket{ID: 77}, "take"), nil, "Idempotency-Key", "order-2")
		}
		assert.Equal(t, 404, refused().status)
		assert.Equal(t, "true", refused().header.Get("Idempotent-Replayed"), "that it was refused is an answer, too")
		for _, key := range []string{"a b", strings.Repeat("x", 256), "ключ"} {
			assert.Equal(t, 422, w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", key).status)
		}
		w.later(24 * time.Hour)
		assert.Equal(t, 201, open(object{"vin": vinNumber(1)}).status, "a day later the key is free")
		var page api.TicketPage
		w.ask(token, "GET", tickets, nil).into(&page)
		assert.Len(t, page.Items, 3)
	})
}

func TestOfRequestsWithOneNameThatComeAtOnceOneIsCarriedOut(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		token := w.all()
		answers := make([]reply, 16)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				answers[i] = w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "at-once")
			})
		}
		all.Wait()
		for _, answer := range answers {
			assert.Equal(t, 201, answer.status)
			assert.Equal(t, string(answers[0].text), string(answer.text))
		}
		var page api.TicketPage
		w.ask(token, "GET", tickets, nil).into(&page)
		assert.Len(t, page.Items, 1)
	})
}

// Whoever has the answer the others give it, whichever process was asked.
func TestOfRequestsWithOneNameToTwoProcessesOneIsCarriedOut(t *testing.T) {
	t.Parallel()
	database := store.Postgres(pgtest.Database(t))
	processes := []*world{worldOn(t, database), worldOn(t, database)}
	token := processes[0].all()
	const rounds, each = 8, 6
	for round := range rounds {
		answers := make([]reply, each)
		begin := make(chan struct{})
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				<-begin
				answers[i] = processes[i%2].ask(token, "POST", tickets, object{"vin": vinNumber(round)}, "Idempotency-Key", strconv.Itoa(round))
			})
		}
		close(begin)
		all.Wait()
		first := 0
		for _, answer := range answers {
			assert.Equal(t, 201, answer.status, "%s", answer.text)
			assert.Equal(t, string(answers[0].text), string(answer.text))
			assert.Equal(t, answers[0].header.Get("Location"), answer.header.Get("Location"))
			if answer.header.Get("Idempotent-Replayed") == "" {
				first++
			}
		}
		assert.Equal(t, 1, first, "one was carried out")
	}
	var page api.TicketPage
	processes[1].ask(token, "GET", tickets, nil).into(&page)
	assert.Len(t, page.Items, rounds)
	for _, item := range page.Items {
		var history api.EventList
		processes[0].ask(token, "GET", path(item, "events"), nil).into(&history)
		assert.Len(t, history.Items, 1, "nothing happened to it twice")
	}
}

func TestAnswersAboutATicketAreErasedWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	require.Equal(t, 201, w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "k").status)
	require.Equal(t, 200, w.ask(token, "POST", path(api.Ticket{ID: 1}, "cancel"), nil).status)
	err := w.tickets.Erase(t.Context(), 1, ticket.Actor{})
	require.NoError(t, err)
	answer := w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "k")
	assert.Equal(t, 201, answer.status)
	assert.Empty(t, answer.header.Get("Idempotent-Replayed"))
}

func TestARefusalForAWhileIsNotKept(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		anna := w.owner(7, true)
		for i := range 5 {
			w.ask(anna, "POST", path(w.opens(anna, object{"vin": vinNumber(i)}), "cancel"), nil)
		}
		open := func(secret string) reply {
			return w.ask(secret, "POST", tickets, object{"vin": vinNumber(9)}, "Idempotency-Key", "k")
		}
		refused := open(anna)
		assert.Equal(t, 429, refused.status)
		assert.Equal(t, "3600", refused.header.Get("Retry-After"))
		w.later(61 * time.Minute)
		assert.Equal(t, 201, open(w.owner(7, true)).status, "the same request, later")
	})
}

func TestAnswersAboutATicketAreForgottenWhenItIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.owner(7, true)
	open := func() (k api.Ticket) {
		w.ask(anna, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "k").into(&k)
		return k
	}
	first := open()
	require.Equal(t, 200, w.ask(w.all(), "DELETE", path(first), nil).status)
	assert.NotEqual(t, first.ID, open().ID)
}

func TestWhatACallerKnowsIsPartOfTheirRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	take := func(known string) int {
		return w.ask(token, "POST", path(k, "take"), nil, "Idempotency-Key", "k", "If-Match", known).status
	}
	assert.Equal(t, 412, take(`"7"`))
	assert.Equal(t, 412, take(`"7"`))
	assert.Equal(t, 422, take(`"1"`), "another request of the same name")
}
