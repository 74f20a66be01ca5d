package api

import (
	"encoding/json"
	"net/http"

	"vinbot/internal/httpd"
)

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
	httpd.Send(w, r, ans.status, append(text, '\n'))
}
