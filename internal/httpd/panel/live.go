package panel

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// mostTold is of how many events a page is told which tickets they are about.
const mostTold = 200

// anyTicket tells a page that any ticket may have changed.
const anyTicket = "all"

// history is where what happened is read.
type history interface {
	Happened(ctx context.Context, h ticket.Stretch) ([]ticket.Event, error)
}

func (p *Panel) liveRoutes() []route {
	return []route{{"GET", "/live", managers, (*visit).streamChanges}}
}

// streamChanges tells the page, as server-sent events, which tickets changed: by
// number, so that the page asks anew for what it shows. panel.js reads it.
func (v *visit) streamChanges() error {
	reader := "panel:" + number(v.session.ID)
	if err := v.Hub.Join(reader); err != nil {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(httpd.BeatPause.Seconds())))
		return v.refuse(http.StatusTooManyRequests, "error.limited")
	}
	defer v.Hub.Leave(reader)
	after, err := v.sinceWhen()
	if err != nil {
		return err
	}
	to := httpd.BeginEvents(v.w, v.r)
	if !to.Write("retry: 2000\n\n") {
		return nil
	}
	v.follow(to, after)
	return nil
}

// sinceWhen is the event after which a stream begins: the last one that its
// reader knows of, or the last there is.
func (v *visit) sinceWhen() (int64, error) {
	known, err := strconv.ParseInt(v.r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil { // a page that was just opened knows none
		known = -1
	}
	return v.Hub.Since(v.ctx(), known)
}

// follow writes until the reader goes, may not read any more, or all streams end.
func (v *visit) follow(to *httpd.EventStream, after int64) {
	beat := time.NewTicker(httpd.BeatPause)
	defer beat.Stop()
	for {
		upTo, changed := v.Hub.Now()
		if upTo > after {
			tickets, err := v.changed(after, upTo)
			if err != nil || !to.Write(fmt.Sprintf("id: %d\nevent: tickets\ndata: %s\n\n", upTo, tickets)) {
				return // the reader comes back
			}
			after = upTo
		}
		select {
		case <-changed:
		case <-v.ctx().Done():
			return
		case <-v.Hub.Ended():
			return
		case <-beat.C:
			if !v.stillIn() || !to.Write(": \n\n") {
				return
			}
		}
	}
}

// changed lists the tickets to which something happened, each once; after more
// than can be listed, as to a page that was away for long, it is [anyTicket].
func (v *visit) changed(after, upTo int64) (string, error) {
	if upTo-after > mostTold {
		return anyTicket, nil
	}
	events, err := v.History.Happened(v.ctx(), ticket.Stretch{After: after, UpTo: upTo, Limit: mostTold})
	if err != nil {
		return "", err
	}
	var numbers []string
	for _, e := range events {
		if number := number(e.TicketID); !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	return strings.Join(numbers, ","), nil
}

// stillIn reports whether who reads a stream may go on.
func (v *visit) stillIn() bool {
	again := visit{Panel: v.Panel, w: v.w, r: v.r}
	return again.arrive() == nil && again.role > account.Nobody
}
