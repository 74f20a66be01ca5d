package telegram

import (
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// TroubleStore is the trouble of updates that arrived and cannot be stored.
const TroubleStore = "store"

// PollState is how polling fares: for /readyz and the panel.
type PollState struct {
	LastSuccess time.Time // when Telegram last answered a poll; zero for never
	Trouble     string    // what hinders now: a Class's name, [TroubleStore] or "undecoded"; empty if nothing
	Since       time.Time // since when
	Cause       string    // what the last failure said
	Failures    int       // how many in a row
	Updates     int64     // taken in since the start
	Undecoded   int64     // given up, since they had no id
}

// record keeps the state, and logs a trouble and its end: "fault" has the log tell
// of it once a minute.
type record struct {
	log   zerolog.Logger
	clock func() time.Time

	mu    sync.Mutex
	state PollState
}

func (r *record) now() PollState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// failed notes one failure of a kind, and counts those in a row.
func (r *record) failed(kind string, err error) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	if r.state.Trouble == "" {
		r.state.Since = now
	}
	r.state.Trouble, r.state.Cause = kind, err.Error()
	r.state.Failures++
	r.log.Warn().Str("fault", "polling").Err(err).Str("trouble", kind).Msg("no updates for now; trying on")
	return r.state.Failures
}

// answered notes that Telegram answered a poll.
func (r *record) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.LastSuccess = r.clock()
}

// recovered notes a poll whose updates, if any, are stored.
func (r *record) recovered(updates, undecoded int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Updates += int64(updates)
	r.state.Undecoded += int64(undecoded)
	if undecoded > 0 {
		r.log.Error().Int("updates", undecoded).Msg("updates without an id were given up")
	}
	if r.state.Failures > 0 {
		r.log.Info().Str("fault", "polling").Str("trouble", r.state.Trouble).Int("failures", r.state.Failures).
			Dur("lasted", r.clock().Sub(r.state.Since)).Msg("updates come again")
	}
	r.state.Trouble, r.state.Cause, r.state.Since, r.state.Failures = "", "", time.Time{}, 0
}
