package panel_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// listener reads the stream of changes.
type listener struct {
	testing.TB
	lines *bufio.Scanner
	end   func()
}

// listens opens the stream, from an event on where one is named.
func (b *browser) listens(last string) *listener {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/live", http.NoBody)
	require.NoError(b, err)
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	answer, err := b.client.Do(request) //nolint:bodyclose // the listener does
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, answer.StatusCode)
	require.Equal(b, "text/event-stream", answer.Header.Get("Content-Type"))
	l := &listener{TB: b, lines: bufio.NewScanner(answer.Body), end: func() {
		cancel()
		_ = answer.Body.Close()
	}}
	b.Cleanup(l.end)
	require.True(b, l.lines.Scan())
	return l
}

// next gives the tickets of the next message; nothing at the end.
func (l *listener) next() string {
	for l.lines.Scan() {
		if data, ok := strings.CutPrefix(l.lines.Text(), "data: "); ok {
			return data
		}
	}
	return ""
}

func TestWhatChangesIsToldByNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(boris)
	live := b.listens("")
	_, _, err := w.tickets.Take(t.Context(), k.ID, ticket.Actor{ID: vera, Name: "Вера"})
	require.NoError(t, err)
	assert.Equal(t, "1", live.next())
	w.opens(8, bmw)
	assert.Equal(t, "2", live.next())
	live.end()
	_, _, err = w.tickets.Release(t.Context(), k.ID, ticket.Actor{ID: vera, Name: "Вера"})
	require.NoError(t, err)
	assert.Equal(t, "1,2", b.listens("1").next(), "who comes back misses nothing, and hears each once")
	require.NoError(t, w.hub.Stop(t.Context()))
	assert.Empty(t, b.listens("").next(), "it ends with the process")
}

func TestWhoKnowsWhatNeverHappenedIsToldWhatDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	live := w.as(boris).listens("987654") // of the database before a copy was put in its place
	w.opens(7, honda)
	assert.Equal(t, "1", live.next())
}

// happens has much happen to a ticket at once.
func (w *world) happens(k ticket.Ticket, often int) {
	w.Helper()
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, tx ticket.Tx) error {
		for range often {
			event := ticket.Event{TicketID: k.ID, Kind: ticket.EventPriority, From: k.Status, To: k.Status, Detail: string(ticket.High)}
			if err := tx.AddEvent(ctx, event); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestAfterMoreThanIsListedAnyTicketMayHaveChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	w.happens(k, 200)
	live := w.as(boris).listens("1")
	assert.Equal(t, "1", live.next())
	w.happens(k, 1)
	assert.Equal(t, "1", live.next())
	assert.Equal(t, "all", w.as(boris).listens("1").next())

	p := newBrowser(t).signIn(t, w, boris, desktop)
	p.goes(path(k, ""))
	p.until(`document.documentElement.dataset.connected === "yes"`)
	p.until(`document.querySelectorAll("#ticket time").length < 250`)
	w.happens(k, 201)
	p.until(`document.querySelectorAll("#ticket time").length > 400`)
}

func TestWhatAnotherProcessDoesIsToldToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	live := w.as(boris).listens("")
	other, err := store.Open(t.Context(), store.Options{Database: store.SQLite(w.file), Clock: w.now, Log: zerolog.Nop()})
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	groups := account.NewGroups([]ticket.Place{{Chat: group}}, other.Accounts())
	_, _, err = ticket.NewService(other, groups).Take(t.Context(), k.ID, ticket.Actor{ID: vera, Name: "Вера"})
	require.NoError(t, err)
	assert.Equal(t, "1", live.next())
}

func TestAPersonHasSoManyStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	for range 5 {
		b.listens("")
	}
	answer := b.gets("/live")
	assert.Equal(t, http.StatusTooManyRequests, answer.status)
	assert.NotEmpty(t, answer.header.Get("Retry-After"))
	w.as(vera).listens("")
}

func TestWhatOneDoesTheOtherSees(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	c := newBrowser(t)
	one, other := c.signIn(t, w, boris, desktop), c.signIn(t, w, vera, phone)
	for _, p := range []*tab{one, other} {
		p.until(`document.documentElement.dataset.connected === "yes"`)
	}
	other.until(`document.getElementById("queue").innerText.includes("#1")`)
	one.goes(path(k, ""))
	one.click("#take-1")
	one.reads("Исполнитель: вы")
	other.until(`document.getElementById("row-1").innerText.includes("Борис")`)
	w.opens(9, bmw)
	other.reads(bmw)

	other.forgive("ERR_")
	other.forgive("/live")
	require.NoError(t, w.hub.Stop(t.Context()))
	other.until(`document.getElementById("connection").innerText.includes("Связь потеряна")`)
}

func TestDeadlinesCountDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newBrowser(t).signIn(t, w, boris, desktop)
	at := func(d time.Duration) string { return w.now().Add(d).Format(time.RFC3339) }
	p.until(`(document.querySelector("main").insertAdjacentHTML("beforeend",
		'<p><time id="a" data-deadline="` + at(90*time.Minute+30*time.Second) + `"></time>' +
		'<time id="b" data-deadline="` + at(2*time.Minute+30*time.Second) + `"></time>' +
		'<time id="c" data-deadline="` + at(-25*time.Hour) + `"></time></p>'), true)`)
	p.until(`document.getElementById("a").innerText === "осталось 1 ч 30 мин"`)
	p.until(`document.getElementById("b").innerText === "осталось 2 мин" && document.getElementById("b").className === "soon"`)
	p.until(`document.getElementById("c").innerText === "просрочено на 1 дн 1 ч" && document.getElementById("c").className === "late"`)
}

func TestAPartInWhichSomebodyTypesIsLeftAloneUntilTheyAreDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newBrowser(t).signIn(t, w, boris, desktop)
	p.until(`document.documentElement.dataset.connected === "yes"`)
	p.until(`(() => {
		const part = document.getElementById("queue");
		part.insertAdjacentHTML("beforeend", '<input id="typed" aria-label="x">');
		part.insertAdjacentHTML("afterend", '<section id="probe" data-live="tickets" data-from="/"></section>');
		document.getElementById("typed").focus();
		return true;
	})()`)
	w.opens(7, honda)
	p.until(`document.querySelectorAll("#queue").length === 2`) // the probe has become another queue
	assert.True(t, value[bool](p, `document.activeElement === document.getElementById("typed")`))
	assert.False(t, value[bool](p, `document.getElementById("queue").innerText.includes("#1")`))
	p.until(`(document.activeElement.blur(), true)`)
	p.until(`!document.getElementById("typed") && document.getElementById("queue").innerText.includes("#1")`)
}
