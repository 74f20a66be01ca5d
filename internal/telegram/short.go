package telegram

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/go-telegram/bot/models"
)

// Most calls send a text, or change one. For each the library hands a form over
// in twenty pieces, from a goroutine to another, and reads the whole answer
// twice. Telegram takes an object as well, and of the answer nobody asks for
// more than where the message is: together that is half of a call's cost.

// short reports whether a call goes out as an object and its answer is cut. Its
// parameters hold no file, and mean in JSON what they mean in the library's form.
func short(method string) bool {
	switch method {
	case methodSend, methodEdit, methodEditButtons:
		return true
	}
	return false
}

// object replaces the library's form by one JSON object.
func object(req *http.Request, params any) error {
	body := bytes.NewBuffer(make([]byte, 0, 1024))
	e := json.NewEncoder(body)
	e.SetEscapeHTML(false) // a text is HTML
	if err := e.Encode(params); err != nil {
		return fmt.Errorf("write the parameters: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	carry(req, body.Bytes())
	return nil
}

// placed is the least of a message: where it is.
type placed struct {
	ID              int `json:"message_id"`
	MessageThreadID int `json:"message_thread_id,omitempty"`
	Date            int `json:"date"`
	Chat            struct {
		ID   int64           `json:"id"`
		Type models.ChatType `json:"type"`
	} `json:"chat"`
}

// acceptance is an answer about a message.
type acceptance struct {
	OK     bool   `json:"ok"`
	Result placed `json:"result"`
}

// readPlaced reads where an accepted message is; false where the answer says no such thing.
func readPlaced(answer []byte) (placed, bool) {
	var a acceptance
	err := json.Unmarshal(answer, &a)
	return a.Result, err == nil && a.OK && a.Result.ID != 0
}

// shorten gives an answer about a message without what nobody asks for; any other as it
// is.
func shorten(answer []byte) []byte {
	m, ok := readPlaced(answer)
	if !ok {
		return answer
	}
	short, err := json.Marshal(acceptance{OK: true, Result: m})
	if err != nil {
		return answer
	}
	return short
}
