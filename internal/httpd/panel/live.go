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

// liveStep is how many events are read at a time.
const liveStep = 200

// history is where what happened is read.
type history interface {
	// Settled gives the number of an event behind which none appears any more.
	Settled(ctx context.Context) (upTo int64, more bool, err error)
	Happened(ctx context.Context, h ticket.Stretch) ([]ticket.Event, error)
}

func (p *Panel) liveRoutes() []route {
	return []route{{"GET", "/live", managers, (*visit).streamChanges}}
}

// streamChanges tells the page, as server-sent events, which tickets changed: by
// number, so that the page asks anew for what it shows. panel.js reads it.
func (v *visit) streamChanges() error {
	reader := "panel:" + strconv.FormatInt(v.session.ID, 10)
	if err := v.Hub.Join(reader); err != nil {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(httpd.BeatPause.Seconds())))
		return v.refuse(http.StatusTooManyRequests, "error.limited")
	}
	defer v.Hub.Leave(reader)
	after, err := v.sinceWhen()
	if err != nil {
		return err
	}
	to := httpd.BeginEvents(v.w)
	if !to.Write("retry: 2000\n\n") {
		return nil
	}
	v.follow(to, after)
	return nil
}

// sinceWhen is the event after which a stream begins: the last one that its
// reader knows of, or the last there is.
func (v *visit) sinceWhen() (int64, error) {
	if last, err := strconv.ParseInt(v.r.Header.Get("Last-Event-ID"), 10, 64); err == nil && last > 0 {
		return last, nil
	}
	upTo, _, err := v.History.Settled(v.ctx())
	return upTo, err
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

// changed lists the tickets to which something happened, each once.
func (v *visit) changed(after, upTo int64) (string, error) {
	var numbers []string
	for after < upTo {
		events, err := v.History.Happened(v.ctx(), ticket.Stretch{After: after, UpTo: upTo, Limit: liveStep})
		if err != nil {
			return "", err
		}
		for _, e := range events {
			if number := strconv.FormatInt(e.TicketID, 10); !slices.Contains(numbers, number) {
				numbers = append(numbers, number)
			}
			after = e.ID
		}
		if len(events) < liveStep {
			break
		}
	}
	return strings.Join(numbers, ","), nil
}

// stillIn reports whether who reads a stream may go on.
func (v *visit) stillIn() bool {
	again := visit{Panel: v.Panel, w: v.w, r: v.r}
	return again.arrive() == nil && again.role > account.Nobody
}
