package telegramtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

var errCut = errors.New("connection cut")

// Client calls the simulator without a network: no ports, no sockets, and fit for a bubble of testing/synctest.
func (s *Sim) Client() *http.Client { return &http.Client{Transport: transport{sim: s}} }

type transport struct{ sim *Sim }

var _ http.RoundTripper = transport{}

// RoundTrip has the simulator answer a request; a call cut off is io.ErrUnexpectedEOF, as on a real connection.
func (t transport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if r.Body != nil {
			err = errors.Join(err, r.Body.Close())
		}
	}()
	out := &recorder{header: http.Header{}, status: http.StatusOK}
	if cut := out.serve(t.sim, r); cut {
		return nil, fmt.Errorf("%w: %w", errCut, io.ErrUnexpectedEOF)
	}
	if err := r.Context().Err(); err != nil {
		return nil, fmt.Errorf("call the simulator: %w", err)
	}
	return &http.Response{
		Status: http.StatusText(out.status), StatusCode: out.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: out.header, Body: io.NopCloser(&out.body), ContentLength: int64(out.body.Len()), Request: r,
	}, nil
}

// recorder keeps what the simulator writes.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header    { return w.header }
func (w *recorder) WriteHeader(status int) { w.status = status }

func (w *recorder) Write(p []byte) (int, error) {
	return w.body.Write(p) //nolint:wrapcheck // a buffer's write never fails
}

// serve tells whether the simulator cut the connection.
func (w *recorder) serve(sim *Sim, r *http.Request) (cut bool) {
	defer func() {
		if caught := recover(); caught != nil {
			if err, ok := caught.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(caught)
			}
			cut = true
		}
	}()
	sim.ServeHTTP(w, r)
	return false
}
