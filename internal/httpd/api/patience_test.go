package api_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/api"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// hanging is a store that answers nothing until it is let go.
type hanging struct {
	*store.Store
	gone <-chan struct{}
}

func (h hanging) Select(context.Context, ticket.Selection) ([]ticket.Ticket, error) {
	<-h.gone
	return nil, nil
}

// unknowing looks tokens up in a store that answers nothing.
type unknowing struct {
	account.Tokens
	gone <-chan struct{}
}

func (u unknowing) Find(context.Context, []byte) (account.Token, error) {
	<-u.gone
	return account.Token{}, nil
}

// late says that an answer came in time, and what it says.
func late(t *testing.T, answer reply) {
	t.Helper()
	assert.Equal(t, 503, answer.status, "%s", answer.text)
	assert.Equal(t, "unavailable", answer.problem().Code)
	assert.Equal(t, "1", answer.header.Get("Retry-After"))
}

func TestWhatHangsIsAnsweredInTime(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	defer close(gone)
	for asked, hang := range map[string]func(w *world){
		tickets:      func(w *world) { w.rest.Store = hanging{w.store, gone} },
		"/api/v1/me": func(w *world) { w.rest.Tokens = unknowing{w.store.Tokens(), gone} },
	} {
		w := newWorld(t) // of its own: what hangs goes on looking at it
		token := w.all()
		hang(w)
		w.rest.Patience = time.Millisecond
		late(t, w.ask(token, "GET", asked, nil))
		assert.Contains(t, w.log.String(), "took too long")
	}
}

// A writer that is busy does nothing later of what was given up.
func TestWhatWasGivenUpIsNotDoneLater(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		token := w.all()
		before := w.opens(token, object{"vin": vinNumber(1)})
		w.rest.Patience = 50 * time.Millisecond
		held, free, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- w.store.Do(t.Context(), func(context.Context, ticket.Tx) error { close(held); <-free; return nil })
		}()
		<-held
		late(t, w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "k"))
		late(t, w.ask(token, "POST", path(before, "take"), nil))
		late(t, w.uploads(token, before, "%PDF-"))
		close(free)
		require.NoError(t, <-ended)
		w.rest.Patience = time.Minute
		var page api.TicketPage
		w.ask(token, "GET", tickets, nil).into(&page)
		require.Len(t, page.Items, 1)
		assert.Equal(t, "new", page.Items[0].Status)
		assert.Empty(t, w.kept())
		assert.Equal(t, 201, w.ask(token, "POST", tickets, object{"vin": honda}, "Idempotency-Key", "k").status, "the same request, again")
	})
}
