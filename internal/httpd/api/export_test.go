package api

import (
	"context"
	"io"

	"vinbot/internal/httpd"
)

// Received is how an upload is taken in, and what its sender is told.
func Received(into io.Writer, body io.Reader) (int64, error) {
	size, err := httpd.Receive(into, body)
	return size, unreceived(err)
}

// Stop ends all streams.
func (a *API) Stop(ctx context.Context) error { return a.Hub.Stop(ctx) }
