package crmtest

import (
	"io"
	"net/http"
)

// Serve makes an HTTP server's handler of a simulator, which a program finds at
// the server's own address in place of the vendor's. An answer that is lost, or
// never given, is a connection that breaks.
func Serve(sim http.RoundTripper) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.Clone(r.Context())
		asked.URL.Scheme, asked.URL.Host = "https", "example.amocrm.ru"
		if r.ContentLength == 0 {
			asked.Body = nil
		}
		answer, err := sim.RoundTrip(asked)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body) // whoever asked may be gone
	})
}
