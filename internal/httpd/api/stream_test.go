package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd/api"
	"vinbot/internal/ticket"
)

// reader reads a stream of events.
type reader struct {
	testing.TB
	lines *bufio.Scanner
	close func()
}

// reads opens a stream over a connection.
func (w *world) reads(server *httptest.Server, secret, last string) *reader {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/v1/events", http.NoBody)
	require.NoError(w, err)
	request.Header.Set("Authorization", "Bearer "+secret)
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	answer, err := server.Client().Do(request) //nolint:bodyclose // the reader does
	require.NoError(w, err)
	require.Equal(w, http.StatusOK, answer.StatusCode)
	require.Equal(w, "text/event-stream", answer.Header.Get("Content-Type"))
	r := &reader{TB: w.TB, lines: bufio.NewScanner(answer.Body), close: func() {
		cancel()
		_ = answer.Body.Close()
	}}
	w.Cleanup(r.close)
	require.True(w, r.lines.Scan())
	require.Equal(w, "retry: 2000", r.lines.Text())
	return r
}

// next reads the next event: its number, and its kind with the ticket's.
func (r *reader) next() (id, what string) {
	r.Helper()
	for r.lines.Scan() {
		line := r.lines.Text()
		if value, ok := strings.CutPrefix(line, "id: "); ok {
			id = value
		}
		if value, ok := strings.CutPrefix(line, "event: "); ok {
			what = value
		}
		if strings.HasPrefix(line, "data: ") {
			return id, what
		}
	}
	return "", ""
}

func TestWhatHappensIsToldAsItHappensAndNothingIsMissed(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		server := httptest.NewServer(w.web)
		defer server.Close()
		defer func() { require.NoError(t, w.rest.Stop(t.Context())) }()
		token, anna := w.all(), w.owner(7, false)
		old := w.opens(token, object{"vin": honda})
		require.Eventually(t, func() bool { // other tests write to the same server
			_, more, err := w.store.Settled(t.Context())
			return err == nil && !more
		}, time.Minute, 10*time.Millisecond)
		live := w.reads(server, token, "")
		hers := w.reads(server, anna, "")
		k := w.opens(anna, object{"vin": vinNumber(1)})
		require.Equal(t, 200, w.ask(token, "POST", path(k, "priority"), object{"priority": "high"}).status)
		require.Equal(t, 200, w.ask(token, "POST", path(k, "take"), nil).status)
		var ids []string
		for _, want := range []string{"opened", "priority", "taken"} {
			id, what := live.next()
			assert.Equal(t, want, what)
			ids = append(ids, id)
		}
		for _, want := range []string{"opened", "taken"} {
			id, what := hers.next()
			assert.Equal(t, want, what, "what managers do among themselves is not told to an owner")
			assert.Contains(t, ids, id)
		}
		live.close()
		require.Equal(t, 200, w.ask(token, "POST", path(old, "take"), nil).status)
		again := w.reads(server, token, ids[1])
		for _, want := range []string{"taken", "taken"} {
			_, what := again.next()
			assert.Equal(t, want, what)
		}
		all := w.reads(server, token, "0")
		_, what := all.next()
		assert.Equal(t, "opened", what, "from the beginning")
	})
}

func TestStreamsEndWhenTheProcessDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(w.web)
	defer server.Close()
	r := w.reads(server, w.all(), "")
	for range 2 {
		require.NoError(t, w.rest.Stop(t.Context()))
	}
	id, _ := r.next()
	assert.Empty(t, id, "the end")
}

func TestWhereAStreamBeginsIsANumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	for _, last := range []string{"x", "-1", "99999999999999999999"} {
		answer := w.ask(token, "GET", "/api/v1/events", nil, "Last-Event-ID", last)
		assert.Equal(t, 422, answer.status, last)
	}
}

