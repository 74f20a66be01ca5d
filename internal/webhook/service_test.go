package webhook_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

// may lets every change through.
func may(webhook.Endpoint) error { return nil }

func TestASecretIsRotatedWhileBothWork(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("one.example", well)
		first := e.Secret
		e, err := w.service.Rotate(w.Context(), e.ID, may)
		require.NoError(w, err)
		assert.NotEqual(w, first, e.Secret)
		assert.Equal(w, first, e.OldSecret)
		w.opens(1, vinA)
		w.passes(time.Second)
		require.Len(w, r.messages(), 1, "the receiver knows the first secret, and takes it")
		r.learns(e.Secret)
		w.passes(25 * time.Hour)
		w.opens(2, vinA)
		w.passes(time.Second)
		require.Len(w, r.messages(), 2)

		second := e.Secret
		e, err = w.service.Rotate(w.Context(), e.ID, may)
		require.NoError(w, err)
		assert.Equal(w, second, e.OldSecret, "two at most")
	})
}

func TestWhatIsSwitchedOffIsToldNothingThen(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("one.example", answers(500))
		w.opens(1, vinA)
		w.passes(time.Second)
		turns := func(on bool) webhook.Endpoint {
			e, err := w.service.Change(w.Context(), e.ID, func(_ webhook.Endpoint, d *webhook.Draft) error {
				d.Active = on
				return nil
			})
			require.NoError(w, err)
			return e
		}
		e = turns(false)
		assert.Empty(w, e.Stopped, "a person did")
		_, err := w.service.Try(w.Context(), e.ID)
		assert.Equal(w, ticket.CodeConflict, ticket.CodeOf(err))
		d := w.deliveries(e)[0]
		assert.Equal(w, webhook.Dead, d.State)
		_, err = w.service.Redeliver(w.Context(), e.ID, d.ID)
		assert.Equal(w, ticket.CodeConflict, ticket.CodeOf(err))
		w.opens(2, vinA)
		w.passes(time.Hour)
		assert.Len(w, r.messages(), 1)
		r.changes(well)
		e = turns(true)
		assert.True(w, e.FailingSince.IsZero())
		w.passes(time.Hour)
		assert.Len(w, r.messages(), 1)
		_, err = w.service.Redeliver(w.Context(), e.ID, d.ID)
		require.NoError(w, err)
		w.opens(3, vinA)
		w.passes(time.Second)
		assert.Len(w, r.messages(), 3)
	})
}

func TestWhatIsNoEndpointIsRefused(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		good := webhook.Draft{URL: "https://example.com", Description: " \tСклад\n", Events: []webhook.Type{webhook.RatingGiven, webhook.TicketDone, webhook.RatingGiven}}
		e, err := w.service.Create(w.Context(), good)
		require.NoError(w, err)
		assert.Equal(w, "Склад", e.Description)
		assert.Equal(w, []webhook.Type{webhook.TicketDone, webhook.RatingGiven}, e.Events)
		assert.False(w, e.Active)
		for name, spoil := range map[string]func(d *webhook.Draft){
			"url":         func(d *webhook.Draft) { d.URL = "https://127.0.0.1" },
			"description": func(d *webhook.Draft) { d.Description = strings.Repeat("ы", 201) },
			"events":      func(d *webhook.Draft) { d.Events = []webhook.Type{"ticket.exploded"} },
		} {
			d := good
			spoil(&d)
			_, err := w.service.Create(w.Context(), d)
			assert.Equal(w, ticket.CodeInvalid, ticket.CodeOf(err), name)
			assert.ErrorContains(w, err, name+": ")
			_, err = w.service.Change(w.Context(), e.ID, func(_ webhook.Endpoint, d *webhook.Draft) error { spoil(d); return nil })
			assert.Equal(w, ticket.CodeInvalid, ticket.CodeOf(err), name)
		}
		for range 49 {
			_, err = w.service.Create(w.Context(), good)
			require.NoError(w, err)
		}
		_, err = w.service.Create(w.Context(), good)
		assert.Equal(w, ticket.CodeConflict, ticket.CodeOf(err))
		all, err := w.service.List(w.Context())
		require.NoError(w, err)
		assert.Len(w, all, 50)
		require.NoError(w, w.service.Delete(w.Context(), e.ID, may))
		_, err = w.service.Read(w.Context(), e.ID)
		assert.True(w, ticket.IsNotFound(err))
	})
}

