package httpd

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	// lookPause is how often it is looked for what other processes did, and
	// lookAgain how soon again at the soonest: where something is not settled yet,
	// or much happens, each time of which every stream reads.
	lookPause, lookAgain = time.Second, 50 * time.Millisecond
	// writeTime is how long a reader may take for one write.
	writeTime = 30 * time.Second
	// maxStreams is how many streams a process has.
	maxStreams = 200
	// MaxOwnStreams is how many of them one reader may have.
	MaxOwnStreams = 5
)

// BeatPause is how often a silent stream says that it lives, and whoever reads it
// is looked at again.
const BeatPause = 15 * time.Second

// Why there is no room for a stream.
var (
	ErrOwnStreams = errors.New("the reader has too many streams open already")
	ErrStreams    = errors.New("too many streams are open")
)

// settled is how far the history goes.
type settled interface {
	// Settled gives the number of an event behind which none appears any more.
	Settled(ctx context.Context) (upTo int64, more bool, err error)
}

// Hub tells the streams of this process how far the history of all tickets goes.
// One of them looks for all, so that many readers ask the database no more than
// one.
type Hub struct {
	history settled
	log     zerolog.Logger
	wake    chan struct{} // something happened in this process
	ended   chan struct{} // closed when all streams must end

	mu      sync.Mutex
	upTo    int64
	changed chan struct{} // closed when upTo has grown
	streams int
	own     map[string]int     // of each reader
	stop    context.CancelFunc // ends who looks
}

// NewHub makes a hub over a history.
func NewHub(history settled, log zerolog.Logger) *Hub {
	return &Hub{
		history: history, log: log, changed: make(chan struct{}), wake: make(chan struct{}, 1), ended: make(chan struct{}), own: map[string]int{},
	}
}

// Join adds a reader's stream, unless there is no room for it.
func (h *Hub) Join(who string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.own[who] >= MaxOwnStreams:
		return ErrOwnStreams
	case h.streams >= maxStreams:
		return ErrStreams
	}
	h.own[who]++
	if h.streams++; h.streams == 1 {
		ctx, stop := context.WithCancel(context.Background())
		h.stop = stop
		go h.look(ctx)
	}
	return nil
}

// Leave takes it away.
func (h *Hub) Leave(who string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.own[who]--; h.own[who] == 0 {
		delete(h.own, who)
	}
	if h.streams--; h.streams == 0 {
		h.stop()
	}
}

// Now gives how far the history goes, and what is closed when it goes further.
func (h *Hub) Now() (int64, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.upTo, h.changed
}

// Since is the event behind which a stream begins: the last one that its reader
// knows, or, where that is negative, the last there is. Who knows what never
// happened had it of a database in whose place a copy was put.
func (h *Hub) Since(ctx context.Context, known int64) (int64, error) {
	upTo, more, err := h.history.Settled(ctx)
	switch {
	case err != nil || known < 0:
		return upTo, err
	case more: // what the reader knows may be settled only soon
		return known, nil
	}
	return min(known, upTo), nil
}

// Ended is closed when all streams must end.
func (h *Hub) Ended() <-chan struct{} { return h.ended }

// Happened says that something happened to tickets by this process.
func (h *Hub) Happened() {
	select {
	case h.wake <- struct{}{}:
	default: // who looks will see it, too
	}
}

// Start lets streams begin.
func (h *Hub) Start(context.Context) error { return nil }

// Stop ends all streams; their readers come back, to another process or this
// one, with the last number that they have. Twice is once.
func (h *Hub) Stop(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.ended:
	default:
		close(h.ended)
	}
	return nil
}

// look follows the history while somebody reads it.
func (h *Hub) look(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		case <-pause.C:
		}
		next := lookPause
		upTo, more, err := h.history.Settled(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			h.log.Warn().Str("fault", "database").Err(err).Msg("the history was not looked at for streams")
		case more:
			next = lookAgain
		}
		h.reached(upTo)
		pause.Reset(lookAgain)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		pause.Reset(next - lookAgain)
	}
}

// reached notes how far the history goes.
func (h *Hub) reached(upTo int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if upTo > h.upTo {
		h.upTo = upTo
		close(h.changed)
		h.changed = make(chan struct{})
	}
}

// EventStream is an answer of server-sent events.
type EventStream struct {
	w    http.ResponseWriter
	to   *http.ResponseController
	ends bool // with its beginning
}

// BeginEvents begins to answer with events. Who asks for the head alone has all of
// the answer with it, and goes on to ask by the same connection.
func BeginEvents(w http.ResponseWriter, r *http.Request) *EventStream {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // a proxy that collects would keep it
	w.WriteHeader(http.StatusOK)
	return &EventStream{w: w, to: http.NewResponseController(w), ends: r.Method == http.MethodHead}
}

// Write sends something at once, and reports whether the reader is there.
func (s *EventStream) Write(text string) bool {
	if s.ends {
		return false
	}
	deadline := time.Now().Add(writeTime) //nolint:forbidigo // a connection's, whatever the program's clock says
	_ = s.to.SetWriteDeadline(deadline)   // where it cannot be set, as in a test, there is none
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.to.Flush() == nil
}
