package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

const (
	// lookPause is how often it is looked for what other processes did, and
	// lookAgain how soon again where something is not settled yet.
	lookPause, lookAgain = time.Second, 50 * time.Millisecond
	// beatPause is how often a silent stream says that it lives, and whoever
	// reads it is looked at again.
	beatPause = 15 * time.Second
	// writeTime is how long a reader may take for one write.
	writeTime = 30 * time.Second
	// streamStep is how many events are read at a time.
	streamStep = 200
	// maxStreams is how many streams a process has.
	maxStreams = 200
	// maxOwnStreams is how many of them one caller may have.
	maxOwnStreams = 5
)

// history is where what happened is read.
type history interface {
	// Settled gives the number of an event behind which none appears any more.
	Settled(ctx context.Context) (upTo int64, more bool, err error)
	Happened(ctx context.Context, h ticket.Stretch) ([]ticket.Event, error)
}

// hub tells the streams of this process how far the history goes. One of them
// looks for all, so that many readers ask the database no more than one.
type hub struct {
	mu      sync.Mutex
	upTo    int64
	changed chan struct{} // closed when upTo has grown
	wake    chan struct{} // something happened in this process
	ended   chan struct{} // closed when all streams must end
	streams int
	own     map[string]int     // of each caller
	stop    context.CancelFunc // ends who looks
}

func newHub() *hub {
	return &hub{changed: make(chan struct{}), wake: make(chan struct{}, 1), ended: make(chan struct{}), own: map[string]int{}}
}

// join adds a caller's stream, unless there is no room for it.
func (h *hub) join(who string, look func(ctx context.Context)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.own[who] >= maxOwnStreams:
		p := problem(http.StatusTooManyRequests, string(ticket.CodeLimited), "the caller has "+strconv.Itoa(maxOwnStreams)+" streams open already")
		p.after = beatPause
		return p
	case h.streams >= maxStreams:
		p := problem(http.StatusServiceUnavailable, string(ticket.CodeUnavailable), "too many streams are open")
		p.after = lookPause
		return p
	}
	h.own[who]++
	if h.streams++; h.streams == 1 {
		ctx, stop := context.WithCancel(context.Background())
		h.stop = stop
		go look(ctx)
	}
	return nil
}

func (h *hub) leave(who string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.own[who]--; h.own[who] == 0 {
		delete(h.own, who)
	}
	if h.streams--; h.streams == 0 {
		h.stop()
	}
}

// reached notes how far the history goes.
func (h *hub) reached(upTo int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if upTo > h.upTo {
		h.upTo = upTo
		close(h.changed)
		h.changed = make(chan struct{})
	}
}

// now gives how far it goes, and what is closed when it goes further.
func (h *hub) now() (int64, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.upTo, h.changed
}

// Happened says that something happened to tickets by this process.
func (a *API) Happened() {
	select {
	case a.hub.wake <- struct{}{}:
	default: // who looks will see it, too
	}
}

// Start lets streams begin.
func (a *API) Start(context.Context) error { return nil }

// Stop ends all streams; their readers come back, to another process or this
// one, with the last number that they have. Twice is once.
func (a *API) Stop(context.Context) error {
	a.hub.mu.Lock()
	defer a.hub.mu.Unlock()
	select {
	case <-a.hub.ended:
	default:
		close(a.hub.ended)
	}
	return nil
}

// look follows the history while somebody reads it.
func (a *API) look(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.hub.wake:
		case <-pause.C:
		}
		next := lookPause
		upTo, more, err := a.History.Settled(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			a.Log.Warn().Err(err).Msg("the history was not looked at for streams")
		case more:
			next = lookAgain
		}
		a.hub.reached(upTo)
		pause.Reset(next)
	}
}

type streamInput struct {
	Last string `header:"Last-Event-ID" maxLength:"20" pattern:"^[0-9]*$" doc:"The id of the last event that is known: what happened since comes first."`
}

// streamEvents tells what happens, as it happens.
func (a *API) streamEvents(w http.ResponseWriter, r *http.Request, in *streamInput) error {
	who := callerOf(r.Context()).name()
	if err := a.hub.join(who, a.look); err != nil { //nolint:contextcheck // who looks does so for all streams
		return err
	}
	defer a.hub.leave(who)
	after, err := a.beginning(r.Context(), in.Last)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // a proxy that collects would keep it
	w.WriteHeader(http.StatusOK)
	s := stream{api: a, to: http.NewResponseController(w), w: w, who: callerOf(r.Context()), after: after}
	s.run(r)
	return nil
}

// beginning is where a stream begins: after what its reader knows, or now.
func (a *API) beginning(ctx context.Context, last string) (int64, error) {
	if last == "" {
		upTo, _, err := a.History.Settled(ctx)
		return upTo, err
	}
	after, err := strconv.ParseInt(last, 10, 64)
	if err != nil {
		return 0, invalid(FieldFault{Location: "header.Last-Event-ID", Message: "is no number of an event"})
	}
	return after, nil
}

// stream is one reader of what happens.
type stream struct {
	api   *API
	to    *http.ResponseController
	w     http.ResponseWriter
	who   caller
	after int64
}

// run writes until the reader goes, may not read any more, or all streams end.
func (s *stream) run(r *http.Request) {
	beat := time.NewTicker(beatPause)
	defer beat.Stop()
	if !s.write("retry: 2000\n\n") {
		return
	}
	for {
		upTo, changed := s.api.hub.now()
		if !s.tell(r.Context(), upTo) {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-s.api.hub.ended:
			return
		case <-beat.C:
			if who, err := s.api.authenticate(r); err != nil || who.authorize(streamOperation()) != nil || !s.write(": \n\n") {
				return
			}
		}
	}
}

// tell writes what happened up to a number.
func (s *stream) tell(ctx context.Context, upTo int64) bool {
	for s.after < upTo {
		events, err := s.api.History.Happened(ctx, ticket.Stretch{After: s.after, UpTo: upTo, Owner: s.who.owner, Limit: streamStep})
		if err != nil {
			return false // the reader comes back
		}
		for _, e := range events {
			if s.who.hears(e) && !s.tellOne(e) {
				return false
			}
			s.after = e.ID
		}
		if len(events) < streamStep {
			s.after = upTo
		}
	}
	return true
}

func (s *stream) tellOne(e ticket.Event) bool {
	text, err := json.Marshal(s.who.viewEvent(e))
	return err == nil && s.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, text))
}

// write sends something at once, and reports whether the reader is there.
func (s *stream) write(text string) bool {
	_ = s.to.SetWriteDeadline(inTime(writeTime)) // where it cannot be set, as in a test, there is none
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.to.Flush() == nil
}

func streamOperation() *operation {
	return &operation{
		ID: "streamEvents", Method: "GET", Path: root + "/events", Tag: "Tickets", Summary: "What happens to tickets, as it happens",
		Details: "Server-sent events, on every process. Who comes back with Last-Event-ID misses nothing.",
		Scope:   account.ScopeTicketsRead, Owners: true,
	}
}

func (a *API) aboutEvents() {
	addRaw(a, *streamOperation(), a.streamEvents, func(doc *huma.Operation) {
		doc.Responses["200"] = &huma.Response{
			Description: "Events: id is its number, event its kind, data an Event.",
			Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}
	})
}
