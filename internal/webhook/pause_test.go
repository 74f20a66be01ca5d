package webhook_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

func TestAReceiverThatAsksForAPauseHasIt(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, _ := w.receiver("busy.example", answers(http.StatusTooManyRequests))
		r.header.Set("Retry-After", "600")
		w.opens(1, vinA)
		w.passes(time.Second)
		require.Len(w, r.messages(), 1)
		w.opens(2, vinA)
		w.passes(9 * time.Minute)
		assert.Len(w, r.messages(), 1, "nothing else goes there meanwhile")
		r.changes(well)
		w.passes(2 * time.Minute)
		assert.Len(w, r.messages(), 3)
	})
}

func TestAPauseOutlivesARestart(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("busy.example", answers(http.StatusTooManyRequests))
		r.header.Set("Retry-After", "600")
		w.opens(1, vinA)
		w.passes(time.Second)
		require.Len(w, r.messages(), 1)
		w.ends()
		w.begins()
		w.opens(2, vinA)
		w.opens(3, vinB)
		w.passes(9 * time.Minute)
		assert.Len(w, r.messages(), 1, "it asked for ten minutes")
		for _, d := range w.deliveries(e) {
			assert.LessOrEqual(w, d.Failures, 1, "a pause is no failure")
		}
		r.changes(well)
		w.passes(2 * time.Minute)
		assert.Len(w, r.messages(), 4)
	})
}

func TestAShortPauseHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("busy.example", answers(http.StatusServiceUnavailable))
		r.header.Set("Retry-After", "1")
		a := w.opens(1, vinA)
		w.passes(2 * time.Hour) // its next try is most of an hour away
		tries := len(r.messages())
		r.changes(well)
		b := w.opens(2, vinB)
		w.passes(2 * time.Second)
		require.Len(w, r.messages(), tries+1, "it asked for a second, not for hours")
		assert.Equal(w, b.ID, r.messages()[tries].ticket())
		assert.Equal(w, webhook.Waiting, w.deliveries(e)[0].State, "the other still waits as long as it would")
		w.passes(2 * time.Hour)
		require.Len(w, r.messages(), tries+2)
		assert.Equal(w, a.ID, r.messages()[tries+1].ticket())
	})
}

func TestAPauseMayBeNamedByADate(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, _ := w.receiver("busy.example", answers(http.StatusServiceUnavailable))
		r.header.Set("Retry-After", time.Now().Add(10*time.Minute).UTC().Format(http.TimeFormat))
		w.opens(1, vinA)
		w.passes(time.Second)
		w.opens(2, vinB)
		r.changes(well)
		w.passes(9 * time.Minute)
		assert.Len(w, r.messages(), 1)
		w.passes(2 * time.Minute)
		assert.Len(w, r.messages(), 3)
	})
}

func TestATestIsSentWhateverAnEndpointAsksFor(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("one.example", well, webhook.RatingGiven)
		d, err := w.service.Try(ticket.WithRequestID(w.Context(), "r9"), e.ID)
		require.NoError(w, err)
		w.passes(time.Second)
		require.Len(w, r.messages(), 1)
		assert.Equal(w, d.MessageID, r.messages()[0].id)
		assert.Equal(w, "webhook.test", r.messages()[0].kind)
		assert.Equal(w, map[string]any{"webhook_id": float64(e.ID)}, r.messages()[0].body["data"])
		got, tries, err := w.service.Delivery(w.Context(), e.ID, d.ID)
		require.NoError(w, err)
		assert.Equal(w, webhook.Done, got.State)
		assert.Len(w, tries, 1)
	})
}
