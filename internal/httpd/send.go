package httpd

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// worthPacking is from how many bytes on an answer is compressed.
const worthPacking = 1 << 10

// Send sends a body, compressed where that is worth it and understood.
func Send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	header := w.Header()
	header.Add("Vary", "Accept-Encoding")
	if len(body) < worthPacking || !TakesGzip(r) {
		header.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body) // if the client has gone, nobody is left to tell
		return
	}
	header.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	packed, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // a level that there is
	_, _ = packed.Write(body)
	_ = packed.Close()
}

// TakesGzip reports whether a client understands gzip (RFC 9110, 12.5.3).
func TakesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight, said := strings.CutPrefix(strings.ReplaceAll(quality, " ", ""), "q=")
			return !said || strings.Trim(weight, "0.") != ""
		}
	}
	return false
}
