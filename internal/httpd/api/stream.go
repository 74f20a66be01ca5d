package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// streamStep is how many events are read at a time.
const streamStep = 200

// history is where what happened is read.
type history interface {
	Happened(ctx context.Context, h ticket.Stretch) ([]ticket.Event, error)
}

// join adds a caller's stream, unless there is no room for it.
func (a *API) join(who string) error {
	err := a.Hub.Join(who)
	switch {
	case errors.Is(err, httpd.ErrOwnStreams):
		p := problem(http.StatusTooManyRequests, string(ticket.CodeLimited), "the caller has "+strconv.Itoa(httpd.MaxOwnStreams)+" streams open already")
		p.after = httpd.BeatPause
		return p
	case err != nil:
		p := problem(http.StatusServiceUnavailable, string(ticket.CodeUnavailable), "too many streams are open")
		p.after = time.Second
		return p
	}
	return nil
}

type streamInput struct {
	Last string `header:"Last-Event-ID" maxLength:"20" pattern:"^[0-9]*$" doc:"The id of the last event that is known: what happened since comes first."`
}

// streamEvents tells what happens, as it happens.
func (a *API) streamEvents(w http.ResponseWriter, r *http.Request, in *streamInput) error {
	who := callerOf(r.Context()).name()
	if err := a.join(who); err != nil { //nolint:contextcheck // who looks does so for all streams
		return err
	}
	defer a.Hub.Leave(who)
	after, err := patiently(r.Context(), a.Patience, func(ctx context.Context) (int64, error) { return a.beginning(ctx, in.Last) })
	if err != nil {
		return err
	}
	s := stream{api: a, to: httpd.BeginEvents(w, r), who: callerOf(r.Context()), after: after}
	s.run(r)
	return nil
}

// beginning is where a stream begins: after what its reader knows, or now.
func (a *API) beginning(ctx context.Context, last string) (int64, error) {
	if last == "" {
		return a.Hub.Since(ctx, -1)
	}
	known, err := strconv.ParseInt(last, 10, 64)
	if err != nil {
		return 0, invalid(FieldFault{Location: "header.Last-Event-ID", Message: "is no number of an event"})
	}
	return a.Hub.Since(ctx, known)
}

// stream is one reader of what happens.
type stream struct {
	api   *API
	to    *httpd.EventStream
	who   caller
	after int64
}

// run writes until the reader goes, may not read any more, or all streams end.
func (s *stream) run(r *http.Request) {
	beat := time.NewTicker(httpd.BeatPause)
	defer beat.Stop()
	if !s.to.Write("retry: 2000\n\n") {
		return
	}
	for {
		upTo, changed := s.api.Hub.Now()
		if !s.tell(r.Context(), upTo) {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-s.api.Hub.Ended():
			return
		case <-beat.C:
			if who, err := s.api.authenticate(r); err != nil || who.authorize(streamOperation()) != nil || !s.to.Write(": \n\n") {
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
	return err == nil && s.to.Write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, text))
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
