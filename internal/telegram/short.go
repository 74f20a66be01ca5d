package telegram

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// Most calls send a text, or change one. For each the library hands a form over
// in twenty pieces, from a goroutine to another, and reads the whole answer
// twice. Telegram takes an object as well, and of the answer nobody asks for
// more than the message's id: together that is half of a call's cost.

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

// sentAs is how an answer about a message begins: with its id.
const sentAs = `{"ok":true,"result":{"message_id":`

// shorten gives an answer about a message without what nobody asks for. One that
// begins otherwise stays as it is, and so does one that was cut off.
func shorten(answer []byte) []byte {
	rest, ok := bytes.CutPrefix(answer, []byte(sentAs))
	digits := 0
	for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
		digits++
	}
	end := []byte("}}")
	if !ok || digits == 0 || !bytes.HasSuffix(rest[digits:], end) {
		return answer
	}
	return slices.Concat(answer[:len(sentAs)+digits], end)
}