func TestTheNumbersOfAPeriod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	for i := range 3 {
		k := w.opens(token, object{"vin": vinNumber(i)})
		require.Equal(t, 200, w.ask(token, "POST", path(k, "take"), nil).status)
	}
	require.Equal(t, 200, w.ask(token, "POST", path(api.Ticket{ID: 1}, "reject"), object{"reason": "no_data"}).status)
	var said api.Statistics
	w.ask(token, "GET", "/api/v1/statistics?period=week", nil).into(&said)
	assert.Equal(t, api.Numbers{Opened: 3, Taken: 3, Rejected: 1}, said.Total)
	assert.Equal(t, 2, said.OpenNow)
	assert.Len(t, said.Slots, 7)
	assert.Equal(t, 3, said.ToTake.Count)
	assert.Equal(t, said.Total, said.Priorities["normal"])
	said = api.Statistics{}
	w.ask(token, "GET", "/api/v1/statistics?manager_id=5", nil).into(&said)
	assert.Zero(t, said.Total)
	assert.Len(t, said.Slots, 24)
	assert.Equal(t, 422, w.ask(token, "GET", "/api/v1/statistics?period=year", nil).status)
}

func TestNothingUnmasksAnAdminWhoHides(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		const hidden, named = 987654, 123456
		server := httptest.NewServer(w.web)
		defer server.Close()
		defer func() { require.NoError(t, w.rest.Stop(t.Context())) }()
		token := w.all()
		w.owner(7, true)
		k, other := w.opens(token, object{"vin": honda, "owner_id": 7}), w.opens(token, object{"vin": vinNumber(1)})
		both := w.opens(token, object{"vin": vinNumber(2)})
		_, _, err := w.tickets.Take(t.Context(), k.ID, ticket.Actor{ID: hidden})
		require.NoError(t, err)
		_, _, err = w.tickets.Take(t.Context(), other.ID, ticket.Actor{ID: named, Name: "Пётр"})
		require.NoError(t, err)
		_, _, err = w.tickets.Take(t.Context(), both.ID, ticket.Actor{ID: named}) // who hides now and then
		require.NoError(t, err)

		actors := func(k api.Ticket) (said []int64) {
			var list api.EventList
			w.ask(token, "GET", path(k, "events"), nil).into(&list)
			for _, e := range list.Items {
				said = append(said, e.ActorID)
			}
			return said
		}
		assert.Equal(t, []int64{-1, 0}, actors(k))
		assert.Equal(t, []int64{-1, named}, actors(other))
		all := w.reads(server, token, "0")
		var said []int64
		for len(said) < 6 && all.lines.Scan() {
			if data, ok := strings.CutPrefix(all.lines.Text(), "data: "); ok {
				var e api.Event
				require.NoError(t, json.Unmarshal([]byte(data), &e))
				said = append(said, e.ActorID)
			}
		}
		assert.Equal(t, []int64{-1, -1, -1, 0, named, 0}, said)

		for manager, want := range map[int64]int{hidden: 0, named: 1} {
			id := strconv.FormatInt(manager, 10)
			var page api.TicketPage
			w.ask(token, "GET", tickets+"?assignee_id="+id, nil).into(&page)
			assert.Len(t, page.Items, want)
			var sum api.Statistics
			w.ask(token, "GET", "/api/v1/statistics?manager_id="+id, nil).into(&sum)
			assert.Equal(t, want, sum.Total.Taken)
			assert.Equal(t, want, sum.Total.Opened)
			assert.Equal(t, want, sum.OpenNow)
		}
	})
}

func TestNobodyTakesAllStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(w.web)
	defer server.Close()
	defer func() { require.NoError(t, w.rest.Stop(t.Context())) }()
	anna := w.owner(7, true)
	for range 5 {
		w.reads(server, anna, "")
	}
	refused := w.ask(anna, "GET", "/api/v1/events", nil)
	assert.Equal(t, 429, refused.status)
	assert.NotEmpty(t, refused.header.Get("Retry-After"))
	w.reads(server, w.owner(8, true), "")
}

func TestWhoAsksForTheHeadOfAStreamIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := w.ask(w.all(), "HEAD", "/api/v1/events", nil)
	assert.Equal(t, 200, answer.status)
	assert.Empty(t, answer.text)
}

func TestWhoKnowsWhatNeverHappenedIsToldWhatDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(w.web)
	defer server.Close()
	defer func() { require.NoError(t, w.rest.Stop(t.Context())) }()
	token := w.all()
	w.opens(token, object{"vin": honda})
	of := w.reads(server, token, "987654") // of the database before a copy was put in its place
	w.opens(token, object{"vin": vinNumber(1)})
	id, what := of.next()
	assert.Equal(t, "2", id)
	assert.Equal(t, "opened", what)
}
