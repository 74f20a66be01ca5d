package httpd

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// probeTimeout is how long a check may take, well under what a scheduler
// grants a health request.
const probeTimeout = 3 * time.Second

// Status is what a check found.
type Status struct {
	OK bool
	// Age is how long ago the thing last worked, or how long it waits; 0 where
	// that means nothing.
	Age time.Duration
	// Reason says what is wrong, for the operator; no secrets, no names.
	Reason string
}

// Check is one thing that the program needs in order to do its work.
type Check struct {
	Name string
	// Degrades marks a thing without which the main job is still done: its
	// failing is named, and the answer stays 200.
	Degrades bool
	// Probe looks. It must end when ctx does.
	Probe func(ctx context.Context) Status
}

// The words for a check's outcome, and for that of all together.
const (
	stateOK       = "ok"
	stateDegraded = "degraded"
	stateFailed   = "failed"
)

type readiness struct {
	Status string  `json:"status"`
	Checks []State `json:"checks"`
}

// State is what a check found, in the words of /readyz.
type State struct {
	Name   string  `json:"name"`
	Status string  `json:"status"`
	Age    float64 `json:"age_seconds"`
	Reason string  `json:"reason,omitempty"`
	// Degrades says that the main job is done without it.
	Degrades bool `json:"degrades,omitempty"`
}

// live answers as long as the process can answer at all. It asks nothing of
// others, since a restart would not mend them.
func live(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": stateOK})
}

// ready says whether this process does its work, and names what keeps it.
func ready(checks []Check) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer := readiness{Status: stateOK, Checks: Look(r.Context(), checks)}
		for _, c := range answer.Checks {
			switch {
			case c.Status == stateFailed:
				answer.Status = stateFailed
			case c.Status == stateDegraded && answer.Status == stateOK:
				answer.Status = stateDegraded
			}
		}
		status := http.StatusOK
		if answer.Status == stateFailed {
			status = http.StatusServiceUnavailable
		}
		writeJSON(w, status, answer)
	}
}

// Look makes all checks, as /readyz does.
func Look(ctx context.Context, checks []Check) []State {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return probeAll(ctx, checks)
}

// probeAll makes all checks at once, so that a slow one delays no other.
func probeAll(ctx context.Context, checks []Check) []State {
	states := make([]State, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() { states[i] = c.state(ctx) })
	}
	all.Wait()
	return states
}

func (c Check) state(ctx context.Context) State {
	found := c.probe(ctx)
	state := State{Name: c.Name, Status: stateOK, Degrades: c.Degrades, Age: found.Age.Seconds(), Reason: found.Reason}
	if !found.OK {
		state.Status = stateFailed
		if c.Degrades {
			state.Status = stateDegraded
		}
	}
	return state
}

// probe looks, and takes a panic or silence for a failure: the answer about
// health must come whatever is ill.
func (c Check) probe(ctx context.Context) Status {
	found := make(chan Status, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				found <- Status{Reason: fmt.Sprintf("the check itself failed: %T", p)}
			}
		}()
		found <- c.Probe(ctx)
	}()
	select {
	case s := <-found:
		return s
	case <-ctx.Done():
		return Status{Reason: "no answer in time"}
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil { // a NaN, say: the values are our own
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // if the client has gone, nobody is left to tell
}
