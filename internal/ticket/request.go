package ticket

import (
	"context"
	"time"
)

// requestKey is the context's key of the request id.
type requestKey struct{}

// WithRequestID gives a context that carries the id of the request it serves:
// of one update, one HTTP request or one outbox row. Everything stored and
// logged on its behalf bears it, from the first line to the last message.
func WithRequestID(ctx context.Context, id string) context.Context {
	if id == "" || id == RequestID(ctx) {
		return ctx
	}
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID gives the id of the request that the context serves, empty for none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// OwnRequest gives a context that carries a request id of the program's own:
// for what nobody asked for, such as a reminder. It says what is done, and when
// that began.
func OwnRequest(ctx context.Context, doing string, now time.Time) context.Context {
	return WithRequestID(ctx, doing+"-"+now.UTC().Format("20060102T150405.000"))
}
