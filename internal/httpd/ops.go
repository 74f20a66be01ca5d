package httpd

import (
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/rs/zerolog"
)

// Ops is what the operations listener needs.
type Ops struct {
	// Checks are what /readyz asks, in the order in which it shows them.
	Checks []Check
	// Metrics serves /metrics.
	Metrics http.Handler
	// Count counts the requests.
	Count counter
	Log   zerolog.Logger
	Now   func() time.Time
}

// NewOps makes the operations handler: /livez, /readyz, /metrics and
// /debug/pprof/. It is for the machine's own network: nobody signs in.
func NewOps(o Ops) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", live)
	mux.HandleFunc("GET /readyz", ready(o.Checks))
	mux.Handle("GET /metrics", o.Metrics)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	return withRequestID(accounted{next: mux, count: o.Count, log: o.Log, now: o.Now})
}
