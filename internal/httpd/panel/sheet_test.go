package panel_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd/panel"
	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// endless is a source of numbers with as many tickets as a test wants.
type endless struct {
	store.Stats

	tickets int64
	before  func(page int) error // is called before each page
	pages   int
}

func (e *endless) Lines(_ context.Context, after stats.Place, _ time.Time, limit int) ([]stats.Line, error) {
	e.pages++
	if err := e.before(e.pages); err != nil {
		return nil, err
	}
	page := make([]stats.Line, min(int64(limit), e.tickets-after.ID))
	for i := range page {
		page[i] = stats.Line{Stars: 5, Ticket: ticket.Ticket{
			ID: after.ID + int64(i) + 1, VIN: honda, Status: ticket.Done, Priority: ticket.Normal, AssigneeID: boris, AssigneeName: "Борис",
			OpenedAt: noon(), TakenAt: noon(), ClosedAt: noon(),
		}}
	}
	return page, nil
}

// fetches begins to fetch the file of such a world.
func (e *endless) fetches(t *testing.T) (io.Reader, *world) {
	t.Helper()
	w := newWorld(t, func(o *panel.Options) { o.Stats = stats.New(e, moscow(), func() time.Time { return noon() }) })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/stats/tickets.csv", nil)
	require.NoError(t, err)
	answer, err := w.as(boris).client.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = answer.Body.Close() })
	require.Equal(t, http.StatusOK, answer.StatusCode)
	return answer.Body, w
}

// TestAFileTakesNoMoreMemoryThanAPageHoweverManyTicketsItHas runs alone, since it
// looks at what the whole process holds. Of a million tickets it held no more
// either.
func TestAFileTakesNoMoreMemoryThanAPageHoweverManyTicketsItHas(t *testing.T) { //nolint:paralleltest // see above
	const tickets, page, looked = 250_000, 500, 50
	var least, most uint64
	e := &endless{tickets: tickets, before: func(n int) error {
		if n%looked != 1 {
			return nil
		}
		var now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&now)
		if least == 0 {
			least = now.HeapAlloc
		}
		most = max(most, now.HeapAlloc)
		return nil
	}}
	answer, _ := e.fetches(t)
	lines, last := 0, []byte{}
	for text := bufio.NewScanner(answer); text.Scan(); lines++ {
		last = append(last[:0], text.Bytes()...)
	}
	assert.Equal(t, tickets+1, lines)
	assert.True(t, bytes.HasPrefix(last, []byte("250000;")), "%s", last)
	assert.Equal(t, tickets/page+1, e.pages)
	assert.Less(t, most-least, uint64(4<<20), "the whole file is 33 MB")
}

func TestAFileArrivesWhileItIsRead(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	e := &endless{tickets: 700, before: func(page int) error {
		if page == 2 {
			<-arrived
		}
		return nil
	}}
	answer, _ := e.fetches(t)
	text := bufio.NewReader(answer)
	for range 501 {
		_, err := text.ReadString('\n')
		require.NoError(t, err, "the first page is here before the second is read")
	}
	close(arrived)
	rest, err := io.ReadAll(text)
	require.NoError(t, err)
	assert.Equal(t, 200, bytes.Count(rest, []byte("\n")))
}

func TestHalfAFileDoesNotLookLikeAWholeOne(t *testing.T) {
	t.Parallel()
	e := &endless{tickets: 700, before: func(page int) error {
		if page == 2 {
			return errors.New("the store is away")
		}
		return nil
	}}
	answer, w := e.fetches(t)
	_, err := io.ReadAll(answer)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Contains(t, w.log.String(), "a file of tickets was broken off")
}

func TestAFileOfWhichNothingIsReadIsAPageThatSaysSo(t *testing.T) {
	t.Parallel()
	away := ticket.NewError(ticket.CodeUnavailable, "the store is away", nil)
	e := &endless{tickets: 7, before: func(int) error { return away }}
	w := newWorld(t, func(o *panel.Options) { o.Stats = stats.New(e, moscow(), func() time.Time { return noon() }) })
	answer := w.as(boris).gets("/stats/tickets.csv")
	assert.Equal(t, http.StatusServiceUnavailable, answer.status)
	assert.Equal(t, "text/html; charset=utf-8", answer.header.Get("Content-Type"))
	assert.Empty(t, answer.header.Get("Content-Disposition"))
}
