package demo

import (
	"fmt"
	"net/http"
	"time"
)

// events streams what happens: everything at first, then each change. A page
// that comes back gets everything again, so nothing is lost in between.
func events(in *world, w http.ResponseWriter, r *http.Request) error {
	v := in.feed.watch()
	defer v.leave()
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	out := stream{w: w, control: http.NewResponseController(w)}
	if !out.send([]byte(retryDelay)) {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			if !out.send([]byte(":\n\n")) {
				return nil
			}
		case <-v.wake:
			frames, err := v.take()
			if err != nil {
				return err
			}
			for _, f := range frames {
				if !out.send(fmt.Appendf(nil, "event: %s\ndata: %s\n\n", f.name, f.data)) {
					return nil
				}
			}
		}
	}
}

// stream writes to a browser, which has a limited time to take each event.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// send tells whether the browser is still there.
func (s stream) send(event []byte) bool {
	deadline := time.Now().Add(writeTime) //nolint:forbidigo // a socket's deadline is on the machine's clock
	if s.control.SetWriteDeadline(deadline) != nil {
		return false
	}
	if _, err := s.w.Write(event); err != nil {
		return false
	}
	return s.control.Flush() == nil
}
