package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// said is a line of the log, as who reads a story looks at it.
type said struct {
	Level   string
	Request string `json:"request_id"`
	Update  int64  `json:"update_id"`
	Ticket  int64
	Message string
	Kind    string
	Event   string
	Outcome string
}

// String is what happened, in a word or two.
func (s said) String() string {
	switch s.Message {
	case "ticket":
		return "ticket " + s.Event
	case "job":
		return s.Kind + " " + s.Outcome
	}
	return s.Message
}

// reads gives the lines of the log that hold all the parts, as grep does.
func (w *world) reads(parts ...string) (all []said) {
	w.Helper()
	for _, line := range w.log.with(parts...) {
		var s said
		require.NoError(w, json.Unmarshal([]byte(line), &s), line)
		all = append(all, s)
	}
	return all
}

// requestOf gives the request that something happened to a ticket by.
func (w *world) requestOf(event string) string {
	w.Helper()
	found := w.reads(fmt.Sprintf(`"event":%q`, event))
	require.Len(w, found, 1, event)
	require.NotEmpty(w, found[0].Request)
	return found[0].Request
}

// tellsOf looks whether all that one request brought about is in the log, whatever
// came first of what goes side by side.
func (w *world) tellsOf(request string, story ...string) {
	w.Helper()
	var told []string
	updates := map[int64]bool{}
	for _, s := range w.reads(fmt.Sprintf(`"request_id":%q`, request)) {
		if one := s.String(); !slices.Contains(told, one) { // what waits for the CRM, or of a card's edits, is one job
			told = append(told, one)
		}
		if s.Update != 0 {
			updates[s.Update] = true
		}
	}
	assert.ElementsMatch(w, story, told)
	assert.LessOrEqual(w, len(updates), 1, "it is one update's")
	assert.Equal(w, story[0], told[0], "it begins with what began it")
}

// TestOneRequestIDTellsTheWholeStory from the update to the last message that it
// caused, and to those of other systems.
func TestOneRequestIDTellsTheWholeStory(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		crm := companies(t)["bitrix24"]
		w := begin(t, append(settings, nearby, crm.uses)...)
		h := w.listens(takesAll)
		h.isTold()
		w.anna.Send(honda)
		card := w.card(honda)
		h.kinds(1)
		w.rests()
		w.tellsOf(w.requestOf("opened"), "update stored", "a VIN came", "ticket opened", "update handled",
			"say done", "card.post done", "webhook done", "crm done")

		w.takes(w.boris.In(w.group), card)
		h.kinds(2)
		w.rests()
		w.tellsOf(w.requestOf("taken"), "update stored", "Take was pressed", "ticket taken", "update handled",
			"press.answer done", "say done", "card.edit done", "webhook done", "crm done")

		w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
		h.kinds(4)
		w.rests()
		w.tellsOf(w.requestOf("report_received"), "update stored", "a report came", "ticket report_received", "update handled", "reaction done",
			"report.check done", "ticket report_accepted", "webhook done",
			"report.deliver done", "ticket delivered", "card.edit done", "report.archive done", "crm done")
		for _, m := range h.heard() {
			assert.NotEmpty(t, w.reads(fmt.Sprintf(`"request_id":%q`, m.requestID), `"kind":"webhook"`), "X-Request-ID is the log's")
		}
	})
}

// rests waits until nothing waits in any queue.
func (w *world) rests() {
	w.Helper()
	w.settled()
	w.hooksSettled()
	require.Eventually(w, func() bool {
		return w.look(`SELECT count(*) FROM crm_jobs WHERE state IN ('waiting', 'leased')`) == 0
	}, patience, 10*time.Millisecond, "something still waits for the CRM")
}

// TestTheLogTellsATicketsStoryWithoutNoise at the level info: one line for each
// thing that happened to it, and for each message that is more than a look.
func TestTheLogTellsATicketsStoryWithoutNoise(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.settled()
	w.takes(w.boris.In(w.group), card)
	w.settled()
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.settled()
	var told []string
	for _, s := range w.reads(`"ticket":1,`) {
		if s.Level != "debug" {
			told = append(told, s.String())
		}
	}
	first := told[1:3] // they go side by side
	slices.Sort(first)
	assert.Equal(t, []string{
		"ticket opened", "card.post done", "say done",
		"ticket taken", "say done",
		"ticket report_received", "report.check done", "ticket report_accepted",
		"report.deliver done", "ticket delivered", "report.archive done",
	}, eventsFirst(told))
}

// eventsFirst has what a job did follow what it brought about, as in the other
// cases: the outcome of a job is written before the job is said to be done.
func eventsFirst(told []string) []string {
	for i := range told[1:] {
		if told[i] == "ticket delivered" && told[i+1] == "report.deliver done" || told[i] == "ticket report_accepted" && told[i+1] == "report.check done" {
			told[i], told[i+1] = told[i+1], told[i]
		}
	}
	return told
}

// TestARequestOfAProgramIsFollowed by the id that it brought along.
func TestARequestOfAProgramIsFollowed(t *testing.T) {
	t.Parallel()
	w := begin(t, served, nearby)
	h := w.listens(takesAll)
	h.isTold()
	p := w.program()
	open := func(id, vin string) string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+w.app.HTTPAddr()+"/api/v1/tickets", strings.NewReader(`{"vin":"`+vin+`"}`))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+p.secret)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Request-ID", id)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusCreated, answer.StatusCode)
		return answer.Header.Get("X-Request-ID")
	}
	assert.Equal(t, "order-17.a", open("order-17.a", honda))
	w.card(honda)
	h.kinds(1)
	w.rests()
	w.tellsOf("order-17.a", "ticket opened", "request served", "card.post done", "webhook done")
	assert.Equal(t, "order-17.a", h.heard()[0].requestID)

	assert.NotEqual(t, bmw, open(bmw, bmw), "what looks like a VIN is no id: it would be in the log")
	w.card(bmw)
}

// TestAReminderHasARequestOfItsOwn, since nobody asked for it.
func TestAReminderHasARequestOfItsOwn(t *testing.T) {
	t.Parallel()
	w := begin(t, withDeadlines)
	w.anna.Send(honda)
	w.card(honda)
	w.andAgain(16 * time.Minute)
	w.sees(w.group, telegramtest.Containing("⏰", "№1"))
	w.settled()
	request := w.requestOf("overdue")
	assert.Regexp(t, `^sla-\d{8}T\d{6}\.\d{3}$`, request)
	w.tellsOf(request, "ticket overdue", "the time of tickets is up", "sla.remind done")
}
