package api

import "context"

// Received is how an upload is taken in.
var Received = received

// Stop ends all streams.
func (a *API) Stop(ctx context.Context) error { return a.Hub.Stop(ctx) }
