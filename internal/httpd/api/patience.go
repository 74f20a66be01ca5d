package api

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// usualPatience is how long a request may take, but for what is sent and fetched.
const usualPatience = 15 * time.Second

// errLate says that something took too long.
var errLate = errors.New("it took too long")

// result is what became of something.
type result[T any] struct {
	value T
	err   error
	panic *httpd.Panicked
}

// patiently does something, or says in time that it takes too long, whatever the
// store waits for. What waits is not done any more, what is being written may be:
// who gave their request a name asks again and learns it.
func patiently[T any](ctx context.Context, patience time.Duration, do func(ctx context.Context) (T, error)) (T, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	end := make(chan result[T], 1)
	go func() {
		var r result[T]
		defer func() {
			if p := recover(); p != nil {
				r.panic = &httpd.Panicked{Value: p, Stack: debug.Stack()}
			}
			end <- r
		}()
		r.value, r.err = do(limited)
	}()
	var none T
	select {
	case r := <-end:
		switch {
		case r.panic != nil:
			panic(*r.panic)
		case r.err != nil && limited.Err() != nil && errors.Is(r.err, limited.Err()):
			return none, late(ctx, r.err)
		}
		return r.value, r.err
	case <-limited.Done():
		return none, late(ctx, errLate)
	}
}

// late is what is answered to a request that took too long. Who has gone reads it
// nowhere.
func late(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err() //nolint:wrapcheck // of who has gone
	}
	return ticket.NewError(ticket.CodeUnavailable, http.StatusText(http.StatusServiceUnavailable), cause)
}
