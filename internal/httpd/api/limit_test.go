package api_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
)

func TestACallerIsToldWhatIsLeftAndThenToWait(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		token, other := w.tokenOf(45), w.tokenOf(45)
		w.later(20 * time.Second)
		for i := range 45 {
			answer := w.ask(token, "GET", "/api/v1/me", nil)
			require.Equal(t, 200, answer.status, "request %d", i+1)
			assert.Equal(t, "45", answer.header.Get("RateLimit-Limit"))
			assert.Equal(t, strconv.Itoa(44-i), answer.header.Get("RateLimit-Remaining"))
			assert.Equal(t, "40", answer.header.Get("RateLimit-Reset"))
		}
		answer := w.ask(token, "GET", "/api/v1/me", nil)
		assert.Equal(t, 429, answer.status)
		assert.Equal(t, "40", answer.header.Get("Retry-After"))
		assert.Equal(t, "limited", answer.problem().Code)
		assert.Equal(t, "0", answer.header.Get("RateLimit-Remaining"))
		assert.Equal(t, 200, w.ask(other, "GET", "/api/v1/me", nil).status, "each has their own")
		w.later(40 * time.Second)
		assert.Equal(t, 200, w.ask(token, "GET", "/api/v1/me", nil).status)
		list, err := w.store.Tokens().List(t.Context())
		require.NoError(t, err)
		assert.Equal(t, w.now(), list[0].LastUsedAt, "that it is used is noted")
	})
}

func TestProcessesShareALimit(t *testing.T) {
	t.Parallel()
	database := store.Postgres(pgtest.Database(t))
	one, other := worldOn(t, database), worldOn(t, database)
	token := one.tokenOf(100)
	passed := 0
	for range 100 {
		for _, w := range []*world{one, other} {
			if w.ask(token, "GET", "/api/v1/me", nil).status == 200 {
				passed++
			}
		}
	}
	assert.Equal(t, 100, passed)
}

func TestWhatTheAPINeedNotKnowAnyMoreIsSweptAway(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		token := w.all()
		anna := w.owner(7, true)
		require.Equal(t, 201, w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "k").status)
		require.NoError(t, w.store.SweepAPI(t.Context(), w.now()))
		assert.Equal(t, "true", w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "k").header.Get("Idempotent-Replayed"))
		assert.Equal(t, 200, w.ask(anna, "GET", "/api/v1/me", nil).status)
		require.NoError(t, w.store.SweepAPI(t.Context(), w.now().Add(25*time.Hour)))
		assert.Empty(t, w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "k").header.Get("Idempotent-Replayed"))
		assert.Equal(t, 401, w.ask(anna, "GET", "/api/v1/me", nil).status)
	})
}
