package api

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// worthPacking is from how many bytes on an answer is compressed.
const worthPacking = 1 << 10

// answer is what is answered to a request.
type answer struct {
	status  int
	headers map[string]string
	kind    string // the media type of the body
	body    any    // as JSON; nil for none
}

// write sends an answer. Nobody may keep it but for whom it is, and they must
// ask each time.
func (a *API) write(w http.ResponseWriter, r *http.Request, ans answer) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	for name, value := range ans.headers {
		header.Set(name, value)
	}
	if ans.body == nil {
		w.WriteHeader(ans.status)
		return
	}
	text, err := json.Marshal(ans.body)
	if err != nil { // what is answered is of our own types
		a.Log.Error().Err(err).Str("route", r.Pattern).Msg("an answer is no JSON")
		ans.status, text = http.StatusInternalServerError, nil
	}
	header.Set("Content-Type", ans.kind)
	send(w, r, ans.status, append(text, '\n'))
}

// send sends a body, compressed where that is worth it and understood.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	header := w.Header()
	header.Add("Vary", "Accept-Encoding")
	if len(body) < worthPacking || !takesGzip(r.Header.Get("Accept-Encoding")) {
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

// takesGzip reports whether a client understands gzip (RFC 9110, 12.5.3).
func takesGzip(accepted string) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight, said := strings.CutPrefix(strings.ReplaceAll(quality, " ", ""), "q=")
			return !said || strings.Trim(weight, "0.") != ""
		}
	}
	return false
}