func TestAChangeThatIsNotAllowedChangesNothing(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		_, e := w.receiver("one.example", well)
		never := func(webhook.Endpoint) error { return ticket.NewError(ticket.CodeForbidden, "no", nil) }
		_, err := w.service.Rotate(w.Context(), e.ID, never)
		assert.Equal(w, ticket.CodeForbidden, ticket.CodeOf(err))
		assert.Equal(w, ticket.CodeForbidden, ticket.CodeOf(w.service.Delete(w.Context(), e.ID, never)))
		_, err = w.service.Change(w.Context(), e.ID, func(e webhook.Endpoint, _ *webhook.Draft) error { return never(e) })
		assert.Equal(w, ticket.CodeForbidden, ticket.CodeOf(err))
		got, err := w.service.Read(w.Context(), e.ID)
		require.NoError(w, err)
		assert.Equal(w, e, got)
	})
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		_, one := w.receiver("one.example", well)
		_, other := w.receiver("other.example", well)
		d, err := w.service.Try(w.Context(), one.ID)
		require.NoError(w, err)
		w.passes(time.Second)
		asked := map[string]error{}
		_, asked["read"] = w.service.Read(w.Context(), 99)
		_, asked["change"] = w.service.Change(w.Context(), 99, func(webhook.Endpoint, *webhook.Draft) error { return nil })
		_, asked["rotate"] = w.service.Rotate(w.Context(), 99, may)
		asked["delete"] = w.service.Delete(w.Context(), 99, may)
		_, asked["test"] = w.service.Try(w.Context(), 99)
		_, asked["deliveries"] = w.service.Deliveries(w.Context(), 99, webhook.Page{})
		_, _, asked["delivery"] = w.service.Delivery(w.Context(), one.ID, 99)
		_, _, asked["another's delivery"] = w.service.Delivery(w.Context(), other.ID, d.ID)
		_, asked["redeliver"] = w.service.Redeliver(w.Context(), one.ID, 99)
		_, asked["redeliver another's"] = w.service.Redeliver(w.Context(), other.ID, d.ID)
		for name, err := range asked {
			assert.True(w, ticket.IsNotFound(err), "%s: %v", name, err)
		}
	})
}

// TestWhatMessagesSay shows whole messages, as docs/webhooks.md tells them.
func TestWhatMessagesSay(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, _ := w.receiver("one.example", well)
		require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, _ ticket.Tx) error { // so that no message goes meanwhile
			k, _, err := w.tickets.Open(ticket.WithRequestID(ctx, "r-open"), ticket.Opening{Owner: 1000, VIN: vinA})
			if err == nil {
				_, _, err = w.tickets.Take(ctx, k.ID, ticket.Actor{ID: manager, Name: "Чебурашка"})
			}
			if err != nil {
				return err
			}
			_, _, err = w.tickets.Reject(ctx, k.ID, ticket.Rejection{Reason: ticket.RejectNoData}, ticket.Actor{ID: manager})
			return err
		}))
		w.passes(time.Second)
		all := r.messages()
		require.Len(w, all, 3)
		said := func(i int) string {
			text, err := json.Marshal(all[i].body)
			require.NoError(w, err)
			return string(text)
		}
		at := `"2000-01-01T00:00:00Z"` // when time begins in a bubble
		shown := `"ticket":{"id":1,"vin":"` + vinA + `","status":"rejected","priority":"normal","owner_id":1000,"fetched":false,"confirmed":false,
			"assignee":{"id":300,"name":"Чебурашка"},"rejection":{"reason":"no_data"},"late":false,"version":3,"opened_at":` + at + `,"taken_at":` + at + `,"closed_at":` + at + `}`
		assert.JSONEq(w, `{"type":"ticket.created","timestamp":`+at+`,"data":{"event":{"id":1,"from":"","to":"new"},`+shown+`}}`, said(0),
			"the ticket is as it is when the message is sent")
		assert.JSONEq(w, `{"type":"ticket.taken","timestamp":`+at+`,"data":{"event":{"id":2,"from":"new","to":"taken"},`+shown+`}}`, said(1))
		assert.JSONEq(w, `{"type":"ticket.rejected","timestamp":`+at+`,"data":{"event":{"id":3,"from":"taken","to":"rejected","reason":"no_data"},`+shown+`}}`, said(2))
	})
}

func TestAnErasedTicketIsToldWithoutItsVIN(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, _ := w.receiver("one.example", answers(500), webhook.TicketCreated)
		k := w.opens(1000, vinA)
		w.passes(time.Second)
		w.erases(k.ID)
		r.changes(well)
		w.passes(time.Minute)
		all := r.messages()
		last, err := json.Marshal(all[len(all)-1].body)
		require.NoError(w, err)
		assert.False(w, strings.Contains(string(last), vinA) || strings.Contains(string(last), "1000"), string(last))
		assert.Equal(w, k.ID, all[len(all)-1].ticket())
	})
}

func TestWhatWasGivenUpWithinATimeIsSentAgain(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("one.example", answers(500))
		_, err := w.service.Try(w.Context(), e.ID)
		require.NoError(w, err)
		w.passes(25 * time.Hour)
		page, err := w.service.Deliveries(w.Context(), e.ID, webhook.Page{State: webhook.Dead})
		require.NoError(w, err)
		require.Len(w, page, 1)
		r.changes(well)
		n, more, err := w.service.RedeliverDead(w.Context(), e.ID, time.Now().Add(-time.Minute), time.Now())
		require.NoError(w, err)
		assert.Zero(w, n, "of another time")
		assert.False(w, more)
		n, more, err = w.service.RedeliverDead(w.Context(), e.ID, time.Now().Add(-26*time.Hour), time.Now())
		require.NoError(w, err)
		assert.Equal(w, 1, n)
		assert.False(w, more)
		w.passes(time.Second)
		last, err := w.service.Succeeded(w.Context())
		require.NoError(w, err)
		assert.Contains(w, last, e.ID)
		waiting, err := w.service.Backlogs(w.Context())
		require.NoError(w, err)
		assert.Empty(w, waiting)
		_, err = w.service.Change(w.Context(), e.ID, func(_ webhook.Endpoint, d *webhook.Draft) error { d.Active = false; return nil })
		require.NoError(w, err)
		_, _, err = w.service.RedeliverDead(w.Context(), e.ID, time.Time{}, time.Now())
		assert.Equal(w, ticket.CodeConflict, ticket.CodeOf(err), "one that is off")
	})
}
